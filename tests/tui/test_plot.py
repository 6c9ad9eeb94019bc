"""Plots to the character: nothing that would abort plotext, no lane hidden, and no colour needed to tell them apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from tests.tui.driving import settle
from udstui.tui.widgets.plot import Chart, Label, Plot, Series, clean, overlay

SECOND = ((0.0, "0"), (1.0, "1"))
TEN = Chart(x_limits=(0.0, 10.0), y_limits=(0.0, 10.0))


def test_nothing_that_would_abort_plotext_gets_through() -> None:
    ys = [1.0, math.nan, 2.0, None, math.inf, -math.inf, -1e12, 3.0]
    found = clean(Series(1, list(range(8)), ys), TEN, 80)
    assert found.xs == [0, 2, 6, 7]
    assert found.ys == [1.0, 2.0, 0.0, 3.0]
    assert found.breaks == {1, 2}
    assert found.cuts == []


def test_what_is_above_the_limits_is_marked_and_makes_no_plateau() -> None:
    found = clean(Series(1, list(range(6)), [1.0, 1e12, 11.0, 1.0, 12.0, 1.0]), TEN, 80)
    assert found.ys == [1.0, 10.0, 10.0, 1.0, 10.0, 1.0]
    assert found.cuts == [1, 2, 4]
    assert found.breaks == {2}


def test_a_column_keeps_its_highest_point() -> None:
    chart = Chart(x_limits=(0.0, 1000.0), y_limits=(0.0, 100.0))
    ys = [99.0 if number == 500 else 1.0 for number in range(1000)]
    found = clean(Series(1, list(range(1000)), ys), chart, 10)
    assert len(found.xs) == 20
    assert max(found.ys) == 99.0


def test_a_line_breaks_where_it_did_however_many_points_share_a_column() -> None:
    """One segment ends at 333 and the next begins: no point is of both, and no line leads from one to the other."""
    chart = Chart(x_limits=(0.0, 1000.0), y_limits=(0.0, 100.0))
    ys = [50.0 if x < 333 else None if x == 333 else 20.0 for x in range(1000)]
    found = clean(Series(1, list(range(1000)), ys), chart, 10)
    (at,) = found.breaks
    assert set(found.ys[:at]) == {50.0}
    assert set(found.ys[at:]) == {20.0}
    assert found.xs[at - 1] < 333 < found.xs[at]


def test_a_point_that_stays_in_the_window_does_not_move() -> None:
    xs = [at / 7 for at in range(700)]
    ys = [math.sin(x * 9) + 2 for x in xs]
    earlier, later = (
        clean(Series(1, xs, ys), Chart(x_limits=(start, start + 50), y_limits=(0.0, 4.0)), 40) for start in (10.0, 10.3)
    )
    assert {x for x in earlier.xs if 12 < x < 58} == {x for x in later.xs if 12 < x < 58}


def test_points_are_sparse_and_those_of_two_lanes_stand_side_by_side() -> None:
    chart = Chart(x_limits=(0.0, 100.0), y_limits=(0.0, 10.0))
    one, other = (clean(Series(lane, list(range(100)), [5.0] * 100, points=True), chart, 100) for lane in (1, 2))
    assert len(one.xs) <= 26
    assert min(abs(x - y) for x in one.xs[1:-1] for y in other.xs[1:-1]) == 2.0


number = st.floats() | st.none() | st.floats(-10, 10)


@given(
    points=st.lists(st.tuples(st.floats() | st.floats(-10, 10), number), max_size=300),
    limits=st.tuples(st.floats(-5, 5), st.floats(0.001, 10)),
    width=st.integers(0, 100),
    points_only=st.booleans(),
)
def test_only_points_within_the_limits_reach_the_plot(
    points: list[tuple[float, float | None]], limits: tuple[float, float], width: int, points_only: bool
) -> None:
    low, high = limits[0], limits[0] + limits[1]
    chart = Chart(x_limits=(low, high), y_limits=(low, high))
    points.sort(key=lambda point: point[0])
    found = clean(Series(1, [x for x, _ in points], [y for _, y in points], points_only), chart, width)
    parts = 1 + len(found.breaks)
    assert len(found.xs) == len(found.ys) <= 2 * max(1, width) + 1 + parts
    assert all(low <= value <= high for value in (*found.xs, *found.ys, *found.cuts))  # neither NaN nor an infinity is
    assert all(0 < index < len(found.xs) for index in found.breaks)


def test_lanes_that_share_cells_are_both_seen() -> None:
    """The dots of both, in the colour of one and the other in turns; words and lines are above the ground."""
    one = {(0, column): ("⠉", "blue") for column in range(4)}
    other = {(0, column): ("⣀", "red") for column in range(4)} | {(1, 0): ("U", "red")}
    ground = {(0, 0): ("+", "grey"), (2, 0): ("┊", "grey"), (1, 0): ("┊", "grey")}
    assert overlay(ground, [(one, "━━━━"), (other, "━━━━")]) == {
        **{(0, column): ("⣉", ("blue", "red")[column % 2]) for column in range(4)},
        (1, 0): ("U", "red"),
        (2, 0): ("┊", "grey"),
    }


def test_dashes_leave_no_peak_and_no_lone_point_out() -> None:
    flat = {(1, column): ("⠤", "red") for column in range(8)}
    shown = overlay({}, [(flat, "━━━ ")])
    assert sorted(column for _, column in shown) == [0, 1, 2, 4, 5, 6]
    peak = flat | {(0, 3): ("⡇", "red")}
    assert (0, 3) in overlay({}, [(peak, "━━━ ")])
    lone = {(0, 3): ("⠤", "red")}
    assert overlay({}, [(lone, "━━━ ")]) == lone


class PlotApp(App[None]):
    CSS = "Plot { width: 100%; height: 100%; }" + "".join(
        f".plot--{style} {{ color: white; }}" for style in ("lane-1", "lane-2", "faint-1", "faint-2", "mark")
    )

    def compose(self) -> ComposeResult:
        yield Plot()


async def drawn(chart: Chart, *sizes: tuple[int, int]) -> list[list[str]]:
    """The rows of a plot at each of these sizes."""
    app, found = PlotApp(), []
    async with app.run_test(size=(40, 6)) as pilot:
        plot = app.query_one(Plot)
        for width, height in sizes:
            await pilot.resize_terminal(width, height)
            plot.show(chart)
            await settle(app)  # type: ignore[arg-type]
            found.append([plot.render_line(y).text for y in range(height)])
            assert all(len(line) == width for line in found[-1])
    return found


LINES: dict[str, list[float | None]] = {
    "empty": [],
    "one point": [0.5],
    "constant": [0.5] * 100,
    "no number": [math.nan, 0.5, math.inf, None, -math.inf] * 20,
    "spiking": [0.1] * 50 + [1e300] + [0.1] * 49,
}


PICTURES: dict[str, list[list[str]]] = {
    "empty": [[" " * 16] * 3, [" " * 24] * 4],
    "one point": [
        ["1          ┊    ", "0⠈         ┊    ", " 0             1"],
        [
            "1                ┊      ",
            " ⠠               ┊      ",
            "0                ┊      ",
            " 0                     1",
        ],
    ],
    "constant": [
        ["1          ┊    ", "0⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁", " 0             1"],
        [
            "1                ┊      ",
            " ⠠⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄",
            "0                ┊      ",
            " 0                     1",
        ],
    ],
    "no number": [
        ["1          ┊    ", "0⠈⠁⠉⠁⠉⠈⠁⠉⠁⠉⠈⠉⠈⠁⠁", " 0             1"],
        [
            "1                ┊      ",
            " ⠠⠠⠠ ⠄⠄⠄⠄⠠⠠⠠⠠⠠ ⠄⠄⠄⠄⠄⠠⠠⠠ ",
            "0                ┊      ",
            " 0                     1",
        ],
    ],
    "spiking": [
        ["1       ▲  ┊    ", "0⠐⠒⠒⠒⠒⠒⠒⠛⠒⠒⠒⠒⠒⠒⠂", " 0             1"],
        [
            "1           ▲    ┊      ",
            "            ⣿    ┊      ",
            "0⠐⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠋⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠂",
            " 0                     1",
        ],
    ],
}
FRAMED = {
    "empty": " ",
    "one point": "⠠                  ┊       ",
    "constant": "⠠⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄",
    "no number": "⠠ ⠄⠄⠠ ⠄⠄⠠⠠ ⠄⠠⠠ ⠄⠠⠠ ⠄⠄⠠ ⠄⠄⠠ ",
    "spiking": "             ⣿     ┊       ",
}
"""The row in the middle of a plot of ten rows, inside its frame."""


@pytest.mark.parametrize("what", LINES)
async def test_a_line_to_the_character(what: str) -> None:
    ys = LINES[what]
    xs = [at / max(1, len(ys) - 1) for at in range(len(ys))]
    chart = Chart([Series(1, xs, ys)], x_ticks=SECOND, y_ticks=SECOND, marks=[(0.75, "┊")])
    tiny, low, small, framed = await drawn(chart, (1, 1), (16, 3), (24, 4), (30, 10))
    assert len(tiny) == 1
    assert [low, small] == PICTURES[what]
    assert framed[0].strip(" ┌┐") == "─" * (28 if what == "empty" else 27)
    assert framed[4].strip(" │") == FRAMED[what].strip()


async def test_two_lanes_to_the_character() -> None:
    """One solid, the other dashed, its p99 as points, each with its name, of which nothing is cut off at the edge."""
    xs = [0.0, 0.25, 0.5, 0.75, 1.0]
    both = [Series(2, xs, [0.9] * 5, points=True), Series(1, xs, xs), Series(2, xs, [1.0, 0.75, None, 0.25, 0.0])]
    labels = [Label("UDS", 1, 0.5, 0.5), Label("TCP", 2, 1.0, 0.0)]
    chart = Chart(both, x_ticks=SECOND, y_ticks=SECOND, labels=labels)
    low, framed = await drawn(chart, (24, 6), (40, 12))
    assert low == [
        "1⠠⠤+⡀  +      +  +  ⢀⣀⠤⠄",
        "    ⠈⠉⠒        ⢀⡠⠤⠒⠉⠁   ",
        "           UDS ⠁        ",
        "    ⢀⣀⠤⠒⠊⠉       ⠐⠤ ⡀   ",
        "0⠐⠒⠉⠁             TCP ⠒ ",
        " 0                     1",
    ]
    assert framed == [
        " ┌─────────────────────────────────────┐",
        "1┤⠠ ⣀                               ⣀⠤⠄│",
        " │  +⠉⠒ ⢄⡀ +          +      + ⢀⡠⠤⠒⠉  +│",
        " │       ⠈⠑                ⣀⠤⠔⠊⠁       │",
        " │                     ⣀⠤⠒⠉            │",
        " │                 UDS                 │",
        " │            ⣀⠤⠒⠊⠁                    │",
        " │       ⢀⡠⠔⠒⠉               ⠢⢄⡀       │",
        " │   ⣀⠤⠒⠊⠁                     ⠈⠑⠒⠤    │",
        "0┤⠐⠒⠉                             TCP ⠂│",
        " └┬───────────────────────────────────┬┘",
        "  0                                   1 ",
    ]
