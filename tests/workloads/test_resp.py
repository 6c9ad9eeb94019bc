"""The reader that finds the end of an answer of Redis."""

from __future__ import annotations

import pytest

from udstui.errors import ServiceError
from udstui.workloads.dialogue import InARow
from udstui.workloads.resp import RespReader, command

ANSWERS = [
    b"+PONG\r\n",
    b"-ERR unknown command\r\n",
    b":-12\r\n",
    b"$4\r\na\r\nb\r\n",
    b"$0\r\n\r\n",
    b"$-1\r\n",
    b"*-1\r\n",
    b"*0\r\n",
    b"*3\r\n$1\r\na\r\n*1\r\n:1\r\n+x\r\n",
]


def test_a_command_is_an_array_of_strings() -> None:
    assert command(b"SET", b"key", b"a\r\nb") == b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\na\r\nb\r\n"


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_the_end_is_found_however_little_has_come_before(answer: bytes) -> None:
    reader = RespReader()
    for count in range(len(answer)):
        assert reader.length(answer[:count], count) in (0, len(answer))
    assert reader.length(answer, len(answer)) == len(answer)
    assert reader.length(answer + b"old", len(answer)) == len(answer)


def test_values_of_another_length_are_not_taken_for_the_one_before() -> None:
    reader = RespReader()
    for answer in (b"$2\r\nab\r\n", b"$3\r\nabc\r\n", b"$-1\r\n", b"$2\r\nab\r\n"):
        assert reader.length(answer, len(answer)) == len(answer)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n", b"\x00\x01", b"$x\r\n", b"$99999999999\r\n", b"*1\r\n" * 9, b"+" + b"x" * 70_000],
    ids=lambda answer: repr(answer[:20]),
)
def test_what_is_no_answer_is_one_clear_error(answer: bytes) -> None:
    with pytest.raises(ServiceError, match="is not Redis' protocol"):
        RespReader().length(answer, len(answer))


def test_answers_in_a_row_are_read_as_one() -> None:
    reader = InARow(RespReader(), len(ANSWERS))
    row = b"".join(ANSWERS)
    assert reader.length(row, len(row)) == len(row)
    assert reader.length(row[:-1], len(row) - 1) == 0
    assert not reader.closes
