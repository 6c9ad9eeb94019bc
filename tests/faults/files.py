"""Disks that are full or read-only, and files and folders that are taken away while they are written."""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from tests.faults.faces import (
    HEADLESS,
    SHORT_ROUNDS,
    ask_to_export,
    export,
    measures_on,
    measuring,
    quit_dashboard,
    rounds,
    says,
    started_dashboard,
)
from tests.faults.fault import NO_HANG_S, PATIENCE_S, Fault, Scene, within
from tests.faults.signals import answers
from udstui.recording.files import READER_PATIENCE_S

SMALL_BYTES = 16 * 1024
_PIPE_BYTES = 4096
_TO_FILL_IT_S = 5.0
"""What a few rows a round take to fill a pipe of one page; a sweep makes its lanes anew on the way."""


@cache
def no_mounts() -> str:
    """Why nothing can be mounted here; empty when it can."""
    if os.geteuid():
        return "mounting a small disk takes root"
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    return f"no mounts: {done.stderr.strip()}" if done.returncode else ""


def mount(scene: Scene, options: str) -> Path:
    """A disk of its own in the folder, gone again when the scene ends."""
    path = scene.folder / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    scene.on_leaving(lambda: subprocess.run(["umount", "--lazy", str(path)], check=True))
    return path


def fill(disk: Path) -> None:
    with (disk / "rubbish").open("wb") as file:
        for size in (4096, 512, 1):
            try:
                while True:
                    os.write(file.fileno(), bytes(size))
            except OSError:
                continue
    assert not shutil.disk_usage(disk).free


