"""Answers that change their length: a loop in C that waits for the usual one must not wait for what never comes."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import make_setup
from tests.runtimes.ways import MAIN, MS, POLLED_MAIN, Way
from tests.runtimes.web import answering, measured, plain, requests_of
from udstui.plan import Plan
from udstui.workloads.http import Http

uds_and_tcp = pytest.mark.parametrize("way", MAIN + POLLED_MAIN, ids=str)


def framed(number: int) -> bytes:
    """The same body in other chunks every time."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (b"x" * (1 + number % 40), b"y" * 60, b"")
    )


VARYING = {
    "longer": lambda number: plain(b"%d" % (number + 5)),
    "much-longer": lambda number: plain(b"x" * (9 if number < 5 else 100_000)),
    "shorter": lambda number: plain(b"%d" % max(0, 1005 - number)),
    "much-shorter": lambda number: plain(b"x" * (100_000 if number < 5 else 9)),
    "in-other-chunks": framed,
    "once-shorter": lambda number: plain(b"x" * (8 if number == 5 else 9)),
}


@uds_and_tcp
@pytest.mark.parametrize("number_of", VARYING.values(), ids=list(VARYING))
@pytest.mark.parametrize("count", [1, 3])
def test_an_answer_of_another_length_is_noticed_before_patience_is_lost(
    way: Way, folder: Path, number_of: Callable[[int], bytes], count: int
) -> None:
    """A loop that waits for the rest of an answer that is whole waits as long as it would for a server that hangs."""

    def serve(connection: socket.socket) -> None:
        for number, _ in enumerate(requests_of(connection)):
            connection.sendall(number_of(number))

    patience_ns, plan = 3000 * MS, Plan(workload="http", method="POST")
    with way.clients(folder, serve, count) as clients:
        setup = make_setup(
            clients[0], 50, *clients[1:], spin=way.spin, poll=way.poll, reconnect=clients.reconnect, plan=plan,
            is_target=True, lead_in_ns=0, duration_ns=60 * MS, patience_ns=patience_ns, drain_ns=patience_ns,
        )  # fmt: skip
        started_ns = time.perf_counter_ns()
        timed = Http().measure(way.runtime, setup)
        assert time.perf_counter_ns() - started_ns < patience_ns
    if way.runtime.name == "native":
        assert timed.in_python and timed.answers_vary


@uds_and_tcp
def test_the_rest_of_an_answer_that_comes_late_is_waited_for(way: Way, folder: Path) -> None:
    def serve(connection: socket.socket) -> None:
        for body in requests_of(connection):
            answer = plain(body)
            connection.sendall(answer[:-1])
            time.sleep(0.02)
            connection.sendall(answer[-1:])

    with way.clients(folder, serve) as clients:
        assert not measured(way, clients, 50, duration_ns=100 * MS).in_python


@pytest.mark.parametrize("way", [way for way in MAIN if way.runtime.name == "native"], ids=str)
def test_where_answers_are_known_to_vary_no_loop_of_one_length_is_tried(way: Way, folder: Path) -> None:
    with way.clients(folder, answering(plain)) as clients:
        timed = measured(way, clients, 50, answers_vary=True)
        assert timed.in_python and timed.answers_vary and not clients.met_again
