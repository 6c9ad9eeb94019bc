"""What every runtime promises of requests: every answer is read to its end, however it comes, and no further."""

from __future__ import annotations

import itertools
import socket
import time
from array import array
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from tests.helpers import make_setup
from tests.runtimes.ways import (
    KIB,
    MAIN,
    MIB,
    MS,
    POLLED_MAIN,
    POLLED_STREAMS,
    STREAMS,
    Way,
    in_turn,
    stalling,
)
from tests.runtimes.web import Answer, answering, measured, plain, requests_of
from udstui.errors import ServiceError, TransportError, UdstuiError
from udstui.plan import Plan
from udstui.runtimes.python import Python
from udstui.runtimes.request import Opening
from udstui.runtimes.request import Request as Asked
from udstui.services import rpc
from udstui.workloads.http import Http
from udstui.workloads.request import FixedReader
from udstui.workloads.rpc import Rpc

ASKED = [way for way in STREAMS if not way.runtime.refuses(way.transport, Plan(workload="http", wait=way.wait))]
"""Those that carry requests: memory carries none."""
every_stream = pytest.mark.parametrize("way", ASKED + POLLED_STREAMS, ids=str)
uds_and_tcp = pytest.mark.parametrize("way", MAIN + POLLED_MAIN, ids=str)
_NUMBERS = itertools.count()


