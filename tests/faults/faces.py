"""The faces of udstui, alike for every fault: brought to where they measure, let do a little, ended, looked over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import psutil

from tests.end_to_end.terminal import Terminal
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Running, Scene, within

HEADLESS = ("run", "sweep")
SHORT_ROUNDS = ("--interval", "5ms", "--warmup", "20ms")
FIGURES = re.compile(r"p99 +[\d.]+ (ns|µs|ms)")
_PROBLEM = re.compile(r"cannot measure this.*|.*started again.*|.*times in a row.*")
_LONG = {"run": ("--duration", "60s"), "sweep": ("--sizes", "64", "--rounds", "1000")}
_A_LITTLE = {
    "run": ("run", "--duration", "200ms"),
    "sweep": ("sweep", "--sizes", "64", "--passes", "3", "--rounds", "1", *SHORT_ROUNDS),
}
Rows = list[dict[str, str]]


# --- run and sweep


def measuring(
    scene: Scene, command: str, *arguments: str, csv: str = "out.csv", rows: int = 1, **options: object
) -> Running:
    """A run or sweep that is long enough for any fault, with so many rows in its file already."""
    program = scene.start(command, "--csv", csv, *_LONG[command], *arguments, **options)  # type: ignore[arg-type]
    within(PATIENCE_S, lambda: len(scene.rows(csv)) >= rows or program.process.poll() is not None, "the first rows")
    assert program.process.poll() is None, program.stderr
    return program


def has_more_rows(scene: Scene, before: Rows, csv: str = "out.csv") -> None:
    """It measures on, and what it had is still there."""
    within(NO_HANG_S, lambda: len(scene.rows(csv)) > len(before) + 4, "more rows")
    assert scene.rows(csv)[: len(before)] == before


def says(scene: Scene, program: Running, wanted: str, within_s: float = NO_HANG_S) -> None:
    """It ends with status 1 and one line, on the pattern of `wanted`, that tells what happened."""
    assert program.ends(within_s) == 1, program.stderr
    assert program.stderr.startswith("udstui: ") and program.stderr.count("\n") == 1, program.stderr
    assert re.search(wanted, program.stderr), program.stderr
    scene.notes.append(sentence(scene, program.stderr))


def sentence(scene: Scene, text: str) -> str:
    """What was said, without what is another one each time."""
    said = text.strip().removeprefix("udstui: ").replace(f"{scene.folder}/", "")
    return re.sub(r"(unix|tcp):(//)?[\w/.:-]*\w", r"\1:…", said)


# --- the dashboard


def started_dashboard(
    scene: Scene, *arguments: str, wrapper: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> tuple[Terminal, list[psutil.Process]]:
    """With its first figures; itself, its probe and its service."""
    terminal = scene.terminal()
    terminal.udstui(*arguments, wrapper=wrapper, environment=environment)
    terminal.wait_for(FIGURES.search, "the first figures", PATIENCE_S)
    return terminal, psutil.Process(terminal.shell_pid).children(recursive=True)


def rounds(screen: str) -> int:
    """How many rounds of this segment the screen tells of."""
    found = re.search(r"round (\d+)", screen)
    return int(found[1]) if found else 0


def measures_on(terminal: Terminal, more: int = 1) -> None:
    """The number of rounds on the screen grows: what stands there already tells nothing."""
    before = rounds(terminal.screen)
    terminal.wait_for(lambda screen: rounds(screen) >= before + more, "more rounds")


def export(scene: Scene, terminal: Terminal, name: str = "mine") -> Rows:
    """By its key and dialog; the rows of the file: whole rounds, from the first to at least the last one shown."""
    shown = rounds(terminal.screen)
    ask_to_export(terminal, name)
    terminal.wait_for(lambda screen: "exported" in screen and "Cancel" not in screen, "the export")
    rows = scene.rows(f"{name}.csv")  # a whole path stays one
    numbers = [(int(row["segment"]), int(row["round"]), int(row["order"])) for row in rows]
    segment, last, _ = numbers[-1]
    lanes = {row["transport"] for row in rows}
    assert last >= shown, f"round {shown} was shown, {last} is the last exported"
    whole = [(segment, number, order) for number in range(1, last + 1) for order in range(1, len(lanes) + 1)]
    assert [one for one in numbers if one[0] == segment] == whole, "a round is missing, or there twice"
    return rows


def ask_to_export(terminal: Terminal, name: str) -> None:
    terminal.press("e")
    terminal.wait_for(lambda screen: "Cancel" in screen, "the dialog")
    terminal.type(name)


def quit_dashboard(terminal: Terminal, tree: Sequence[psutil.Process]) -> None:
    """By its key; the terminal is as it was, and no process that it had at first is left."""
    terminal.press("q")
    is_over(terminal, tree, 0)


def is_over(terminal: Terminal, tree: Sequence[psutil.Process], status: int) -> None:
    terminal.wait_for(lambda screen: f"status:{status}" in screen.replace("\n", ""), f"its end, with status {status}")
    terminal.assert_restored()
    within(NO_HANG_S, lambda: not any(process.is_running() for process in tree), "the end of every process")


# --- any face


def tries(
    scene: Scene,
    face: str,
    *arguments: str,
    wrapper: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Have it do a little, soon; "" when it could, or the one sentence that it said instead."""
    if face == "dashboard":
        return _dashboard_tries(scene, arguments, wrapper, environment)
    changes = dict(environment or {})
    if face == "serve":
        return _serve_tries(scene, arguments, wrapper, changes)
    program = scene.start(*_A_LITTLE[face], *arguments, wrapper=wrapper, environment=changes)
    status = program.ends()
    assert status in (0, 1), (status, program.stderr)
    if not status:
        assert not program.stderr, program.stderr
        assert "UDS" in program.stdout or "round trip" in program.stdout
        return ""
    return _one_sentence(scene, program)


