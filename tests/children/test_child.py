"""Children that speak JSON lines, asked by blocking calls and from an event loop: how they fail, and what is left."""

from __future__ import annotations

import asyncio
import errno
import inspect
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.helpers import PATIENCE_S, is_running, wait_until
from udstui.children import child as child_module
from udstui.children.async_child import AsyncChild
from udstui.children.child import Child
from udstui.children.forked import Forked
from udstui.errors import ProbeError

TOY = """
import json, os, subprocess, sys, time
for line in sys.stdin:
    what, argument = json.loads(line)
    if what == "echo":
        print(json.dumps(argument), flush=True)
    elif what == "say":
        os.write(1, argument.encode())
    elif what == "complain":
        os.write(2, argument.encode())
    elif what == "kill":
        os.kill(os.getpid(), argument)
    elif what == "exit":
        os._exit(argument)
    elif what == "close output":
        os.close(1)
    elif what == "have a child":
        print(subprocess.Popen(["sleep", "100"], stdin=subprocess.DEVNULL).pid, flush=True)
    elif what == "sleep":
        time.sleep(argument)
"""
Started = Callable[[], Any]


@pytest.fixture(params=[Child, AsyncChild])
def kind(request: pytest.FixtureRequest) -> type[Any]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def toys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is such a module."""
    (folder / "toy.py").write_text(TOY)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest_asyncio.fixture
async def start(kind: type[Any], toys: None) -> AsyncIterator[Started]:
    """Starts toys; all are stopped in the end, and nothing is left of them: no process, no zombie, no descriptor."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    started: list[Any] = []

    def start_one() -> Any:
        started.append(kind("toy", "the toy", ProbeError))
        return started[-1]

    yield start_one
    for toy in started:
        await done(toy.stop())
        await done(toy.stop())  # harmless
        assert not Path(f"/proc/{toy.pid}").exists()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


async def done(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


async def answer(toy: Any, kind: Any = Any, within_s: float = PATIENCE_S) -> Any:
    return await done(toy.receive(kind, within_s))


async def ask(toy: Any, *message: object, within_s: float = PATIENCE_S) -> Any:
    toy.send(message)
    return await answer(toy, within_s=within_s)


async def test_a_question_has_its_answer(start: Started) -> None:
    toy = start()
    for number in range(3):
        assert await ask(toy, "echo", {"number": number}) == {"number": number}


async def test_only_the_last_question_is_answered(start: Started) -> None:
    toy = start()
    toy.send(("echo", 1))
    toy.send(("echo", 2))
    assert await ask(toy, "echo", 3) == 3
    toy.send(("say", '"first" \n"sec'))
    toy.send(("say", 'ond"\n'))
    assert await answer(toy) == "second"


async def test_more_than_a_pipe_holds_goes_both_ways(start: Started) -> None:
    assert await ask(start(), "echo", "x" * 2**20) == "x" * 2**20


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([("kill", signal.SIGKILL)], r"killed by signal 9; measure again; did .* run out of memory \(dmesg tells\)\?"),
        ([("kill", signal.SIGTERM)], "killed by signal 15; measure again$"),
        (
            [("complain", "Traceback\nPermissionError: [Errno 1] Operation not permitted"), ("exit", 1)],
            r"ended with status 1 \(Operation not permitted\);",  # no class of Python's
        ),
        ([("exit", 3)], "ended with status 3;"),
        ([("complain", "one\ntwo"), ("complain", " three\n\n"), ("exit", 1)], r"ended with status 1 \(two three\);"),
        ([("say", '"half an answ'), ("exit", 0)], "ended with status 0;"),
        ([("say", "garbage\n")], "said what is no answer .* and was stopped;"),
        ([("say", "\n")], "said what is no answer"),
        ([("say", "[" * 100_000 + "\n")], "said what is no answer"),
        ([("kill", signal.SIGSTOP)], "had been stopped by a signal, and was ended; measure again"),
    ],
)
async def test_it_is_said_why_there_is_no_answer(start: Started, messages: list[tuple[object, ...]], said: str) -> None:
    toy = start()
    for message in messages:
        toy.send(message)
    toy._owed = 1  # all of them together have one answer
    for _ in range(2):  # however often one asks
        with pytest.raises(ProbeError, match=f"^the toy.* {said}"):
            await answer(toy)
    assert not is_running(toy.pid)


async def test_an_answer_of_another_kind_is_none(start: Started) -> None:
    toy = start()
    toy.send(("echo", "text"))
    with pytest.raises(ProbeError, match="the toy said what is no answer"):
        await answer(toy, int)


async def test_one_that_lives_on_without_an_output_is_ended(start: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "_STOP_WITHIN_S", 0.1)
    with pytest.raises(ProbeError, match="the toy closed its output"):
        await ask(start(), "close output", None)


async def test_an_answer_that_is_too_long_is_not_waited_for(start: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "_LONGEST_LINE_BYTES", 10**5)
    with pytest.raises(ProbeError, match="the toy said more than any answer holds"):
        await ask(start(), "say", "x" * 10**6)


