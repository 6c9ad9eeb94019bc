"""Files that are read back: without an end, through pipes, cut off, odd, and large."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.faults.faces import measuring, says
from tests.faults.fault import PATIENCE_S, Fault, Running, Scene

_ROUNDS_OF_LARGE = 20_000
_MEMORY_OF_LARGE = 400 * 2**20
"""Of addresses, which is more than what is held: what is mapped and never touched counts as well."""


def _recorded(scene: Scene) -> Path:
    program = measuring(scene, "run", "--interval", "5ms", rows=40)
    program.process.terminate()
    program.ends()
    return scene.folder / "out.csv"


def _ends_well(scene: Scene, program: Running) -> None:
    assert program.ends(PATIENCE_S) == 0, program.stderr
    assert "UDS" in program.stdout
    scene.notes.append(program.stdout.splitlines()[0])


def endless(scene: Scene) -> None:
    says(scene, scene.start("compare", "/dev/zero", "/dev/zero"), "was not written by udstui")


def endless_json(scene: Scene) -> None:
    """It begins like one of ours and has no end."""
    words = 'printf \'{"schema":"udstui.run/2","log":[\'; yes \'"x",\''
    shell = f"{sys.executable} -m udstui compare <({words}) <({words})"
    program = scene.start("compare", "-", "-", wrapper=("bash", "-c", shell))
    says(scene, program, "is larger than any run", PATIENCE_S)


def unwritten_pipe(scene: Scene) -> None:
    os.mkfifo(scene.folder / "pipe")
    says(scene, scene.start("compare", "pipe", "pipe"), "nobody writes to that pipe")


def substituted(scene: Scene) -> None:
    """As `<(zcat a.csv.gz)`, which can be read once."""
    path = _recorded(scene)
    path.with_name("a.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    shell = f"{sys.executable} -m udstui compare <(zcat a.csv.gz) /dev/stdin < a.csv.gz"
    _ends_well(scene, scene.start("-", wrapper=("bash", "-c", shell)))


def cut_anywhere(scene: Scene) -> None:
    """As a copy that was broken off: a sentence, or what is whole of it."""
    path = _recorded(scene)
    content = path.read_bytes()
    path.with_name("cut.csv").write_bytes(content[: scene.random.randrange(len(content))])
    program = scene.start("compare", "cut.csv", "out.csv")
    assert program.ends(PATIENCE_S) in (0, 1)
    if program.process.returncode:
        assert re.search(r"is cut off|was not written by|no complete round|lacks columns", program.stderr)
        scene.notes.append(re.sub(r"line \d+", "line …", program.stderr.strip()))


def odd(name: str, edit: bytes, scene: Scene) -> None:
    path = _recorded(scene)
    content = path.read_bytes()
    edits = {"a byte order mark": edit + content, "blank lines at the end": content + edit,
             "LF alone": content.replace(b"\r\n", edit)}  # fmt: skip
    path.with_name("odd.csv").write_bytes(edits[name])
    _ends_well(scene, scene.start("compare", "odd.csv", "out.csv"))


def deep_json(scene: Scene) -> None:
    (scene.folder / "deep.json").write_text('{"schema":"udstui.run/2","log":' + "[" * 10**6)
    says(scene, scene.start("compare", "deep.json", "deep.json"), "is not complete JSON|is not as")


def large(command: tuple[str, ...], scene: Scene) -> None:
    """Ten megabytes and more, in little memory: it is not held as a whole."""
    path = _recorded(scene)
    header, first, second = path.read_text().splitlines(keepends=True)[:3]
    place = header.split(",").index("round")

    def in_round(line: str, number: int) -> str:
        cells = line.split(",")
        return ",".join([*cells[:place], str(number), *cells[place + 1 :]])

    with path.with_name("large.csv").open("w", newline="") as file:
        file.write(header)
        for number in range(1, _ROUNDS_OF_LARGE + 1):
            file.write(in_round(first, number) + in_round(second, number))
    wrapper = ("prlimit", f"--as={_MEMORY_OF_LARGE}")
    _ends_well(scene, scene.start(command[0], "large.csv", *command[1:], wrapper=wrapper))


def interrupted(scene: Scene) -> None:
    """Ctrl-C while a pipe is read that has no end."""
    path = _recorded(scene)
    read, write = os.pipe()
    with os.fdopen(write, "wb") as pipe:
        program = scene.start("compare", "-", "out.csv", stdin=read)
        os.close(read)
        pipe.write(path.read_bytes())
        pipe.flush()
        scene.at_random(1.0)
        subprocess.run(["kill", "-INT", str(program.pid)], check=True)
        assert program.ends() in (130, -2)


FAULTS = (
    Fault("/dev/zero", "compare", endless),
    Fault("JSON without an end", "compare", endless_json, quick=False),
    Fault("a pipe that nobody writes to", "compare", unwritten_pipe, quick=False),
    Fault("process substitution and /dev/stdin", "compare", substituted, quick=False),
    Fault("a file cut off anywhere", "compare", cut_anywhere, 5, quick=False),
    *(
        Fault(name, "compare", partial(odd, name, edit), quick=False)
        for name, edit in (
            ("a byte order mark", b"\xef\xbb\xbf"), ("blank lines at the end", b"\r\n\n"), ("LF alone", b"\n")
        )
    ),
    Fault("JSON a million deep", "compare", deep_json, quick=False),
    *(
        Fault(
            f"{_ROUNDS_OF_LARGE:,} rounds in {_MEMORY_OF_LARGE // 2**20} MiB of addresses", command[0],
            partial(large, command), quick=False,
        )
        for command in (("compare", "out.csv"), ("report", "--markdown", "-"))
    ),
    Fault("Ctrl-C while a pipe is read", "compare", interrupted, 3, quick=False),
)  # fmt: skip
