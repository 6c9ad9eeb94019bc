"""Requests as people type them."""

from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.workloads.spelled import filled_in, spelled, unspelled


@pytest.mark.parametrize("data", [b"GET x\r\n", bytes(range(256)), b"", b"\\", "µ\u2028".encode()], ids=repr)
def test_what_was_spelled_is_read_back_and_harmless(data: bytes) -> None:
    text = spelled(data)
    assert unspelled(text) == data
    assert text.isascii() and text.isprintable()


@pytest.mark.parametrize(
    ("text", "data"), [(r"a\r\n\t\0\\", b"a\r\n\t\0\\"), (r"\xff\x41", b"\xffA"), ("µ\n", "µ\n".encode())]
)
def test_what_people_type(text: str, data: bytes) -> None:
    assert unspelled(text) == data


@pytest.mark.parametrize("text", [r"\q", r"\x4", "\\"])
def test_an_unknown_escape_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no escape; write "):
        unspelled(text)


def test_variables_are_put_in_when_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    assert filled_in(b"A: ${TOKEN} $3 ${") == b"A: s3cret $3 ${"
    monkeypatch.delenv("TOKEN")
    with pytest.raises(UsageError, match=r"\$\{TOKEN\} is not in the environment"):
        filled_in(b"${TOKEN}")
