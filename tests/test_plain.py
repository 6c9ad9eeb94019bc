"""Whatever comes from outside is shown as text, and does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui.plain import plain, spell_in_ascii


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tcp:127.0.0.1:7000", "tcp:127.0.0.1:7000"),
        ("über µs 表", "über µs 表"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\r\tc\x7f", "a\\nb\\r\\tc\\x7f"),
        ("user\u202egpj.exe", "user\\u202egpj.exe"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_would_act_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text())
def test_every_text_becomes_one_line_without_controls(text: str) -> None:
    found = plain(text)
    assert len(found.splitlines()) <= 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in found)
    assert plain(found) == found
    found.encode()


def test_where_there_is_only_ascii_units_and_columns_stay_what_they_are() -> None:
    spell_in_ascii()
    for text, shown in (("12.6 µs · ±2 % – ×4", "12.6 us - ~2 % - x4"), ("é\ud800\U0001f600", "???")):
        assert text.encode("ascii", "udstui-ascii").decode() == shown
        assert len(shown) == len(text)
