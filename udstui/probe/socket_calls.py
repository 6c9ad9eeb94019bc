"""The first steps of the anatomy, in a process of their own: `python -m udstui.probe.socket_calls`.

It reads one JSON message from stdin, measures, answers with one, and is gone.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import socket
import sys
from array import array
from collections.abc import Callable
from functools import partial
from io import FileIO

import msgspec
import numpy as np

from udstui.errors import ProbeError, TransportError, UdstuiError, reason
from udstui.runtimes.python.socket_calls import CallsAnswer, CallsRequest, time_calls, time_nothing
from udstui.runtimes.setup import set_patience
from udstui.transports import Listener, Transport, transport_named
from udstui.transports.private_folder import PrivateFolder
from udstui.transports.raw_file import raw_file

_MOST_STAMPS = 2**20
_GRACE_S = 10.0


async def measure_calls(request: CallsRequest) -> CallsAnswer:
    """Ask a new process for it. Raises TransportError when that cannot connect, ProbeError when it cannot be had."""
    longest_s = 2 * request.rounds * (1 + len(request.transports)) * request.interval_ns / 1e9 + _GRACE_S
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "udstui.probe.socket_calls",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ProbeError(
            f"the probe cannot be started: {reason(error)}", "are there too many processes or open files?"
        ) from error
    try:
        output, _ = await asyncio.wait_for(process.communicate(msgspec.json.encode(request)), longest_s)
    except TimeoutError:
        raise ProbeError("the probe of the socket calls did not answer", "is the machine overloaded?") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        answer = msgspec.json.decode(output, type=CallsAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProbeError(f"the probe of the socket calls ended with status {process.returncode}") from error
    if answer.problem:
        raise TransportError(answer.problem, answer.remedy)
    return answer


def measure(request: CallsRequest) -> CallsAnswer:
    """Every round times both loops without a transport, and each transport, in random order, on fresh connections."""
    os.sched_setaffinity(0, {request.core})
    payload = os.urandom(request.size_bytes)
    stamps = array("q", bytes(8 * _MOST_STAMPS))
    timers: list[Callable[[], tuple[int, int]]] = [
        lambda: time_nothing(stamps, request.interval_ns),
        lambda: _time_empty_calls(payload, stamps, request),
        *(partial(_time_lane, name, lane, payload, stamps, request) for lane, name in enumerate(request.transports)),
    ]
    medians_ns: list[list[float]] = [[] for _ in timers]
    for number in range(-1, request.rounds):  # the first one warms up
        for index in random.sample(range(len(timers)), len(timers)):
            gc.disable()
            try:
                started, operations = timers[index]()
            finally:
                gc.enable()
            if number >= 0:
                durations = np.diff(np.frombuffer(stamps, np.int64, operations), prepend=started)
                medians_ns[index].append(float(np.median(durations)))
    clock_ns, empty_ns, *calls_ns = medians_ns
    return CallsAnswer(clock_ns, empty_ns, calls_ns)


def _time_empty_calls(payload: bytes, stamps: array[int], request: CallsRequest) -> tuple[int, int]:
    with FileIO(os.devnull, "r+") as nothing:
        return time_calls((nothing, nothing), payload, 0, stamps, request.interval_ns)


def _time_lane(name: str, lane: int, payload: bytes, stamps: array[int], request: CallsRequest) -> tuple[int, int]:
    transport = transport_named(name)
    with PrivateFolder() as folder:
        listener = transport.listen(transport.private_address(folder.path, lane))
        try:
            client, name = transport.open()
            with client:
                connection = transport.connect(client, listener.address)
                caller = _caller_named(name, transport, listener)
                with connection, caller, transport.accepted(caller) as server:
                    set_patience(connection)
                    set_patience(server)
                    ends = raw_file(connection), raw_file(server)  # as the loops of the workloads call them
                    return time_calls(ends, payload, len(payload), stamps, request.interval_ns)
        finally:
            listener.close()


def _caller_named(name: str, transport: Transport, listener: Listener) -> socket.socket:
    """Our own client, who is connected already; whoever called before him is sent away."""
    while True:
        caller, _ = listener.socket.accept()
        if transport.peer(caller).name == name:
            return caller
        caller.close()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then ends this
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=CallsRequest)
    try:
        answer = measure(request)
    except UdstuiError as error:
        answer = CallsAnswer(problem=error.what, remedy=error.remedy)
    except OSError as error:
        answer = CallsAnswer(problem=f"the socket calls cannot be timed: {reason(error)}", remedy="measure again")
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
