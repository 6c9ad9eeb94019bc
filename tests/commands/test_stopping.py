"""What every command that measures does at a signal, whenever it comes and however often."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.helpers import END_S, started, wait_until
from udstui.commands.stopping import Stoppable


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "command",
    [
        ("run", "--duration", "60s", "--csv", "a.csv"),
        ("sweep", "--passes", "100", "--csv", "a.csv"),
        ("load", "--interval", "200ms", "--csv", "a.csv"),  # while the closed loop finds the rates
        ("load", "--rates", "5k,10k", "--passes", "100", "--csv", "a.csv"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_signals_one_after_the_other_lose_nothing(
    folder: Path, command: tuple[str, ...], number: signal.Signals
) -> None:
    with started(*command, "--json", "a.json", cwd=folder) as program:
        wait_until(lambda: (folder / "a.csv").exists() and (folder / "a.csv").read_text().count("\n") > 3, "rows")
        for _ in range(20):
            program.send_signal(number)
            time.sleep(0.002)
        output, errors = program.communicate(timeout=END_S)
    assert program.returncode == 130
    assert errors == ""
    assert "UDS" in output and "TCP" in output
    assert json.loads((folder / "a.json").read_text())["run_id"]


async def test_what_is_stopped_may_end_by_itself_within_its_grace() -> None:
    ended = asyncio.Event()

    async def work(answered: asyncio.Event) -> None:
        stoppable._stop.set()
        await answered.wait()
        ended.set()

    for answer_comes in (True, False):
        ended.clear()
        answered = asyncio.Event()
        with Stoppable() as stoppable:
            if answer_comes:
                asyncio.get_running_loop().call_later(0.01, answered.set)
            assert not await stoppable.run(work(answered), END_S if answer_comes else 0.01)
            assert stoppable.is_told()
        assert ended.is_set() == answer_comes


def test_a_signal_before_the_first_round_is_heeded(folder: Path) -> None:
    with started("run", "--duration", "60s", "--csv", "a.csv", "--json", "-", cwd=folder) as program:
        wait_until((folder / "a.csv").exists, "the file, which is opened first")
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate(timeout=END_S)
    assert (program.returncode, errors) == (130, "")
    assert output == "" or json.loads(output)["run_id"]


def test_a_stdout_that_nobody_reads_does_not_hold_up_ctrl_c(folder: Path) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writing, bytes(4096))
    arguments = ("run", "--duration", "50ms", "--csv", "a.csv", "--json", "a.json")
    try:
        with started(*arguments, stdout=writing, cwd=folder) as program:
            wait_until(lambda: (folder / "a.csv").exists() and (folder / "a.csv").read_text().count("\n") > 2, "rows")
            wait_until(lambda: program.send_signal(signal.SIGINT) or program.poll() is not None, "its end")
            assert program.returncode == 130
            assert "Traceback" not in program.communicate()[1]
    finally:
        os.close(reading)
        os.close(writing)
    assert json.loads((folder / "a.json").read_text())["run_id"]
