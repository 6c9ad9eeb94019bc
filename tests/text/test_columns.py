from __future__ import annotations

from udstui.text.columns import columns, width_of


def test_every_column_is_as_wide_as_its_widest_cell() -> None:
    rows = [["size", "UDS", "TCP"], ["64 B", "12.1 µs", "9 µs"]]
    assert columns(rows) == ["size      UDS   TCP", "64 B  12.1 µs  9 µs"]
    assert columns(rows, "<") == ["size  UDS      TCP", "64 B  12.1 µs  9 µs"]
    assert columns(rows, "><>") == ["size  UDS       TCP", "64 B  12.1 µs  9 µs"]


def test_cells_are_counted_and_not_characters() -> None:
    """A wide character takes two, a combining one none: the last column stays in line."""
    rows = [["socket", "1"], ["套接字", "2"], ["cafe\u0301", "3"]]
    lines = columns(rows, "<")
    assert lines == ["socket  1", "套接字  2", "cafe\u0301    3"]
    assert {width_of(line) for line in lines} == {9}


def test_a_row_may_end_early_and_nothing_follows_the_last_cell() -> None:
    assert columns([["UDS"], ["  waking", "", "█"], ["  spin", "5 µs", ""]], "<><") == [
        "UDS",
        "  waking        █",
        "  spin    5 µs",
    ]
    assert columns([]) == []
