"""Lanes that take turns in C: what is prepared before, and told of each turn after it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate

from udstui.runtimes.native.client import is_exchanged, job_of
from udstui.runtimes.native.failures import count_of
from udstui.runtimes.native.loops import failures_explained, limits_of, loops
from udstui.runtimes.native.turn_record import TurnRecord
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.runtimes.turn import Told, Turn
from udstui.transports.posix_mq import QueueEnd
from udstui.transports.shm import SharedMemory

_LATER_LEAD_IN_SHARE = 4
"""Only the first turn of a lane is on a fresh connection. The lead-in of a later one is for what the other lanes left
in the caches, and this part of the first one's is enough: paired by round, no median and no mean differed by 0.3 %."""


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
        jobs[lane].lead_in_ns = setups[lane].lead_in_ns // _LATER_LEAD_IN_SHARE
    stamps = setups[0].stamps
    loops().tell_turns(records, loops().take_turns(records, stamps))
    firsts = list(accumulate((max(0, record.operations) for record in records), initial=0))
    return lambda place: _told(setups[order[place]], records[place], stamps, firsts[place])


def _told(setup: Setup, record: TurnRecord, durations: array[int], first: int) -> Turn:
    """Its durations begin at the first."""
    operations = record.operations
    if operations < 0:
        with kernel_errors_explained(setup), failures_explained(setup):
            count_of(operations)
    started_ns, before, after = record.job.started_ns, record.before, record.after
    return Turn(
        Timed(started_ns, operations, operations * len(setup.payload), record.job.ended_ns - started_ns),
        durations[first : first + operations],
        record.doubled_median_ns / 2,
        after.clock_ns - before.clock_ns,
        _grown(before.client_cpu_ns, after.client_cpu_ns),
        _grown(before.server_cpu_ns, after.server_cpu_ns),
        _grown(before.voluntary_switches, after.voluntary_switches),
        _grown(before.involuntary_switches, after.involuntary_switches),
    )


def _grown(before: int, after: int) -> int | None:
    return None if min(before, after) < 0 else after - before
