"""Lanes that take turns in C: what is prepared before, and told of each turn after it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain
from operator import sub

from udstui.runtimes.native.client import is_exchanged, job_of
from udstui.runtimes.native.failures import count_of
from udstui.runtimes.native.loops import failures_explained, limits_of, loops
from udstui.runtimes.native.turn_record import TurnRecord
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.runtimes.turn import Told, Turn
from udstui.transports.posix_mq import QueueEnd
from udstui.transports.shm import SharedMemory


def take_turns(setups: Sequence[Setup], order: Sequence[int]) -> Told | None:
    """None where packets do not fit the buffers on the way, or a lane has no descriptor."""
    if any(isinstance(setup.connections[0], (SharedMemory, QueueEnd)) or is_exchanged(setup) for setup in setups):
        return None
    jobs = []
    for setup in setups:
        setup.set_blocking(not setup.poll)
        limits = limits_of(setup, setup.duration_ns)._replace(lead_in_ns=setup.lead_in_ns)
        jobs.append(job_of(setup, len(setup.payload), limits))
    records = (TurnRecord * len(order))()
    for record, lane in zip(records, order, strict=True):
        record.job, record.server_clock, record.is_polled = jobs[lane], setups[lane].server_clock, setups[lane].poll
    stamps = setups[0].stamps
    loops().take_turns(records, stamps)
    return lambda place: _told(
        setups[order[place]], records[place], sum(record.operations for record in records[:place]), stamps
    )


def _told(setup: Setup, record: TurnRecord, first: int, stamps: array[int]) -> Turn:
    """Its stamps begin at the first."""
    with kernel_errors_explained(setup), failures_explained(setup):
        operations = count_of(record.operations)
    ends = stamps[first : first + operations]
    started_ns, ended_ns = record.job.started_ns, record.job.ended_ns
    return Turn(
        Timed(started_ns, operations, operations * len(setup.payload), ended_ns - started_ns),
        array("q", map(sub, ends, chain((started_ns,), ends))),
        record.after.clock_ns - record.before.clock_ns,
        *(
            None if min(before, after) < 0 else after - before
            for before, after in (
                (getattr(record.before, name), getattr(record.after, name))
                for name in ("client_cpu_ns", "server_cpu_ns", "voluntary_switches", "involuntary_switches")
            )
        ),
    )
