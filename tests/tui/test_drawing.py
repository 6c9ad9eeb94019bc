"""The pure drawing, to the character, with data as it should not be."""

from __future__ import annotations

import math

import pytest

from udstui.tui.drawing import bars, fit, large, nice_ticks, usual_highest, whole_words
from udstui.tui.widgets.lane_panel import PanelView, panel_lines


def test_large_digits_of_a_terminal_without_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    assert large("0123456789.x") == (
        " _     _  _     _  _  _  _  _   ",
        "| |  | _| _||_||_ |_   ||_||_|  ",
        "|_|  ||_  _|  | _||_|  ||_| _|.x",
    )


@pytest.mark.parametrize(
    ("width", "said"),
    [(30, "1 ping-pong 128 B wait: spin"), (17, "1 ping-pong 128 B"), (16, "1 ping-pong"), (9, "1"), (0, "1")],
)
def test_words_are_whole_and_a_size_has_its_unit(width: int, said: str) -> None:
    assert whole_words("1 ping-pong 128 B wait: spin", width) == said


def test_large_digits() -> None:
    assert large("12.0") == (
        "╺┓ ╺━┓ ┏━┓",
        " ┃ ┏━┛ ┃ ┃",
        "╺┻╸┗━╸.┗━┛",
    )
    assert large("") == ("", "", "")


@pytest.mark.parametrize(
    ("values", "width", "height", "drawn"),
    [
        ([], 4, 1, ["    "]),
        ([1.0], 4, 1, ["   █"]),
        ([0.0, 0.5, 1.0], 3, 1, [" ▄█"]),
        ([0.5, 1.0], 2, 2, [" █", "██"]),
        ([1.0, 2.0, 3.0], 2, 1, ["██"]),  # the newest stay
        ([5.0, 5.0], 2, 1, ["██"]),  # above the top: full
        ([0.0001], 1, 2, [" ", "▁"]),  # something is not nothing
        ([math.nan, math.inf, -1.0, 1.0], 4, 1, ["   █"]),
        ([1.0], 0, 1, [""]),
    ],
)
def test_bars_from_zero_to_one(values: list[float], width: int, height: int, drawn: list[str]) -> None:
    assert bars(values, width, height, 1.0) == drawn


def test_bars_without_a_scale_are_empty() -> None:
    assert bars([1.0, 2.0], 2, 1, 0.0) == ["  "]


@pytest.mark.parametrize(
    ("width", "line"),
    [(20, "one  two  three"), (14, "one  two"), (5, "two"), (2, "tw"), (0, "")],
)
def test_what_matters_most_stays_when_room_is_short(width: int, line: str) -> None:
    assert fit([(1, "one"), (0, "two"), (2, "three")], width) == line


@pytest.mark.parametrize(
    ("lanes", "highest"),
    [
        ([], 0.0),
        ([[], [math.nan]], 0.0),
        ([[5.0]], 5.0),
        ([[5.0] * 99 + [900.0], [7.0] * 100], 7.0),
        ([[5.0, 900.0, 6.0]], 6.0),
        ([[5.0] * 50, [9.0] * 4], 9.0),  # a lane is not an outlier
    ],
)
def test_a_few_slow_rounds_are_not_usual(lanes: list[list[float]], highest: float) -> None:
    assert usual_highest(lanes) == highest


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [
        (0.0, 30.0, 3, [0.0, 10.0, 20.0, 30.0]),
        (0.0, 1.0, 2, [0.0, 0.5, 1.0]),
        (5.0, 5.0, 3, [5.0]),
        (0.0, math.nan, 3, [0.0]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, count: int, ticks: list[float]) -> None:
    assert nice_ticks(low, high, count) == pytest.approx(ticks)


def test_ticks_of_a_clock_are_whole() -> None:
    assert nice_ticks(0.0, 60.0, 7, whole=True) == [0, 10, 20, 30, 40, 50, 60]


VIEW = PanelView(
    figure="12.0",
    unit="µs",
    captions=("round trip, p50", "p50"),
    values=[1.0, 2.0],
    top=2.0,
    texts=[[(0, "p99 17.3 µs"), (1, "max 23.8 µs")], [(0, "one way 6.08 µs")]],
)


@pytest.mark.parametrize(
    ("width", "height", "drawn"),
    [
        (
            30,
            6,
            [
                "╺┓ ╺━┓ ┏━┓",
                " ┃ ┏━┛ ┃ ┃  µs",
                "╺┻╸┗━╸.┗━┛  round trip, p50",
                " " * 28 + "▄█",
                "p99 17.3 µs  max 23.8 µs",
                "one way 6.08 µs",
            ],
        ),
        (20, 4, ["╺┓ ╺━┓ ┏━┓", " ┃ ┏━┛ ┃ ┃  µs", "╺┻╸┗━╸.┗━┛  p50", "p99 17.3 µs"]),
        (13, 4, ["12.0 µs  p50", "           ▄█", "p99 17.3 µs", "one way"]),
        (14, 4, ["╺┓ ╺━┓ ┏━┓", " ┃ ┏━┛ ┃ ┃  µs", "╺┻╸┗━╸.┗━┛  ", "p99 17.3 µs"]),
        (20, 3, ["12.0 µs  p50", " " * 18 + "▄█", "p99 17.3 µs"]),
        (20, 1, ["12.0 µs  p50"]),
    ],
)
def test_a_panel_at_several_sizes(width: int, height: int, drawn: list[str]) -> None:
    lines = ["".join(text for text, _ in line) for line in panel_lines(VIEW, width, height)]
    assert lines == drawn
