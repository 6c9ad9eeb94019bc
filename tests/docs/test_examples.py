"""The examples of --help, of the topics and of the README do what they say: as written, but for scripted rounds."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.schemas import FOLDER
from tests.docs.scripted_program import PATCHES
from tests.records import steady_run
from tests.scripted import Script, make_round
from tests.told import json_of
from udstui.cli import commands
from udstui.commands import measure
from udstui.docs import read_topic, topics
from udstui.docs.examples import EXAMPLES
from udstui.errors import UdstuiError
from udstui.experiments.driver import drive
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording.round_json import to_json
from udstui.serving.admission import Everybody
from udstui.serving.endpoint import Endpoint
from udstui.transports.address import parse_address

_README = Path(FOLDER).parents[1] / "README.md"
_NEEDS_A_SHELL = re.compile(r"[|<>&;$*]")
_SIDES = ("before", "after", "base", "new")


def _lines() -> Iterator[str]:
    for examples in EXAMPLES.values():
        yield from (typed for typed, _ in examples)
    for name in topics():
        for block in re.findall(r"^```sh\n(.*?)^```", read_topic(name), re.MULTILINE | re.DOTALL):
            yield from block.splitlines()
    for line in re.findall(r"^    (udstui .*)$", _README.read_text(), re.MULTILINE):
        yield line.partition(" #")[0].rstrip()


LINES = list(dict.fromkeys(line for line in _lines() if line))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A folder with what the examples read, and the port of an echo server that is not always 7000."""
    folder = tmp_path_factory.mktemp("x")
    steady_run(folder, "run")
    for name in ("before", "after", "base", "new", "baseline", *(f"{each}-{n}" for each in _SIDES for n in (1, 2, 3))):
        for ending in (".csv", ".json"):
            shutil.copy(folder / f"run{ending}", folder / f"{name}{ending}")
    sweep = Sweep(Plan(), (64, 1024), passes=3, rounds=4)
    asyncio.run(drive(sweep, Script()))
    a_round = to_json(sweep.run, sweep.run.segments[0], 1, make_round(Plan()))
    (folder / "sweep.json").write_text(json_of(sweep))
    (folder / "sweep.jsonl").write_text(f"{a_round}{json_of(sweep)}")
    (folder / "file").write_text("hello")
    clients = Everybody(is_quiet=True)
    addresses = [("echo", f"unix:{folder}/echo.sock"), ("rpc", f"unix:{folder}/rpc.sock"), ("echo", "tcp:127.0.0.1:0")]
    endpoints = [Endpoint(service, parse_address(address), clients=clients) for service, address in addresses]
    yield folder, int(str(endpoints[-1].address).rpartition(":")[2])
    for endpoint in endpoints:
        endpoint.close()


@pytest.fixture
def copied(served: tuple[Path, int], tmp_path: Path) -> Path:
    """The same in a folder of its own: what one example writes is not read by the next."""
    for path in served[0].iterdir():
        (tmp_path / path.name).symlink_to(path) if path.is_socket() else shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", LINES)
def test_an_example_does_what_it_says(
    line: str,
    copied: Path,
    served: tuple[Path, int],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(copied)
    typed = line.replace(":7000", f":{served[1]}").replace("~/.local", ".local")
    typed = re.sub(r"--every \S+", "--every 1ms", typed)
    for program in ("jq",):
        if re.search(rf"\b{program}\b", typed) and not shutil.which(program):
            pytest.skip(f"there is no {program}")
    if _NEEDS_A_SHELL.search(typed):
        _in_a_shell(typed, copied)
        return
    for name, instead in PATCHES.items():
        monkeypatch.setattr(name, instead)
    monkeypatch.setattr(measure, "hold_signals", lambda: None)  # they are pytest's
    try:
        words = shlex.split(typed)
        status = commands.main(words[words.index("udstui") + 1 :], prog_name="udstui", standalone_mode=False)
    except UdstuiError as error:
        if "install" in (error.remedy or ""):
            pytest.skip(str(error))
        raise
    assert status in (0, None)
    assert "Traceback" not in capfd.readouterr().err


def _in_a_shell(typed: str, folder: Path) -> None:
    program = folder / "bin" / "udstui"
    program.parent.mkdir(exist_ok=True)
    (folder / ".local/share/bash-completion/completions").mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.docs.scripted_program "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(_README.parent)}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", typed],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0 or "| head" in typed  # which leaves before the writer is done


@pytest.mark.parametrize(("program", "block"), [("pandas", "python"), ("duckdb", "sql")])
def test_the_csv_is_read_by_what_people_use(
    program: str,
    block: str,
    served: tuple[Path, int],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    module = pytest.importorskip(program)
    (code,) = re.findall(rf"^```{block}\n(.*?)^```", read_topic("csv"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(served[0])
    if program == "duckdb":
        module.sql(code).show()
    else:
        exec(code, {})
    said = capfd.readouterr().out
    assert "uds" in said and "tcp" in said


def test_every_command_has_an_example() -> None:
    assert {"", *commands.commands} == set(EXAMPLES)
    for name, examples in EXAMPLES.items():
        assert all(f"udstui {name}".strip() in typed for typed, _ in examples)
