"""One operation of each loop of C that waits: what a process does that is stopped, or whose peers are silent."""

from __future__ import annotations

import socket
import sys
import threading
from array import array
from collections.abc import Callable, Mapping
from functools import partial

from tests.runtimes.native.clients import Clients
from tests.runtimes.native.ends import LIMITS, End, Round, job_on, loops_or_skip
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.structures import Limits, Packets, Wire, make_schedule
from udstui.runtimes.packets import Pieces, put_head

SIZE = 900
Wait = Callable[[], int]
"""Returns how many operations there were."""
Prepare = Callable[[Loops, End, Limits], Wait]


def _round(end: End, limits: Limits, *, blocks: bool = False, spin: bool = False) -> Round:
    end.set_blocking(blocks)
    end.set_patience(limits.patience_ns)
    return job_on(end, SIZE, limits=limits, spin=spin)


def _open_loop(loops: Loops, end: End, limits: Limits, *, spin: bool = False) -> Wait:
    end.set_blocking(False)
    clients = Clients([end], SIZE)
    times = [array("q", [0]) for _ in range(3)]
    return partial(loops.open_loop, clients.job(limits=limits, spin=spin), clients.seats, make_schedule(*times, 0))


def _many(loops: Loops, end: End, limits: Limits, *, spin: bool = False) -> Wait:
    end.set_blocking(False)
    clients = Clients([end], SIZE)
    return partial(loops.many_round_trips, clients.job(limits=limits, spin=spin), clients.seats)


def _packets(loops: Loops, end: End, limits: Limits) -> Wait:
    one = _round(end, limits, spin=True)
    put_head(memoryview(one.payload), Pieces(1, is_stamped=False))
    return partial(loops.packet_trips, one.job, Packets(payload=one.job.payload, writes=1))


WAITS: Mapping[str, Prepare] = {
    "blocking": lambda loops, end, limits: partial(loops.ping_pong, _round(end, limits, blocks=True).job),
    "spinning": lambda loops, end, limits: partial(loops.ping_pong, _round(end, limits, spin=True).job),
    "polling": lambda loops, end, limits: partial(loops.polled_ping_pong, _round(end, limits).job),
    "exchange": lambda loops, end, limits: partial(loops.exchange, _round(end, limits).job),
    "many": _many,
    "many, spinning": partial(_many, spin=True),
    "open loop": _open_loop,
    "open loop, spinning": partial(_open_loop, spin=True),
    "packets": _packets,
}


def all_at_once(ends: Mapping[str, End], patience_ns: int) -> dict[str, int | str]:
    """How many operations each of them had, or what it raised; each in a thread of its own."""
    loops = loops_or_skip()
    limits = LIMITS._replace(duration_ns=0, patience_ns=patience_ns, longest_ns=patience_ns, drain_ns=LIMITS.longest_ns)
    results: dict[str, int | str] = {}
    are_ready = threading.Barrier(len(ends))

    def run(name: str, wait: Wait) -> None:
        are_ready.wait()
        try:
            results[name] = wait()
        except Exception as error:
            results[name] = type(error).__name__

    waits = [(name, WAITS[name](loops, end, limits)) for name, end in ends.items()]
    threads = [threading.Thread(target=run, args=each) for each in waits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {name: results[name] for name in ends}


def main(patience_ns: int, *numbers: int) -> None:
    """On these sockets, one for each."""
    sockets = [socket.socket(fileno=number) for number in numbers]
    ends = [End(Wire(number, number), [one]) for number, one in zip(numbers, sockets, strict=True)]
    print(all_at_once(dict(zip(WAITS, ends, strict=True)), patience_ns))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
