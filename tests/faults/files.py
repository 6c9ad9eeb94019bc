"""Disks that are full or read-only, and files and folders that are taken away while they are written."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.faults.fault import PATIENCE_S, Fault, Running, Scene, within
from tests.faults.signals import started_dashboard

SMALL_BYTES = 16 * 1024
_SHORT_ROUNDS = ("--interval", "5ms", "--warmup", "20ms")


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


def measuring(scene: Scene, command: str, csv_path: str) -> Running:
    """Long enough for any fault, with rows in its file already."""
    length = {"run": ("--duration", "60s"), "sweep": ("--sizes", "64,4K", "--passes", "1000")}
    program = scene.start(command, "--csv", csv_path, *length[command], *_SHORT_ROUNDS)
    within(PATIENCE_S, lambda: scene.rows(csv_path), "the first rows")
    return program


def says(scene: Scene, program: Running, wanted: str) -> None:
    """It ends with status 1 and one line that tells what happened."""
    assert program.ends() == 1
    lines = program.stderr.strip().splitlines()
    assert len(lines) == 1, program.stderr
    assert wanted in lines[0]
    scene.notes.append(lines[0].replace(str(scene.folder), "…"))


def disk_gets_full(command: str) -> Callable[[Scene], None]:
    """Only whole rows are in the file, all in their order, and the table shows what was measured."""

    def inflict(scene: Scene) -> None:
        disk = mount(scene, f"size={SMALL_BYTES}")
        program = measuring(scene, command, "disk/out.csv")
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


def json_does_not_fit(scene: Scene) -> None:
    """The older result stays until there is a newer one; the table is shown all the same."""
    disk = mount(scene, f"size={SMALL_BYTES}")
    (disk / "out.json").touch()
    fill(disk)
    run = scene.start("run", "--duration", "200ms", "--json", "disk/out.json")
    run.process.wait(PATIENCE_S)
    says(scene, run, "No space left on device")
    assert "p50" in run.stdout


def export_to_a_full_disk(scene: Scene) -> None:
    """It is said, nothing half-written is left, and another place gets every row."""
    disk = mount(scene, f"size={SMALL_BYTES}")
    fill(disk)
    terminal, _ = started_dashboard(scene)
    terminal.press("space")
    terminal.wait_for(lambda screen: "⏸ paused" in screen, "the pause")
    terminal.press("e")
    terminal.wait_for(lambda screen: "Cancel" in screen, "the dialog")
    terminal.type("disk/mine")
    terminal.wait_for(lambda screen: "not exported" in screen, "the failure")
    assert [path.name for path in disk.iterdir()] == ["rubbish"]
    scene.notes.append("not exported: … No space left on device; choose another place")
    terminal.press("Escape")
    terminal.wait_for(lambda screen: "Cancel" not in screen, "the end of the dialog")
    terminal.press("e")
    terminal.wait_for(lambda screen: "Cancel" in screen, "the dialog again")
    terminal.type("mine")
    terminal.wait_for(lambda screen: "exported" in screen, "the export")
    rounds = max(int(row["round"]) for row in scene.rows("mine.csv"))
    assert len(scene.rows("mine.csv")) == 2 * rounds
    terminal.press("q")
    terminal.wait_for(lambda screen: "status:0" in screen, "its end")


def nothing_can_be_written(scene: Scene) -> None:
    """Said before anything is measured."""
    mount(scene, "ro")
    says(scene, scene.start("run", "--csv", "disk/out.csv"), "Read-only file system")


def harmed(command: str, harm: Callable[[Path], object], wanted: str) -> Callable[[Scene], None]:
    """A file that is no longer what was written is said to be, at once."""

    def inflict(scene: Scene) -> None:
        (scene.folder / "results").mkdir()
        program = measuring(scene, command, "results/out.csv")
        scene.at_random(0.3)
        harm(scene.folder / "results" / "out.csv")
        says(scene, program, wanted)
        assert "UDS" in program.stdout

    return inflict


def reader_leaves(command: str) -> Callable[[Scene], None]:
    """A pipe takes rows for as long as somebody reads."""

    def inflict(scene: Scene) -> None:
        os.mkfifo(scene.folder / "pipe")
        length = {"run": ("--duration", "60s"), "sweep": ("--sizes", "64,4K", "--passes", "1000")}
        program = scene.start(command, "--csv", "pipe", *length[command], *_SHORT_ROUNDS)
        with (scene.folder / "pipe").open() as reader:
            assert reader.readline().startswith("run_id,")
            assert reader.readline()
        says(scene, program, "Broken pipe")
        assert "UDS" in program.stdout

    return inflict


def stdout_is_not_read(scene: Scene) -> None:
    """As in `udstui run | head -0`: no complaint, and the files are written."""
    read, write = os.pipe()
    run = scene.start("run", "--duration", "200ms", "--csv", "out.csv", "--json", "out.json", stdout=write)
    os.close(read)
    os.close(write)
    run.process.wait(PATIENCE_S)
    assert run.stderr == ""
    assert scene.rows("out.csv")
    assert (scene.folder / "out.json").stat().st_size


def private_folder_is_removed(scene: Scene) -> None:
    """As a cleaner of temporary files does: the lanes are made anew elsewhere, and the race goes on."""
    terminal, _ = started_dashboard(scene)
    (folder,) = scene.folder.glob("udstui-*")
    shutil.rmtree(folder)
    terminal.wait_for(lambda screen: "started again" in screen, "word of it")
    terminal.wait_for(lambda screen: "● measuring" in screen, "more figures")
    terminal.press("q")
    terminal.wait_for(lambda screen: "status:0" in screen, "its end")


_BOTH = ("run", "sweep")
FAULTS = (
    *(Fault("disk full while rows are written", name, disk_gets_full(name), missing=no_mounts) for name in _BOTH),
    Fault("no room for the JSON", "run", json_does_not_fit, missing=no_mounts),
    Fault("disk full while exporting", "dashboard", export_to_a_full_disk, missing=no_mounts),
    Fault("read-only file system", "run", nothing_can_be_written, missing=no_mounts),
    *(Fault("CSV removed", name, harmed(name, Path.unlink, "was removed while")) for name in _BOTH),
    *(
        Fault("CSV cut short", name, harmed(name, lambda path: os.truncate(path, 0), "was changed by somebody else"))
        for name in _BOTH
    ),
    *(
        Fault("folder removed", name, harmed(name, lambda path: shutil.rmtree(path.parent), "was removed while"))
        for name in _BOTH
    ),
    Fault("private folder removed", "dashboard", private_folder_is_removed),
    *(Fault("the reader of the CSV leaves", name, reader_leaves(name)) for name in _BOTH),
    Fault("nobody reads stdout", "run", stdout_is_not_read),
)
