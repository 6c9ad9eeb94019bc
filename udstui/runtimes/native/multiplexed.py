"""Round trips on several connections at once, in C."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.runtimes.native.loops import limits_of, limits_of_clients, loops, wire_of
from udstui.runtimes.native.structures import IsWhole, Job, Limits, Seats, make_job
from udstui.runtimes.setup import Setup
from udstui.transports.connection import Connection


def many_round_trips(
    setup: Setup,
    payload: memoryview,
    connections: Sequence[Connection],
    answers: Sequence[bytearray | memoryview],
    answer_bytes: int,
    *,
    is_whole: IsWhole | None = None,
) -> tuple[Job, Seats]:
    """The job that was done, and the seats after it. With `is_whole` answers may be of other lengths: see make_job().

    The clock starts with all packets on their way, when the first answer is in.
    """
    seats = Seats([wire_of(connection) for connection in connections], answers)

    def job_for(limits: Limits, enough: int) -> Job:
        return make_job(
            wire_of(connections[0]), limits, setup.stamps,
            payload=payload, answer_bytes=answer_bytes, enough=enough, spin=setup.spin, is_whole=is_whole,
        )  # fmt: skip

    loops().many_round_trips(job_for(limits_of(setup, 0), 0), seats)
    setup.mark_usage()
    job = job_for(limits_of_clients(setup), 1)
    loops().many_round_trips(job, seats)
    setup.mark_usage()
    return job, seats