async def test_one_that_does_not_answer_in_time_is_ended(start: Started) -> None:
    toy = start()
    await ask(toy, "echo", 0)
    with pytest.raises(ProbeError, match=r"the toy did not answer within 0\.2 s and was stopped"):
        await ask(toy, "sleep", 100, within_s=0.2)
    assert not is_running(toy.pid)


async def test_whoever_complains_for_long_is_not_held_up(start: Started) -> None:
    toy = start()
    for number in range(40):
        toy.send(("complain", f"{number} " * 10_000))
    toy._owed = 0
    assert await ask(toy, "echo", "done") == "done"


async def test_one_that_reads_nothing_does_not_hold_up_who_asks(start: Started) -> None:
    toy = start()
    await ask(toy, "echo", 0)
    os.kill(toy.pid, signal.SIGSTOP)
    for _ in range(3):
        toy.send(("echo", "x" * 10**5))
    with pytest.raises(ProbeError, match="had been stopped"):
        await answer(toy)


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_what_even_sigkill_does_not_end_holds_up_nobody_and_is_reaped_later(
    kind: type[Any], start: Started, monkeypatch: pytest.MonkeyPatch, is_stopped: bool
) -> None:
    toy, kill = kind("toy", "the toy", ProbeError), os.kill
    await ask(toy, "echo", 0)
    with monkeypatch.context() as without:
        without.setattr(os, "kill", lambda *_: None)
        without.setattr(os, "killpg", lambda *_: None)
        without.setattr(child_module, "_STOP_WITHIN_S", 0.05)
        without.setattr(child_module, "_KILLED_WITHIN_S", 0.05)
        toy.send(("sleep", 100))
        if is_stopped:
            kill(toy.pid, signal.SIGSTOP)
        await done(toy.stop())
    assert is_running(toy.pid)
    os.kill(toy.pid, signal.SIGKILL)
    wait_until(lambda: not is_running(toy.pid), "its end")
    assert await ask(start(), "echo", 1) == 1
    assert not Path(f"/proc/{toy.pid}").exists()


async def test_what_a_child_of_an_event_loop_has_started_ends_with_it(
    start: Started, kind: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "_KILLED_WITHIN_S", PATIENCE_S)
    toy = start()
    grandchild = await ask(toy, "have a child", None)
    await done(toy.stop())
    if kind is AsyncChild:  # which has a session of its own
        assert not is_running(grandchild)
    else:
        os.kill(grandchild, signal.SIGKILL)


def test_one_that_cannot_be_started_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ProbeError, match="the toy cannot be started: No such file or directory; are there"):
        Child("toy", "the toy", ProbeError)


@pytest.mark.parametrize("pipes_to_be_had", [0, 2, 3])
def test_a_fork_that_cannot_be_leaves_no_descriptor(monkeypatch: pytest.MonkeyPatch, pipes_to_be_had: int) -> None:
    made: list[tuple[int, int]] = []
    closed: list[int] = []

    def refuse() -> int:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    def pipe() -> tuple[int, int]:
        if len(made) == pipes_to_be_had:
            refuse()
        made.append((2 * len(made), 2 * len(made) + 1))
        return made[-1]

    with monkeypatch.context() as patched:
        patched.setattr(os, "pipe", pipe)
        patched.setattr(os, "fork", refuse)
        patched.setattr(os, "close", closed.append)
        with pytest.raises(OSError, match="temporarily unavailable"):
            Forked(lambda: None, pipes=3)
    assert closed == list(range(2 * pipes_to_be_had))


def test_whether_it_has_ended_can_be_looked_at(toys: None) -> None:
    toy = Child("toy", "the toy", ProbeError)
    toy.check()
    os.kill(toy.pid, signal.SIGTERM)
    for _ in range(2):
        with pytest.raises(ProbeError, match="the toy was killed by signal 15"):
            wait_until(toy.check, "never")
    toy.stop()


async def test_an_answer_that_nobody_waited_for_is_not_the_next_one_s(toys: None) -> None:
    toy = AsyncChild("toy", "the toy", ProbeError)
    for number in range(3):
        unwanted = asyncio.create_task(ask(toy, "echo", number))
        await asyncio.sleep(0)  # it has asked
        unwanted.cancel()
        await asyncio.wait([unwanted])
    assert await ask(toy, "echo", "wanted") == "wanted"
    await toy.stop()


async def test_stopping_it_ends_the_waiting_and_can_be_cancelled(toys: None) -> None:
    toy = AsyncChild("toy", "the toy", ProbeError)
    asking = asyncio.create_task(ask(toy, "sleep", 100))
    await asyncio.sleep(0)  # it has asked
    stopping = asyncio.create_task(toy.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(ProbeError, match="the toy was stopped while it measured"):
        await asking
    assert stopping.cancelled() or await asyncio.wait([stopping])
    assert not Path(f"/proc/{toy.pid}").exists()
