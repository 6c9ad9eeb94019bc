"""The probe's process: `python -m udstui.probe.nursery`. It measures nothing itself, but starts who does.

A question (probe.messages) names the generation that shall answer it. The worker of a generation is a fork of this
process, which has imported everything and done nothing yet: it is ready in a tenth of the time that a new Python takes.
The worker answers on the stdout that both share; what it is asked comes through this process.
Generations that run Python while they are timed get a new Python, for the seed of its hashes is in their figures.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import sys
import time
from functools import partial
from importlib import import_module
from typing import NoReturn

import msgspec

from udstui.children import child
from udstui.children.forked import Forked
from udstui.children.owner import FINISH, answer, follow_owner
from udstui.errors import UdstuiError
from udstui.host.affinity import available_cores, stay_on
from udstui.plan import Plan
from udstui.probe import worker
from udstui.probe.check import check_plan
from udstui.probe.messages import Question, RoundsAnswer
from udstui.runtimes import RUNTIMES
from udstui.runtimes.native.loops import loops
from udstui.services import IN_PYTHON, service_named
from udstui.services.programs import PROGRAMS
from udstui.serving import process
from udstui.transports import transport_of
from udstui.workloads import service_of

_STOPPED_FOR_S = 1.5
_PIECE_BYTES = 64 * 1024
_AHEAD = ("shutil", "udstui.runtimes.native.client", "udstui.runtimes.python")
_questions = msgspec.json.Decoder(Question)


class Nursery:
    """Hands each question to the worker of its generation."""

    def __init__(self) -> None:
        self._cores = available_cores()
        self._worker: Forked | None = None
        self._generation = 0
        """That of this worker."""
        self._came = bytearray()
        self._next = b""
        """The question of the next worker, while this one finishes."""
        self._stopped_at_s: float | None = None
        self._has_looked_ahead = False

    def run(self) -> NoReturn:
        """Until the owner is gone, or a worker has failed: then this process ends as that did."""
        woken, waking = os.pipe()
        os.set_blocking(waking, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        news = select.poll()
        news.register(woken, select.POLLIN)
        while True:
            # While a worker finishes only the owner's end is of interest, which poll(2) always tells.
            news.register(sys.stdin.fileno(), 0 if self._next else select.POLLIN)
            for number, _ in news.poll(self._look_again_ms()):
                if number == woken:
                    os.read(woken, _PIECE_BYTES)
                    self._look()
                elif self._next:
                    self._leave()
                else:
                    self._read()
            self._pass_on()

    def _read(self) -> None:
        piece = os.read(sys.stdin.fileno(), _PIECE_BYTES)
        if not piece:
            self._leave()
        self._came += piece

    def _pass_on(self) -> None:
        while not self._next and b"\n" in self._came:
            line, _, self._came = self._came.partition(b"\n")
            question = bytes(line)
            if self._worker is None:
                self._start(question)
            elif _questions.decode(question).generation == self._generation:
                self._ask(question)
            else:
                self._next = question
                self._ask(FINISH)

    def _start(self, question: bytes) -> None:
        decoded = _questions.decode(question)
        plan = decoded.plan
        try:
            self._worker = Forked(partial(_work, plan, self._cores, is_native=_is_native(plan)), pipes=1)
        except OSError as error:
            answer(RoundsAnswer.refusal(child.cannot_start("the probe", error)))
            return
        self._generation = decoded.generation
        self._ask(question)
        if not self._has_looked_ahead:
            self._has_looked_ahead = True
            _look_ahead(plan, self._cores)

    def _ask(self, question: bytes) -> None:
        assert self._worker and self._worker.stdin
        left = memoryview(question + b"\n")
        with contextlib.suppress(BrokenPipeError):  # it is gone: SIGCHLD tells
            while left:
                left = left[self._worker.stdin.write(left) :]

    def _look(self) -> None:
        """At what has become of the worker."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            except ChildProcessError:
                return
            if not pid:
                return
            self._stopped_at_s = time.monotonic() if os.WIFSTOPPED(status) else None
            if os.WIFSTOPPED(status) or os.WIFCONTINUED(status):
                continue
            if status or not self._next:
                _end_like(status)
            else:
                assert self._worker and self._worker.stdin
                self._worker.stdin.close()
                question, self._next, self._worker = self._next, b"", None
                self._start(question)

    def _look_again_ms(self) -> float | None:
        """For how long to wait for news. A worker that stays stopped is told by stopping too: the owner sees that."""
        if self._stopped_at_s is None:
            return None
        left_s = self._stopped_at_s + _STOPPED_FOR_S - time.monotonic()
        if left_s <= 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        return 1000 * max(left_s, _STOPPED_FOR_S)

    def _leave(self) -> NoReturn:
        """The owner is gone: so is the worker's, which ends it also in the middle of a measurement."""
        if self._worker is not None:
            assert self._worker.stdin
            self._worker.stdin.close()
            with contextlib.suppress(OSError):
                os.kill(self._worker.pid, signal.SIGCONT)  # one that is stopped sees no end of anything
                os.waitpid(self._worker.pid, 0)
        os._exit(0)


def _look_ahead(plan: Plan, cores: tuple[int, ...]) -> None:
    """What a worker imports, compiles and loads late, once for all that are forked later, while the first warms up."""
    for module in _AHEAD:
        import_module(module)
    with contextlib.suppress(UdstuiError, OSError):  # the worker tells
        if service_of(plan) not in PROGRAMS:  # to look at one takes a process
            check_plan(plan, cores)
            loops()


def _work(plan: Plan, cores: tuple[int, ...], *, is_native: bool) -> None:
    """What the fork does. The cores that its run began with are there for every generation, where they still are."""
    stay_on(cores)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if not is_native:
        os.execve(*child.command("udstui.probe.worker"))
    if plan.server == "process" and service_of(plan) not in PROGRAMS:
        child.fork_ahead("udstui.serving.process", process.main)
    worker.main()


def _is_native(plan: Plan) -> bool:
    """Whether no Python runs in the timed part, neither the client's nor the server's.

    On the way everything is imported that the worker needs, for all forks to come. A plan that cannot be measured is
    none of these: the worker then says why.
    """
    try:
        runtimes = {plan.runtime_of(name) for name in plan.lanes()}
        service = service_of(plan)
        if runtimes != {"native"} or service in IN_PYTHON or not service:
            return False
        RUNTIMES.named("native")
        for name in plan.lanes():
            transport_of(name)
        if plan.server == "process" and service not in PROGRAMS:
            service_named(service)
    except UdstuiError:
        return False
    return True


def _end_like(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with contextlib.suppress(OSError, ValueError):  # SIGKILL has no other disposition
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)


def main() -> None:
    follow_owner("udstui-nursery")
    gc.freeze()  # what a fork only reads, it shares
    Nursery().run()


if __name__ == "__main__":
    main()
