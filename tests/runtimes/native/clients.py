"""Clients of several connections at once, for the tests of the loops that serve them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from tests.runtimes.native.ends import (
    LIMITS,
    End,
    open_pair,
    payload_of,
    playing,
    stamps_for,
)
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.structures import Job, Limits, Seats, Wire, make_job

KIB = 1024
NOWHERE = Wire(-1, -1)
Play = Callable[[End], object]


class Clients:
    """Our ends, their seats, and one answer for each."""

    def __init__(self, ends: list[End], answer_bytes: int) -> None:
        self.ends = ends
        self.answers = [bytearray(answer_bytes) for _ in ends]
        self.seats = Seats([end.wire for end in ends], self.answers)
        self.payload = payload_of(answer_bytes)
        self.stamps = stamps_for(20_000)

    def job(self, *, limits: Limits = LIMITS, enough: int | None = None, spin: bool = False) -> Job:
        return make_job(
            NOWHERE, limits, self.stamps, payload=self.payload, answer_bytes=len(self.payload),
            enough=1 if enough is None else enough, spin=spin,
        )  # fmt: skip

    def close(self) -> None:
        for end in self.ends:
            end.close()


@contextlib.contextmanager
def clients_of(kind: str, count: int, size: int, play: Play) -> Iterator[tuple[Clients, list[list[object]]]]:
    """So many connections, the other end of each played by a thread of its own; and what each play returned."""
    with contextlib.ExitStack() as opened:
        ours, results = [], []
        for _ in range(count):
            near, far = open_pair(kind)
            opened.callback(far.close)
            near.set_blocking(False)
            ours.append(near)
            results.append(opened.enter_context(playing(lambda far=far: play(far))))
        clients = Clients(ours, size)
        opened.callback(clients.close)
        yield clients, results


def echoing(loops: Loops) -> Play:
    return lambda end: loops.echo(end.wire, bytearray(64 * KIB), wait="block")