def disk_gets_full(command: str) -> Callable[[Scene], None]:
    """Only whole rows are in the file, all in their order, and the table shows what was measured."""

    def inflict(scene: Scene) -> None:
        disk = mount(scene, f"size={SMALL_BYTES}")
        program = measuring(scene, command, *SHORT_ROUNDS, csv="disk/out.csv")
        within(PATIENCE_S, lambda: program.process.poll() is not None, "the disk to be full")
        assert SMALL_BYTES - 4096 < (disk / "out.csv").stat().st_size <= SMALL_BYTES
        says(scene, program, "No space left on device")
        with (disk / "out.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert all(row["steal_percent"] is not None for row in rows), "a row was cut off"
        assert len(rows) == len(scene.rows("disk/out.csv"))
        assert len({(row["segment"], row["round"], row["order"]) for row in rows}) == len(rows)
        assert "UDS" in program.stdout

    return inflict


def json_does_not_fit(command: str, scene: Scene) -> None:
    """The older result stays until there is a newer one; the table is shown all the same."""
    disk = mount(scene, f"size={SMALL_BYTES}")
    (disk / "out.json").touch()
    fill(disk)
    length = {"run": ("--duration", "200ms"), "sweep": ("--sizes", "64,1K", "--rounds", "2", *SHORT_ROUNDS)}
    program = scene.start(command, *length[command], "--json", "disk/out.json")
    says(scene, program, "No space left on device")
    assert "p50" in program.stdout or "UDS : TCP" in program.stdout


def export_to(options: str, wanted: str, scene: Scene) -> None:
    """What cannot be is said, nothing half-written is left, and another place gets every row."""
    disk = mount(scene, options)
    if options != "ro":
        fill(disk)
    there = sorted(disk.iterdir())
    terminal, tree = started_dashboard(scene)
    terminal.press("space")
    terminal.wait_for(lambda screen: "⏸ paused" in screen, "the pause")
    ask_to_export(terminal, "disk/mine")
    terminal.wait_for(lambda screen: "not exported" in screen and wanted in screen, "the failure")
    assert sorted(disk.iterdir()) == there
    scene.notes.append(f"not exported: … {wanted} …; choose another place")
    terminal.press("Escape")
    terminal.wait_for(lambda screen: "Cancel" not in screen, "the end of the dialog")
    assert export(scene, terminal)
    quit_dashboard(terminal, tree)


def no_room_for_the_rows(scene: Scene) -> None:
    """The dashboard keeps its rows in TMPDIR. It goes on without them, says so, and exports what there was room for."""
    mount(scene, f"size={SMALL_BYTES}")
    terminal, tree = started_dashboard(
        scene,
        "--no-keep",
        *SHORT_ROUNDS,
        environment={"TMPDIR": str(scene.folder / "disk"), "XDG_STATE_HOME": str(scene.folder)},
    )
    terminal.wait_for(lambda screen: "cannot keep the rows: No space left" in screen, "word of it")
    scene.notes.append("cannot keep the rows: No space left on device; measuring goes on, but an export will lack rows")
    measures_on(terminal, 3)
    ask_to_export(terminal, "mine")
    terminal.wait_for(lambda screen: "exported" in screen and "Cancel" not in screen, "the export")
    text = (scene.folder / "mine.csv").read_text()
    rows = scene.rows("mine.csv")
    assert SMALL_BYTES - 4096 < len(text) <= SMALL_BYTES
    assert text.endswith("\n") and len(rows) == text.count("\n") - 1 == 2 * int(rows[-1]["round"])
    quit_dashboard(terminal, tree)


def full_stream(stream: str, scene: Scene) -> None:
    """Without an address nobody could find it, so it ends; without a log it serves."""
    with Path("/dev/full").open("w") as full:
        server = scene.start("serve", "echo", "--listen", "unix:echo.sock", **{stream: full})  # type: ignore[arg-type]
        if stream == "stdout":
            says(scene, server, "cannot write to stdout: No space left on device")
            return
        server.wait_for_output("listens on", NO_HANG_S)
        assert answers(scene)
        assert answers(scene)
        server.process.terminate()
        assert server.ends() == 0
        scene.notes.append("clients are served")


def nothing_can_be_written(command: str, scene: Scene) -> None:
    """Said before anything is measured."""
    mount(scene, "ro")
    says(scene, scene.start(command, "--csv", "disk/out.csv"), "Read-only file system")


def current_folder_is_gone(scene: Scene) -> None:
    """A name has no place to be; a whole path has."""
    (scene.folder / "gone").mkdir()
    terminal, tree = started_dashboard(scene, wrapper=("env", "--chdir=gone"))
    (scene.folder / "gone").rmdir()
    ask_to_export(terminal, "mine")
    terminal.wait_for(lambda screen: "the current folder is gone" in screen, "word of it")
    scene.notes.append("the current folder is gone; write a whole path, like /tmp/run")
    terminal.press("Escape")
    terminal.wait_for(lambda screen: "Cancel" not in screen, "the end of the dialog")
    measures_on(terminal)
    assert export(scene, terminal, str(scene.folder / "mine"))
    quit_dashboard(terminal, tree)


def harmed(command: str, harm: Callable[[Path], object], wanted: str) -> Callable[[Scene], None]:
    """A file that is no longer what was written is said to be, at once."""

    def inflict(scene: Scene) -> None:
        (scene.folder / "results").mkdir()
        program = measuring(scene, command, *SHORT_ROUNDS, csv="results/out.csv")
        scene.at_random(0.3)
        harm(scene.folder / "results" / "out.csv")
        says(scene, program, wanted)
        assert "UDS" in program.stdout

    return inflict


def a_pipe_to(command: str, reader: str, scene: Scene) -> None:
    """A pipe takes rows for as long as somebody reads; that nobody does is no reason to wait for ever."""
    os.mkfifo(scene.folder / "pipe")
    length = {"run": ("--duration", "60s"), "sweep": ("--sizes", "64,4K", "--passes", "1000")}
    program = scene.start(command, "--csv", "pipe", *length[command], *SHORT_ROUNDS)
    patience_s = READER_PATIENCE_S + _TO_FILL_IT_S
    if reader == "nobody":
        says(scene, program, "nobody reads that pipe", patience_s)
        return
    with (scene.folder / "pipe").open() as pipe:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        assert pipe.readline().startswith("run_id,")
        assert pipe.readline()
        if reader == "one who stalls":
            says(scene, program, f"its reader took nothing for {READER_PATIENCE_S:g} s", patience_s)
    if reader == "one who leaves":
        says(scene, program, "Broken pipe")
    assert "UDS" in program.stdout


def stdout_is_not_read(scene: Scene) -> None:
    """As in `udstui run | head -0`: no complaint, and the files are written."""
    read, write = os.pipe()
    run = scene.start("run", "--duration", "200ms", "--csv", "out.csv", "--json", "out.json", stdout=write)
    os.close(read)
    os.close(write)
    assert run.ends() == 1
    assert run.stderr == ""
    assert scene.rows("out.csv")
    assert (scene.folder / "out.json").stat().st_size


def private_folder_is_removed(scene: Scene) -> None:
    """As a cleaner of temporary files does: the lanes are made anew elsewhere, and the race goes on."""
    terminal, tree = started_dashboard(scene)
    shown = rounds(terminal.screen)

    removed_s = 0.0

    def has_word(screen: str) -> bool:
        """Young generations are replaced before they miss their folder: then it is that of the next one's turn."""
        nonlocal removed_s
        if "started again" not in screen and time.monotonic() > removed_s + NO_HANG_S:
            removed_s = time.monotonic()
            for folder in scene.folder.glob("udstui-*"):
                shutil.rmtree(folder, ignore_errors=True)
        return "started again" in screen or "║ restart" in screen

    terminal.wait_for(has_word, "word of it", PATIENCE_S)
    measures_on(terminal)
    assert len(export(scene, terminal)) > 2 * shown
    quit_dashboard(terminal, tree)


def _both(name: str, inflict: Callable[[str, Scene], None], missing: Callable[[], str] = lambda: "") -> list[Fault]:
    return [
        Fault(name, command, partial(inflict, command), missing=missing, quick=command == "run") for command in HEADLESS
    ]


FAULTS = (
    *(Fault("disk full while rows are written", name, disk_gets_full(name), missing=no_mounts) for name in HEADLESS),
    *_both("no room for the JSON", json_does_not_fit, no_mounts),
    Fault(
        "disk full while exporting",
        "dashboard",
        partial(export_to, f"size={SMALL_BYTES}", "No space left"),
        missing=no_mounts,
    ),
    Fault("disk full while rows are kept", "dashboard", no_room_for_the_rows, missing=no_mounts, quick=False),
    *(Fault(f"{name} on a full disk", "serve", partial(full_stream, name)) for name in ("stdout", "stderr")),
    *_both("read-only file system", nothing_can_be_written, no_mounts),
    Fault(
        "read-only file system",
        "dashboard",
        partial(export_to, "ro", "Read-only file"),
        missing=no_mounts,
        quick=False,
    ),
    Fault("current folder removed", "dashboard", current_folder_is_gone, quick=False),
    *(Fault("CSV removed", name, harmed(name, Path.unlink, "was removed while")) for name in HEADLESS),
    *(
        Fault("CSV cut short", name, harmed(name, lambda path: os.truncate(path, 0), "was changed by somebody else"))
        for name in HEADLESS
    ),
    *(
        Fault("folder removed", name, harmed(name, lambda path: shutil.rmtree(path.parent), "was removed while"))
        for name in HEADLESS
    ),
    Fault("private folder removed", "dashboard", private_folder_is_removed),
    *(
        Fault(f"CSV on a pipe to {reader}", command, partial(a_pipe_to, command, reader), quick="leaves" in reader)
        for reader in ("one who leaves", "one who stalls", "nobody")
        for command in HEADLESS
    ),
    Fault("nobody reads stdout", "run", stdout_is_not_read),
)
