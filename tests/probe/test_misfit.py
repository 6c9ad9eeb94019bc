"""Targets that are not what a workload needs: it is said what they are, and which workload fits."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.helpers import serving
from udstui.errors import UdstuiError
from udstui.plan import Plan
from udstui.probe.cores import Placement
from udstui.probe.lanes import Lanes
from udstui.services.protocols import POSTGRES, TLS, Spoken, guess, identify
from udstui.transports import TRANSPORTS
from udstui.workloads.request import first_answer

HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
REDIS = b"-ERR unknown command\r\n"
MEMCACHED = b"ERROR\r\n"


def refused(plan: Plan, folder: Path) -> str:
    lanes = Lanes(plan, Placement((), ()), folder)
    with pytest.raises(UdstuiError) as raised:
        lanes.measure(5 * 10**6)
    lanes.close()
    return str(raised.value)


def failed(folder: Path, answer: bytes | None, workload: str) -> str:
    """What is said of a server that answers every piece so, or as an echo where that is None."""

    def serve(connection: socket.socket) -> None:
        while data := connection.recv(65536):
            connection.sendall(data if answer is None else answer)

    with serving(TRANSPORTS["uds"], folder, serve) as address:
        plan = Plan(transports=(str(address),), workload=workload)
        return refused(plan, folder).replace(str(address), "it")


@pytest.mark.parametrize(
    ("answer", "workload", "message"),
    [
        (HTTP, "ping-pong", "it is an HTTP server, and ping-pong needs an echo server; race it with --workload http"),
        (REDIS, "ping-pong", "it is a redis server, and ping-pong needs an echo server; race it with --workload redis"),
        (HTTP, "bulk-send", "it is an HTTP server, and bulk-send needs a sink, which reads and then tells how much"),
        (REDIS, "http", "it is a redis server, and http needs an HTTP server; race it with --workload redis"),
        (HTTP, "redis", "it is an HTTP server, and redis needs a redis server; race it with --workload http"),
        (None, "redis", "it is an echo server, and redis needs a redis server; race it with --workload ping-pong"),
        (MEMCACHED, "redis", "it is a memcached, and redis needs a redis server; race it with --workload memcached"),
        (REDIS, "memcached", "it is a redis server, and memcached needs a memcached; race it with --workload redis"),
        (HTTP, "http", "it: the server answered 400 Bad Request"),
        (b"-ERR " + bytes(200), "one-way", "it is a redis server, and one-way needs a packets server; race it with"),
        (
            None,
            "one-way",
            "it is an echo server, and one-way needs a packets server; race it with --workload ping-pong",
        ),
        (b"who?", "redis", "it: what the server answers is not Redis' protocol: b'who?'"),
    ],
)
def test_it_is_said_who_answers_where_and_what_would_fit(
    folder: Path, answer: bytes | None, workload: str, message: str
) -> None:
    assert message in failed(folder, answer, workload)


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "an SSH server"),
        (b"220 mail.example.org ESMTP\r\n", "a mail or FTP server"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "a server that speaks TLS"),
        (b"J\x00\x00\x00\x0a8.0.36\x00", "a MySQL server"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_first_bytes_tell(first: bytes, name: str | None) -> None:
    found = guess(first)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [(b"\0\0\0\x08", b"N", POSTGRES), (b"\x16\x03", b"\x15\x03\x03\0\x02\x02\x32", TLS), (b"", b"", None)],
)
def test_who_closes_on_everything_but_its_own_question_is_found_too(
    question: bytes, answer: bytes, found: Spoken | None, folder: Path
) -> None:
    def serve(connection: socket.socket) -> None:
        if connection.recv(100).startswith(question):
            connection.sendall(answer)

    with serving(TRANSPORTS["uds"], folder, serve) as address:
        assert identify(address) == found
    assert identify(address) is None


@pytest.mark.parametrize(
    ("request_text", "answers", "message"),
    [
        ("x", [b"one", b"other"], "the answer had 3 bytes at first, and then 5"),
        ("x", [b"one", b"two"], "the answer was b'one' at first, and then b'two'"),
    ],
)
def test_answers_of_a_request_that_differ_are_not_counted(
    folder: Path, request_text: str, answers: list[bytes], message: str
) -> None:
    left = list(answers)

    def serve(connection: socket.socket) -> None:
        while connection.recv(100):
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    with serving(TRANSPORTS["uds"], folder, serve) as address:
        plan = Plan(transports=(str(address),), workload="request", request=request_text)
        assert message in refused(plan, folder)


def test_a_length_that_answers_do_not_have_is_said_beside_theirs(folder: Path) -> None:
    def serve(connection: socket.socket) -> None:
        while connection.recv(100):
            connection.sendall(b"+PONG\r\n")

    with serving(TRANSPORTS["uds"], folder, serve) as address:
        said = refused(Plan(transports=(str(address),), workload="request", request="x", answer_bytes=3), folder)
    assert "the answer has 7 bytes, and not 3; give --answer-bytes 7, or leave it out" in said


def test_a_request_that_is_not_at_its_end_for_the_server_is_asked_about() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)  # as if the patience was over at once
    with ours, theirs, pytest.raises(UdstuiError) as raised:
        first_answer(ours, b"PING")
    assert r"no answer came to b'PING'; does the request end as its protocol has it (\r\n)" in str(raised.value)
