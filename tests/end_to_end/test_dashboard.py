"""The real program in a real terminal: real sockets, real keys."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import time
from pathlib import Path

import psutil

from tests.end_to_end.terminal import Terminal, needs_tmux, rounds
from tests.helpers import wait_until

pytestmark = needs_tmux


def descendants(terminal: Terminal) -> list[psutil.Process]:
    return psutil.Process(terminal.shell_pid).children(recursive=True)


def test_start_keys_resize_export_quit(folder: Path) -> None:
    with Terminal(folder) as terminal:
        terminal.udstui(environment={"COLUMNS": "120", "LINES": "40"})  # as some shells export them
        terminal.wait_for(lambda screen: re.search(r"p99 +[\d.]+ (ns|µs|ms)", screen), "the first figures")
        started: list[psutil.Process] = []

        def is_whole() -> bool:
            started[:] = descendants(terminal)
            # fewer while a generation is replaced
            return len(started) == 4 and len(list(folder.glob("udstui-*"))) == 1

        wait_until(is_whole, "the dashboard, the nursery, the probe and the service, and their folder")

        terminal.press("w")
        terminal.wait_for(lambda screen: "bulk-send" in screen and "GB/s" in screen, "throughput")
        terminal.press("]")
        terminal.wait_for(lambda screen: "1 MiB" in screen and rounds(screen), "figures of the next size")
        terminal.press("W")
        terminal.wait_for(lambda screen: "ping-pong" in screen and "round trip" in screen, "latency again")

        for width, height in ((80, 24), (60, 20), (120, 40)):
            terminal.resize(width, height)
            terminal.wait_for(
                lambda screen: len(re.findall(r"p50 *│", screen)) == 2 and "─ UDS ─" in screen and "─ TCP ─" in screen,
                f"both figures at {width}x{height}",
            )

        terminal.press("e")
        terminal.wait_for(lambda screen: "Cancel" in screen, "the dialog")
        terminal.press("Enter")
        terminal.wait_for(lambda screen: "exported" in screen, "word of the export")
        exported = next(folder.glob("*.csv"))
        with exported.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["workload"] for row in rows} >= {"ping-pong", "bulk-send"}
        assert {row["transport"] for row in rows} == {"uds", "tcp"}
        assert json.loads(exported.with_suffix(".json").read_text())["schema"] == "udstui.run/2"

        terminal.press("q")
        left = terminal.wait_for(lambda screen: "status:0" in screen, "the shell's prompt")
        assert not terminal.in_alternate_screen
        assert re.search(r"UDS is .* TCP|TCP is .* UDS|Not sure yet|Too early", left)
        assert "again without the dashboard: udstui run --size 1M" not in left, "the plan of now"
        assert "again without the dashboard: udstui run" in left
        wait_until(lambda: not any(process.is_running() for process in started), "the end of every process")
        assert not list(folder.glob("udstui-*/")), "no folder, and so no socket"
        terminal.type("stty -a")
        terminal.wait_for(
            lambda screen: re.search(r"[^-]echo\b", screen) and "-icanon" not in screen, "a sane terminal"
        )


def test_a_killed_server_and_a_killed_probe_are_started_again(folder: Path) -> None:
    with Terminal(folder) as terminal:
        terminal.udstui()
        terminal.wait_for(lambda screen: rounds(screen) >= 2, "two rounds")
        for which, word in ((-1, "server"), (1, "probe")):
            before = rounds(terminal.screen)
            note = f"the {'echo ' * (word == 'server')}{word}"

            again_at_s = [0.0]

            def is_told(
                screen: str, which: int = which, note: str = note, again_at_s: list[float] = again_at_s
            ) -> bool:
                """Kill until it is noticed: nobody misses what is killed while it is being replaced."""
                if note not in screen and time.monotonic() > again_at_s[0]:
                    again_at_s[0] = time.monotonic() + 3
                    with contextlib.suppress(psutil.NoSuchProcess, IndexError, ValueError):
                        (probe,) = psutil.Process(terminal.shell_pid).children()[0].children()[-1].children()
                        (probe.children()[-1] if which == -1 else probe).kill()
                return note in screen

            terminal.wait_for(is_told, "a note")
            terminal.wait_for(lambda screen, before=before: rounds(screen) > before + 2, "more rounds")
        terminal.press("q")
        terminal.wait_for(lambda screen: "status:0" in screen, "the shell's prompt")
        assert not list(folder.glob("udstui-*/"))


def test_without_a_terminal_it_names_udstui_run(folder: Path) -> None:
    with Terminal(folder) as terminal:
        for redirected in ("</dev/null", ">/dev/null", "2>/dev/null"):
            terminal.type("clear")
            terminal.udstui(redirected)
            screen = terminal.wait_for(lambda screen: "status:1" in screen, "the exit status")
            assert "use udstui run" in screen or redirected == "2>/dev/null"
            assert "Traceback" not in screen