def works(
    scene: Scene,
    face: str,
    *arguments: str,
    wrapper: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> None:
    said = tries(scene, face, *arguments, wrapper=wrapper, environment=environment)
    assert not said, said


def _one_sentence(scene: Scene, program: Running) -> str:
    assert program.stderr.startswith("udstui: ") and program.stderr.count("\n") == 1, program.stderr
    return sentence(scene, program.stderr)


def _serve_tries(
    scene: Scene, arguments: tuple[str, ...], wrapper: tuple[str, ...], environment: dict[str, str]
) -> str:
    """It listens and answers, or says why not; a client that it cannot serve is told by the end of his connection."""
    listen = ("--listen", f"unix:{scene.folder}/echo.sock")
    server = scene.start("serve", "echo", *listen, *arguments, wrapper=wrapper, environment=environment)
    server.wait_for_output("listens on|udstui: ", NO_HANG_S)
    if "listens on" not in server.stdout:
        assert server.ends() == 1
        return _one_sentence(scene, server)
    client = scene.start("send", f"unix:{scene.folder}/echo.sock", "hello")
    said = "" if (client.ends(), client.stdout) == (0, "hello") else _one_sentence(scene, client)
    server.process.terminate()
    assert server.ends() == 0
    return said


def _dashboard_tries(
    scene: Scene, arguments: tuple[str, ...], wrapper: tuple[str, ...], environment: Mapping[str, str] | None
) -> str:
    terminal = scene.terminal()
    terminal.udstui(*arguments, wrapper=wrapper, environment=environment)
    screen = terminal.wait_for(
        lambda screen: rounds(screen) or _PROBLEM.search(screen) or re.search(r"status:\d", screen),
        "figures, a sentence, or the end",
    )
    if "status:" in screen:
        is_over(terminal, (), 1)
        said = re.findall(r"^udstui: (.*)", terminal.scrollback, re.MULTILINE)
        assert len(said) == 1, terminal.scrollback
        return str(said[0])
    found = None if rounds(screen) else _PROBLEM.search(screen)
    quit_dashboard(terminal, psutil.Process(terminal.shell_pid).children(recursive=True))
    return sentence(scene, found[0].strip("│ ")) if found else ""
