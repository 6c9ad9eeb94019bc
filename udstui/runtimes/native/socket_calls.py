"""The socket calls of a round trip alone, in C: what the runtime `python` adds to them is seen beside it."""

from __future__ import annotations

from array import array

from udstui.errors import TransportError
from udstui.runtimes.native.failures import NativeError
from udstui.runtimes.native.loops import loops, wire_of
from udstui.runtimes.native.structures import Limits, Wire, make_job
from udstui.runtimes.setup import LONGEST_OPERATION_NS, PATIENCE_NS
from udstui.transports.connection import Numbered

_NOWHERE = Wire(-1, -1)


def time_calls(
    ends: tuple[Numbered, Numbered], payload: bytes, arriving: int, stamps: array[int], duration_ns: int
) -> tuple[int, int]:
    """As probe.socket_calls.CallLoops says."""
    ours, theirs = map(wire_of, ends)
    job = make_job(ours, _limits(duration_ns), stamps, payload=payload, answer=bytearray(len(payload)))
    job.answer_bytes = arriving
    try:
        operations = loops().four_calls(job, theirs)
    except NativeError as error:
        raise TransportError(f"{arriving} bytes did not arrive in one piece", "choose a smaller size") from error
    return job.started_ns, operations


def time_nothing(stamps: array[int], duration_ns: int) -> tuple[int, int]:
    """As probe.socket_calls.CallLoops says."""
    job = make_job(_NOWHERE, _limits(duration_ns), stamps)
    operations = loops().no_calls(job)
    return job.started_ns, operations


def _limits(duration_ns: int) -> Limits:
    return Limits(duration_ns, PATIENCE_NS, LONGEST_OPERATION_NS)
