"""The probe as its owner sees it: ask for a round, get a round. All faces share this one engine.

async with Probe() as probe:
    round = await probe.measure(plan)
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine
from types import TracebackType

import msgspec
import psutil

from udstui.errors import ProbeError, ServiceError, UsageError, reason
from udstui.plan import Plan, Round
from udstui.probe.answer import Answer
from udstui.runtimes.setup import LONGEST_OPERATION_NS
from udstui.transports.private_folder import remove_left_over_folders

_STOP_TIMEOUT_S = 1.0
_LOOK_EVERY_S = 1.0
_LONGEST_MESSAGE_BYTES = 64 * 1024**2
_decoder = msgspec.json.Decoder(Answer)


class Probe:
    """Starts the probe's process on entering, or when it is asked for a round and is not running."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: asyncio.Task[bytes] | None = None
        self._owed = 0  # answers that are still to come: more than one when a measure() was cancelled

    async def __aenter__(self) -> Probe:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def prepare(self, plan: Plan) -> None:
        """Have the servers started and the lanes warmed up, while the owner does something else.

        It is a question whose answer nobody waits for: the next measure() passes it over. Harmless when the probe
        is not running.
        """
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(msgspec.json.encode(plan) + b"\n")
            self._owed += 1

    async def measure(self, plan: Plan) -> Round:
        """One round of this plan, warmed up if the plan is another than before.

        Raises UsageError when the plan cannot be measured here, ServiceError when a server or connection failed
        (the next call starts new ones), ProbeError when the probe died or does not answer (likewise).
        """
        if self._process is None:
            await self._start()
        assert self._process and self._process.stdin and self._process.stdout
        longest_s = _longest_s(plan)
        try:
            self._process.stdin.write(msgspec.json.encode(plan) + b"\n")
            self._owed += 1
            line = await self._patiently(self._last_answer(self._process), longest_s)
        except OSError:
            line = b""
        except ValueError:  # asyncio's word for a line longer than any answer
            line = b"\n"
        if not line.endswith(b"\n"):
            raise await self._died()
        try:
            return read_answer(line)
        except ProbeError:
            await self.stop()
            raise

    async def _patiently(self, answer: Coroutine[None, None, bytes], longest_s: float) -> bytes:
        """The answer; a probe that gives none is ended. Raises ProbeError.

        Time is counted in looks at the probe, for the clock goes on while this process is suspended, and an answer
        that came in the meantime is not late.
        """
        answering = asyncio.ensure_future(answer)
        looks_stopped = 0
        try:
            for _ in range(max(1, round(longest_s / _LOOK_EVERY_S))):
                await asyncio.wait((answering,), timeout=_LOOK_EVERY_S)
                if answering.done():
                    return answering.result()
                looks_stopped = looks_stopped + 1 if _is_stopped(self.pid) else 0
                if looks_stopped > 1:  # once may be a suspended machine that wakes up
                    await self.stop()
                    raise ProbeError("the probe had been stopped by a signal, and was ended", "measure again")
        finally:
            answering.cancel()
        await self.stop()
        raise ProbeError(
            f"the probe did not answer within {longest_s:.0f} s and was stopped",
            "measure again; is the machine overloaded?",
        )

    async def _last_answer(self, process: asyncio.subprocess.Process) -> bytes:
        assert process.stdin and process.stdout
        await process.stdin.drain()
        line = b"\n"
        while self._owed and line.endswith(b"\n"):
            line = await process.stdout.readline()
            self._owed -= 1
        return line

    async def stop(self) -> None:
        """End the probe and its servers; leave nothing behind. Harmless when it is not running."""
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        with contextlib.suppress(ProcessLookupError):
            # Its whole session: its servers leave by themselves, but a stopped one cannot.
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        assert process.stdout
        with contextlib.suppress(RuntimeError):  # a measure() is still waiting, and reads it
            await process.stdout.read()  # to the end: asyncio holds the pipes open until then
        if self._complaints:
            await self._complaints
        remove_left_over_folders()

    async def _start(self) -> None:
        if sys.version_info < (3, 12) and hasattr(os, "pidfd_open"):
            # As later versions do: the usual watcher needs a thread, and fails badly where none is to be had.
            watcher = asyncio.PidfdChildWatcher()
            watcher.attach_loop(asyncio.get_running_loop())
            asyncio.set_child_watcher(watcher)
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # what lies in the current folder is not ours to import
                "-m",
                "udstui.probe.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                limit=_LONGEST_MESSAGE_BYTES,
            )
        except OSError as error:
            raise ProbeError(
                f"the probe cannot be started: {reason(error)}", "are there too many processes or open files?"
            ) from error
        self._owed = 0
        assert self._process.stderr
        self._complaints = asyncio.create_task(self._process.stderr.read())

    async def _died(self) -> ProbeError:
        """What to say of a probe whose output has ended. Nothing of it is left afterwards."""
        process, complaints = self._process, self._complaints
        if process is None:
            return ProbeError("the probe was stopped while it measured", "measure again; it is started anew")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        status = process.returncode
        last = b""
        if complaints:
            with contextlib.suppress(TimeoutError):
                last = (await asyncio.wait_for(complaints, _STOP_TIMEOUT_S)).strip().rpartition(b"\n")[2]
        await self.stop()
        how = f"was killed by signal {-status}" if status and status < 0 else f"ended with status {status}"
        said = f" ({last.decode(errors='replace')})" if last else ""
        return ProbeError(f"the probe {how}{said}", "measure again; it is started anew")


def _is_stopped(pid: int | None) -> bool:
    """By SIGSTOP, and not let go on."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:  # then its output ends
        return False


def read_answer(line: bytes) -> Round:
    """The round of the probe's answer. Raises what it says instead, and ProbeError when it is no answer at all."""
    try:
        answer = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProbeError(
            f"the probe said what is no answer ({error}) and was stopped", "measure again; it is started anew"
        ) from error
    if answer.round is None:
        raise (UsageError if answer.is_usage else ServiceError)(answer.problem, answer.remedy)
    return answer.round


def _longest_s(plan: Plan) -> float:
    """How long the probe may take to answer: no lane is done before its one operation is, in warm-up and interval."""
    for_a_lane = 2 * LONGEST_OPERATION_NS + 4 * plan.interval_ns
    return (plan.warmup_ns + len(plan.transports) * for_a_lane) / 1e9
