"""The reader that finds the end of an HTTP answer."""

from __future__ import annotations

import pytest

from udstui.errors import ServiceError
from udstui.workloads.http_request import HttpReader, body_of, http_request, status_of

OK = b"HTTP/1.1 200 OK\r\n"


def test_a_request_is_one_piece() -> None:
    assert http_request("POST", "/echo", b"body", content_type="text/plain") == (
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
    )


def test_lines_of_a_head_are_added_and_a_host_takes_the_place_of_the_usual_one() -> None:
    assert http_request("GET", "/a?b=1", header=b"A: b\nhost: x\n") == b"GET /a?b=1 HTTP/1.1\r\nA: b\r\nhost: x\r\n\r\n"


def test_a_head_alone_is_an_answer_to_who_asked_for_no_more() -> None:
    answer = b"HTTP/1.1 301 Moved\r\nServer: some/1.2\r\nContent-Length: 1000\r\n\r\n"
    assert HttpReader(has_body=False).length(answer, len(answer)) == len(answer)
    assert status_of(answer) == ("301 Moved", "some/1.2")


@pytest.mark.parametrize(
    ("answer", "body", "closes"),
    [
        (OK + b"Content-Length: 4\r\n\r\nbody", b"body", False),
        (OK + b"content-length:4\r\nConnection: Close\r\n\r\nbody", b"body", True),
        (OK + b"Transfer-Encoding: Chunked\r\n\r\n1\r\nb\r\n003;x\r\nody\r\n0\r\n\r\n", b"body", False),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nA: b\r\nC: d\r\n\r\n", b"body", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", False),
        (b"HTTP/1.0 200\r\nContent-Length: 0\r\n\r\n", b"", True),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", b"x", False),
    ],
)
def test_the_end_is_known_as_soon_as_it_is_there_and_no_sooner(answer: bytes, body: bytes, closes: bool) -> None:
    reader = HttpReader()
    for _ in range(2):  # the second time it knows the head
        known = [reader.length(answer, count) for count in range(len(answer) + 1)]
        assert known[-1] == len(answer)
        assert set(known) <= {0, len(answer)}
        assert known == sorted(known)
    assert reader.closes == closes
    assert body_of(memoryview(answer)) == body


def test_what_ends_with_the_connection_is_whole_only_then() -> None:
    answer = b"HTTP/1.0 200 OK\r\n\r\nbody"
    reader = HttpReader()
    assert reader.length(answer, len(answer)) == 0
    assert reader.length_at_end(answer, len(answer)) == len(answer)
    assert reader.length_at_end(answer, 10) == 0
    assert reader.closes
    assert body_of(memoryview(answer)) == b"body"


def test_what_is_left_of_a_longer_answer_is_not_taken_for_a_part_of_the_next() -> None:
    reader = HttpReader()
    memory = bytearray(OK + b"Content-Length: 10\r\n\r\n" + b"x" * 10)
    assert reader.length(memory, len(memory)) == len(memory)
    assert reader.length(memory, 5) == 0
    shorter = OK + b"Content-Length: 1\r\n\r\ny"
    memory[: len(shorter)] = shorter
    assert reader.length(memory, len(shorter)) == len(shorter)


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n", b"HTTP/2 200 OK\r\n\r\n", b"HTTP/1.1 two\r\n\r\n", OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: 0x10\r\n\r\n", OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n\r\n", b"x" * 70_000,
    ],
)  # fmt: skip
def test_what_is_no_http_is_told(answer: bytes) -> None:
    with pytest.raises(ServiceError, match="no HTTP"):
        HttpReader().length(answer, len(answer))


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (b"404 Not Found", b"<!DOCTYPE HTML>\n<html>", "the server answered 404 Not Found; ask for another path"),
        (b"405 Not Allowed", b"", "the server answered 405 Not Allowed; ask for another path, or by another method"),
        (b"503 Unavailable", b"come back\n", "the server answered 503 Unavailable: come back"),
    ],
)
def test_a_refusal_is_told_without_the_page_for_browsers(status: bytes, body: bytes, message: str) -> None:
    answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    with pytest.raises(ServiceError) as raised:
        HttpReader().length(answer, len(answer))
    assert str(raised.value) == message


def test_an_answer_without_end_is_not_read_for_ever() -> None:
    reader = HttpReader()
    answer = OK + b"\r\n" + bytes(70 * 1024**2)
    with pytest.raises(ServiceError, match="more than"):
        reader.length(answer, len(answer))
