"""A child process that speaks JSON lines: how it is started, asked within a time, and why it died.

Every question is one line on its stdin, and has one answer, one line on its stdout. The child's side is in owner.py;
who has an event loop takes the twin in async_child.py.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

import msgspec

from udstui.children.forked import Forked, await_session
from udstui.children.pipes import Pipes
from udstui.children.whereabouts import environment
from udstui.errors import REFUSED, UdstuiError, reason

_LOOK_EVERY_S = 1.0
_STOP_WITHIN_S = 3.0
_KILLED_WITHIN_S = 1.0
_END_WITHIN_S = 0.1
_LONGEST_PAUSE_S = 0.02
_LONGEST_LINE_BYTES = 64 * 1024**2
_MOST_LAST_PIECES = 16  # of 64 KiB: what a pipe holds (pipe(7)), where somebody has made it larger
_CLASS = re.compile(r"^[\w.]*(Error|Exception): (\[Errno \d+\] )?")
"""What Python calls an exception, at the beginning of the last line of a traceback."""
_BY_SIGKILL = f"was killed by signal {int(signal.SIGKILL)}"
_AGAIN = "measure again"
_KILLED = "measure again; did the machine, or a container's limit, run out of memory (dmesg tells)?"
Result = TypeVar("Result")
Steps = Generator[float, None, Result]
"""Yields for how many seconds to wait, unless the child says something before; returns the result."""

Process: TypeAlias = "subprocess.Popen[bytes] | Forked"
_unkillable: list[Process] = []
"""Children that SIGKILL did not end in time, in a frozen cgroup or stuck in the kernel: reaped when they have ended."""


_ahead: dict[str, Forked] = {}
"""Forks that are what a new process of these modules would be, and wait for their first question."""


def fork_ahead(module: str, main: Callable[[], object]) -> None:
    """Have the next child of this module be a fork of this process, which runs its main(); no thread may run yet.

    Where it cannot be, that child is started as every other one, and the reason is told then.
    """
    with contextlib.suppress(OSError):
        _ahead[module] = Forked(main, pipes=3)


def command(module: str) -> tuple[str, list[str], dict[str, str]]:
    """What os.execve() takes to run a module of this package."""
    # -P: what lies in the current folder is not ours to import
    return sys.executable, [sys.executable, "-P", "-m", module], environment()


def cannot_start(what: str, fault: OSError, error: type[UdstuiError] = UdstuiError) -> UdstuiError:
    remedy = "are there too many processes or open files?"
    if fault.errno in REFUSED:
        remedy = "does a container's seccomp profile forbid it?"
    return error(f"{what} cannot be started: {reason(fault)}", remedy)


def decode(line: bytes, kind: type[Result], what: str, error: type[UdstuiError]) -> Result:
    """The message of a line that `what` said. Raises `error` for a line that is none of that kind."""
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise error(f"{what} said what is no answer ({fault}) and was stopped", _AGAIN) from fault


def _started(module: str, *, own_session: bool) -> subprocess.Popen[bytes]:
    _, words, variables = command(module)
    return subprocess.Popen(
        words,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=own_session,
        env=variables,
    )


class ChildProcess(Pipes):
    """What blocking and awaiting owners share. A subclass waits between the steps that this class yields."""

    def __init__(self, module: str, what: str, error: type[UdstuiError], *, own_session: bool = False) -> None:
        """Start `python -m module`, which sentences call `what`. Raises `error` when it cannot be started.

        A child in a session of its own gets no Ctrl-C, and is ended with all that it has started.
        """
        self._what = what
        self._error = error
        self._own_session = own_session
        _unkillable[:] = [process for process in _unkillable if process.poll() is None]
        try:
            self._process: Process = (
                _ahead.pop(module) if module in _ahead else _started(module, own_session=own_session)
            )
        except OSError as fault:
            raise cannot_start(what, fault, error) from fault
        self.pid = self._process.pid
        super().__init__(self._process)
        self._is_stopping = False
        self._is_reaped = False
        self._failure: UdstuiError | None = None

    def send(self, message: object) -> None:
        """Ask. What the pipe does not take at once follows while an answer is awaited; who has ended hears nothing."""
        if self._is_stopping or self._failure:
            return
        self._ask(msgspec.json.encode(message))

    def _receiving(self, kind: type[Result], within_s: float) -> Steps[Result]:
        """The steps to the answer to what was sent last.

        Time is counted in looks at the child: the clock goes on while this process is suspended, and an answer that
        came in the meantime is not late.
        """
        look_every_s = min(_LOOK_EVERY_S, within_s)
        times_stopped = 0
        for _ in range(max(1, round(within_s / look_every_s))):
            look_at_s = time.monotonic() + look_every_s
            while True:
                # What it answers while it is being stopped tells of that only, like descriptors that are closed.
                if (line := self._take_answer()) and not self._is_stopping:
                    return self._decoded(line, kind)
                if self._output not in self._readable:
                    yield from self._until_ended(_STOP_WITHIN_S)
                self._check()
                left_s = look_at_s - time.monotonic()
                if left_s <= 0:
                    break
                yield left_s
            times_stopped = times_stopped + 1 if self._found(os.WSTOPPED) else 0
            if times_stopped > 1:  # once may be a suspended machine that wakes up
                raise self._failed("had been stopped by a signal, and was ended", "measure again")
        raise self._failed(f"did not answer within {within_s:g} s and was stopped")

    def _decoded(self, line: bytes, kind: type[Result]) -> Result:
        try:
            return decode(line, kind, self._what, self._error)
        except UdstuiError as failure:
            self._end(failure)
            raise

    def _check(self) -> None:
        """Raise the child's error when no answer can come any more."""
        if self._failure:
            raise self._failure
        if self._output not in self._readable:
            raise self._died()
        if len(self._said) > _LONGEST_LINE_BYTES:
            raise self._failed("said more than any answer holds, and was stopped")

    def _found(self, event: int) -> os.waitid_result | None:
        """What the system tells of the child's end (WEXITED) or of its being stopped (WSTOPPED); None if neither is so.

        The child is not reaped by that, so its number stays its own until _end().
        """
        try:
            return os.waitid(os.P_PID, self.pid, event | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # reaped by the system, as where SIGCHLD is ignored
            self._is_reaped = True
        except OSError:  # refused by a seccomp profile: then it is reaped as soon as it has ended
            self._is_reaped = self._process.poll() is not None
        return None

    def _has_ended(self) -> bool:
        return self._found(os.WEXITED) is not None or self._is_reaped

    def _until_ended(self, within_s: float) -> Steps[bool]:
        """The steps to the child's end; their result is False when that does not come in time."""
        give_up_s = time.monotonic() + within_s
        pause_s = 0.001
        while not self._has_ended():
            if time.monotonic() > give_up_s:
                return False
            yield pause_s
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return True

    def _how_it_died(self) -> str:
        """By which signal or with which status the child ended, and the last line of its stderr."""
        if self._is_stopping:
            return "was stopped while it measured"
        found = self._found(os.WEXITED)
        if found is None:
            how = "ended" if self._is_reaped else "closed its output"
        elif found.si_code == os.CLD_EXITED:
            how = f"ended with status {found.si_status}"
        else:
            how = f"was killed by signal {found.si_status}"
        for _ in range(_MOST_LAST_PIECES):
            if not self._read(self._complaints):
                break
        last = _CLASS.sub("", self._complained.strip().rpartition(b"\n")[2].decode(errors="replace"))
        return f"{how} ({last})" if last else how

    def _died(self) -> UdstuiError:
        """The error of a child that has ended by itself, or that somebody has ended."""
        how = self._how_it_died()
        return self._failed(how, _KILLED if how == _BY_SIGKILL else _AGAIN)

    def _failed(self, how: str, remedy: str = _AGAIN) -> UdstuiError:
        """End the child, and return the error that tells how it failed."""
        failure = self._error(f"{self._what} {how}", remedy)
        self._end(failure)
        return failure

    def _stopping(self) -> Steps[None]:
        """The steps to the child's end, which the end of its stdin asks for. Harmless when it has ended."""
        if self._failure is None and not self._is_stopping:
            self._is_stopping = True
            self._unsent.clear()
            self._forget(self._input)
            assert self._process.stdin
            self._process.stdin.close()
            for pause_s in self._until_ended(_STOP_WITHIN_S):
                if self._found(os.WSTOPPED):  # it cannot do as it is asked
                    break
                yield pause_s
        self._end()

    def _end(self, failure: UdstuiError | None = None) -> None:
        """Kill a child that has not left by itself. Nothing is left but one that even SIGKILL does not end in time."""
        if self._failure:
            return
        self._failure = failure or self._error(f"{self._what} was stopped while it measured", _AGAIN)
        self._unsent.clear()
        if not self._is_reaped:
            with contextlib.suppress(OSError):  # it is gone; or signals are refused: it leaves at the end of its stdin
                # Its whole session: what it has started leaves by itself, but a stopped one cannot.
                (os.killpg if self._own_session else os.kill)(self.pid, signal.SIGKILL)
        for pause_s in self._until_ended(_KILLED_WITHIN_S):
            time.sleep(pause_s)
        if self._process.poll() is None:
            _unkillable.append(self._process)
        elif self._own_session:
            await_session(self.pid, _KILLED_WITHIN_S)
        for file in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert file
            if not file.closed:
                self._forget(file.fileno())
                file.close()

    def _forget(self, number: int) -> None:
        """Watch this descriptor no more; it is about to be closed."""


class Child(ChildProcess):
    """A child process whose owner waits in blocking calls."""

    def receive(self, kind: type[Result], within_s: float) -> Result:
        """Return the answer to what was sent last; answers to what was sent before are passed over.

        Raises the child's error when there is none in time, or ever; the child has been ended then.
        """
        return self._take(self._receiving(kind, within_s))

    def check(self) -> None:
        """Raise the child's error when it has ended or does so now: its connections end a little before it does."""
        if self._take(self._until_ended(_END_WITHIN_S)):
            raise self._failure or self._died()

    def stop(self) -> None:
        """End the child; nothing is left of it. Harmless when it has ended."""
        self._take(self._stopping())

    def _take(self, steps: Steps[Result]) -> Result:
        while True:
            try:
                within_s = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            news = select.poll()
            for number in self._readable:
                news.register(number, select.POLLIN)
            if self._unsent:
                news.register(self._input, select.POLLOUT)
            for number, _ in news.poll(1000 * within_s):
                if number == self._input:
                    self._write()
                else:
                    self._read(number)