def padded(body: bytes, more: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nX: %s\r\nContent-Length: %d\r\n\r\n%s" % (b"x" * more, len(body), body)


def dated(body: bytes) -> bytes:
    """The head is another every time, also in its length."""
    return padded(body, next(_NUMBERS) % 50)


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 700] for start in range(0, len(body), 700)]
    lines = b"".join(b"%x;of=7\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\nTrailer: x\r\n\r\n" % lines


def closing(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def until_the_end(body: bytes) -> bytes:
    return b"HTTP/1.0 200 OK\r\n\r\n" + body


@every_stream
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("workload", [Http(), Rpc()], ids=["http", "rpc"])
def test_our_own_server_is_asked_and_the_answers_counted(
    way: Way, folder: Path, count: int, workload: Http | Rpc
) -> None:
    marks: list[None] = []

    def serve(connection: socket.socket) -> None:
        rpc.serve(connection, memoryview(b""), "block", 0, Python())

    with way.clients(folder, serve, count) as clients:
        setup = make_setup(clients[0], 1000, *clients[1:], spin=way.spin, poll=way.poll, duration_ns=20 * MS)
        setup.mark_usage = lambda: marks.append(None)
        timed = workload.measure(way.runtime, setup)
    assert timed.operations >= 1
    assert 1 <= len(timed.answers) <= count
    assert len(marks) == 2


@uds_and_tcp
@pytest.mark.parametrize("answer", [plain, dated, chunked])
@pytest.mark.parametrize("count", [1, 3])
def test_answers_are_read_to_their_end_however_it_is_told(way: Way, folder: Path, answer: Answer, count: int) -> None:
    with way.clients(folder, answering(answer), count) as clients:
        measured(way, clients, 3000)


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
def test_answers_that_are_of_one_length_only_at_first_are_read_to_their_end(way: Way, folder: Path, count: int) -> None:
    def serve(connection: socket.socket) -> None:
        for number, body in enumerate(requests_of(connection)):
            connection.sendall(padded(body, max(0, number - 2) % 5000))

    with way.clients(folder, serve, count) as clients:
        measured(way, clients, 500, patience_ns=1000 * MS)  # what a loop of one length leaves unread may fill a socket


@uds_and_tcp
@pytest.mark.parametrize(("answer", "size"), [(plain, 3 * MIB), (chunked, 256 * KIB)])
@pytest.mark.parametrize("count", [1, 3])
def test_large_requests_and_answers(way: Way, folder: Path, answer: Answer, size: int, count: int) -> None:
    with way.clients(folder, answering(answer), count) as clients:
        measured(way, clients, size)


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
def test_answers_that_come_in_pieces_are_put_together(way: Way, folder: Path, count: int) -> None:
    def crumble(connection: socket.socket) -> None:
        for body in requests_of(connection):
            answer = plain(body)
            for start in range(0, len(answer), 7):
                connection.sendall(answer[start : start + 7])

    with way.clients(folder, crumble, count) as clients:
        measured(way, clients, 500)


@uds_and_tcp
@pytest.mark.parametrize(
    ("answer", "most"), [(plain, 1), (plain, 3), (closing, 1), (until_the_end, 1)],
    ids=["silently-1", "silently-3", "told", "until-the-end"],
)  # fmt: skip
@pytest.mark.parametrize("count", [1, 3])
def test_a_server_that_closes_between_answers_is_met_again(
    way: Way, folder: Path, answer: Answer, most: int, count: int
) -> None:
    with way.clients(folder, answering(answer, most=most), count) as clients:
        timed = measured(way, clients, 100, duration_ns=20 * MS)
        assert clients.met_again >= 1 or timed.operations < most


@uds_and_tcp
def test_meeting_again_is_not_timed(way: Way, folder: Path) -> None:
    pause_s, count = 0.05, 5
    with way.clients(folder, answering(closing, most=1)) as clients:

        def reconnect(ended: socket.socket) -> socket.socket:
            time.sleep(pause_s)
            return clients.reconnect(ended)

        setup = make_setup(clients[0], 100, spin=way.spin, poll=way.poll, duration_ns=60_000 * MS, reconnect=reconnect)
        setup.stamps = setup.stamps[:count]
        timed = Http().measure(way.runtime, setup)
    assert timed.operations == count
    stamps = list(setup.stamps[:count])
    durations = stamps if timed.overlapping else [b - a for a, b in pairwise([timed.started_ns, *stamps])]
    # A pause in each but the first would be in most of them, and all together in the time that passed between them.
    assert min(durations) > 0 and median(durations) < pause_s * 1e9
    assert 0 <= timed.elapsed_ns - sum(durations) < (count - 2) * pause_s * 1e9


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
def test_a_server_that_closes_without_an_answer_is_one_clear_error(way: Way, folder: Path, count: int) -> None:
    with way.clients(folder, in_turn(answering(plain, most=0), *[answering(plain)] * 2), count) as clients:
        with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke"):
            measured(way, clients, 100, duration_ns=1000 * MS)


@uds_and_tcp
@pytest.mark.parametrize("answer", [plain, closing], ids=["silently", "told"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_server_that_closes_among_answers_of_one_write_is_told_so(
    way: Way, folder: Path, answer: Answer, count: int
) -> None:
    with way.clients(folder, answering(answer, most=6 if answer is plain else 1), count) as clients:
        plan = Plan(workload="http", pipeline=4)
        with pytest.raises(ServiceError, match=r"ended the connection behind [12] of 4 answers; choose pipeline 1"):
            measured(way, clients, 20, plan=plan, duration_ns=1000 * MS)


@uds_and_tcp
def test_an_answer_that_ends_at_any_byte_is_one_clear_error(way: Way, folder: Path) -> None:
    whole = plain(b"x" * 20)
    for count in range(len(whole)):
        with way.clients(folder, answering(lambda _, count=count: whole[:count], most=1)) as clients:
            with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke"):
                measured(way, clients, 20)


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(b"HTTP/1.1 500 Broken\r\nContent-Length: 3\r\n\r\nwhy", r"answered 500 Broken: why", id="status"),
        pytest.param(b"garbage\r\n\r\n", r"no HTTP", id="garbage"),
        pytest.param(b"\x00\xff" * 50_000, r"no HTTP", id="bytes"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", r"no HTTP", id="length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", r"no HTTP", id="chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nx" % 10**18, r"more than \d+ bytes", id="large"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz", r"more came back|echo differs", id="more"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", r"echo differs", id="empty"),
        pytest.param(plain(b"another echo"), r"echo differs", id="another"),
    ],
)
def test_an_answer_that_is_none_is_one_clear_error(
    way: Way, folder: Path, answer: bytes, message: str, count: int
) -> None:
    with way.clients(folder, answering(lambda _: answer), count) as clients:
        with pytest.raises(UdstuiError, match=message):
            measured(way, clients, 100)


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
def test_an_answer_that_is_longer_is_noticed_though_all_bytes_are_alike(way: Way, folder: Path, count: int) -> None:
    """What is left over is the only sign of it: then the native loop's figures do not count, and Python's loop asks."""
    answers = itertools.chain([b"a" * 8] * 20, [b"a" * 9], itertools.repeat(b"a" * 8))

    def serve(connection: socket.socket) -> None:
        while connection.recv(100):
            connection.sendall(next(answers))

    with way.clients(folder, serve, count) as clients:
        setup = make_setup(
            clients[0], 1, *clients[1:],
            spin=way.spin, poll=way.poll, reconnect=clients.reconnect, duration_ns=20_000 * MS, lead_in_ns=0,
        )  # fmt: skip
        setup.stamps = array("q", bytes(8 * 100))
        request = Asked(b"question", lambda: FixedReader(8), 100, Opening(lambda _: None, None, b""))
        if way.runtime.name == "native":
            assert way.runtime.requests(setup, request).in_python
            assert clients.met_again == count
        else:
            with pytest.raises(TransportError, match="more came back than was asked for"):
                way.runtime.requests(setup, request)


@uds_and_tcp
@pytest.mark.parametrize("count", [1, 3])
def test_a_server_that_does_not_answer_is_given_up(way: Way, folder: Path, count: int) -> None:
    with way.clients(folder, stalling, count) as clients:
        with pytest.raises(TransportError, match="no progress for 100 ms"):
            measured(way, clients, 100, duration_ns=20_000 * MS, patience_ns=100 * MS)


@uds_and_tcp
def test_an_answer_that_never_ends_is_given_up_in_spite_of_its_progress(way: Way, folder: Path) -> None:
    def trickle(connection: socket.socket) -> None:
        for body in requests_of(connection):
            for byte in plain(body * 100):
                connection.sendall(bytes([byte]))
                time.sleep(0.001)

    with way.clients(folder, trickle) as clients:
        with pytest.raises(TransportError, match="choose a smaller size"):
            measured(way, clients, 1000, longest_ns=30 * MS)
