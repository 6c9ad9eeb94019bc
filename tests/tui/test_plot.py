"""Plots to the character: whatever the numbers are, no lane is hidden, and no colour is needed to tell them apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.app import App, ComposeResult

from tests.tui.driving import settle
from udstui.tui.widgets.canvas import Canvas
from udstui.tui.widgets.chart import Bar, Chart, Label, Piece, Series, cuts, draw, piece_at
from udstui.tui.widgets.plot import Plot

SECOND = ((0.0, "0"), (1.0, "1"))


def text(canvas: Canvas) -> list[str]:
    return ["".join(run for run, _, _ in row) for row in canvas.rows()]


def chart_of(*lines: list[float | None]) -> Chart:
    """From 0 to 1 in both directions, the values of each lane evenly apart."""
    series = [
        Series(lane, [at / max(1, len(ys) - 1) for at in range(len(ys))], ys) for lane, ys in enumerate(lines, start=1)
    ]
    return Chart(series, x_ticks=SECOND, y_ticks=SECOND)


@pytest.mark.parametrize(
    ("ys", "rows"),
    [
        ([], ["1┤          ", " │          ", "0┤          ", "  0        1"]),
        ([0.5], ["1┤          ", " │●         ", "0┤          ", "  0        1"]),
        ([0.5] * 100, ["1┤          ", " │▀▀▀▀●▀▀▀▀▀", "0┤          ", "  0        1"]),
        ([0.0, 1.0], ["1┤       ▄▄●", " │   ▄▄▀▀   ", "0┤▄▀▀       ", "  0        1"]),
        ([0.2, None, math.nan, math.inf, 0.2], ["1┤          ", " │          ", "0┤●        ●", "  0        1"]),
        ([0.2, 0.2, 1e300, 0.2, 0.2], ["1┤    ▲▄    ", " │   █  █   ", "0┤▀▀▀    ●▀▀", "  0        1"]),
    ],
)  # fmt: skip
def test_a_line_to_the_character(ys: list[float | None], rows: list[str]) -> None:
    assert [row.rstrip() for row in text(draw([chart_of(ys)], 12, 4))] == [row.rstrip() for row in rows]


def test_lanes_in_one_cell_are_both_seen() -> None:
    canvas = Canvas(6, 1)
    canvas.line([(0, 0), (0, 5)], "lane-1")
    canvas.line([(1, 0), (1, 5)], "lane-2")
    assert canvas.rows() == [[("▀" * 6, "lane-1", "lane-2")]]
    canvas.line([(0, 0), (0, 5)], "lane-3")
    assert {style for _, style, _ in canvas.rows()[0]} == {"lane-1", "lane-3"}


def test_each_lane_has_a_marker_of_its_own() -> None:
    rows = text(draw([chart_of([0.1] * 60, [0.5] * 60, [0.9] * 60, [0.3] * 60)], 64, 12))
    assert all(any(marker in row for row in rows) for marker in "●■◆○")


def test_each_lane_has_its_marker_where_points_are_far_apart() -> None:
    rows = text(draw([chart_of([0.1] * 8, [0.5] * 8, [0.9] * 8, [0.3] * 8)], 64, 12))
    assert all(any(row.count(marker) > 1 for row in rows) for marker in "●■◆○")


def test_a_label_stands_beside_the_line_and_never_on_it() -> None:
    chart = replace(chart_of([0.5] * 30), labels=[Label("UDS", 1, 0.5, 0.5), Label("TCP", 2, 0.5, 0.5)])
    rows = text(draw([chart], 32, 8))
    line = next(row for row in rows if "▀" in row or "▄" in row)
    assert "UDS" not in line
    assert "TCP" not in line
    assert any("UDS" in row for row in rows)
    assert any("TCP" in row for row in rows)


def test_values_stand_at_the_end_each_in_a_row_of_its_own() -> None:
    ends = [Label(f"{lane} µs", lane, 1.0, 0.5 + lane / 1000) for lane in range(1, 5)]
    rows = text(draw([replace(chart_of([0.5] * 9), ends=ends)], 30, 7))
    assert [row.strip()[-4:] for row in rows if "µs" in row] == ["4 µs", "3 µs", "2 µs", "1 µs"]


def test_what_is_off_the_scale_is_counted_and_no_wall() -> None:
    chart = chart_of([9.0] * 100, [0.5] * 100)
    rows = text(draw([chart], 102, 6))
    assert 10 <= rows[0].count("▲") <= 13
    assert cuts(chart, 100) == {1: {"▲": 100}}
    both = chart_of([0.5, -3.0, 9.0, 0.5])
    assert cuts(both, 100) == {1: {"▲": 1, "▼": 1}}
    rows = text(draw([both], 12, 6))
    assert (rows[0].count("▲"), rows[4].count("▼")) == (1, 1), "one sign hides no other one"


def test_strips_stand_below_on_one_axis() -> None:
    strip = Chart([Series(2, [0.0, 1.0], [0.5, 0.5])], y_ticks=SECOND, rows=2, level=0.5, x_ticks=SECOND,
                  ribbon=[Piece(1, 0.0, 0.5, "1", "text"), Piece(2, 0.5, 1.0, "2 256 B", "chosen")])  # fmt: skip
    main = replace(chart_of([0.5] * 9), x_ticks=(), marks=[(0.5, "┊")], is_broken=True)
    rows = text(draw([main, strip], 24, 8))
    assert [row[1] for row in rows[:6]] == list("┤││≈┤┤")
    assert "┊" in rows[0]
    assert rows[6].split() == ["0", "1"]
    assert rows[7].startswith("  1──────")
    assert "2 256 B" in rows[7]
    found = [piece_at([main, strip], 24, 8, column, 7) for column in range(24)]
    second = rows[7].index("2")
    assert [piece and piece.number for piece in found] == [None] * 2 + [1] * (second - 2) + [2] * (24 - second)
    assert piece_at([main, strip], 24, 8, 5, 6) is None


def test_an_interval_is_a_bar() -> None:
    chart = Chart(bars=[Bar(1, 0.5, 0.0, 1.0)], y_ticks=SECOND)
    assert [row[7] for row in text(draw([chart], 13, 3))] == ["│"] * 3


number = st.floats() | st.none() | st.floats(-10, 10)


@settings(max_examples=60)
@given(
    points=st.lists(st.tuples(st.floats() | st.floats(-10, 10), number), max_size=60),
    limits=st.tuples(st.floats(-5, 5), st.floats(0.001, 10)),
    size=st.tuples(st.integers(0, 60), st.integers(0, 14)),
)
def test_nothing_is_drawn_outside_its_place(
    points: list[tuple[float, float | None]], limits: tuple[float, float], size: tuple[int, int]
) -> None:
    low, high = limits[0], limits[0] + limits[1]
    points.sort(key=lambda point: point[0])
    series = Series(1, [x for x, _ in points], [y for _, y in points])
    ends = [Label("12.0 µs", 1, high, y) for _, y in points if y is not None]
    chart = Chart([series], (low, high), (low, high), [(low, "0")], [(low, "0")], ends=ends[:9], labels=ends[:2])
    rows = text(draw([chart, replace(chart, rows=2)], *size))
    assert len(rows) == size[1]
    assert all(len(row) == size[0] for row in rows)


class PlotApp(App[None]):
    CSS = "Plot { width: 100%; height: 100%; }"

    def compose(self) -> ComposeResult:
        yield Plot()


async def test_the_widget_draws_at_every_size() -> None:
    app = PlotApp()
    async with app.run_test(size=(40, 6)) as pilot:
        plot = app.query_one(Plot)
        for width, height in ((40, 6), (1, 1), (24, 12)):
            await pilot.resize_terminal(width, height)
            plot.show(chart_of([0.5] * 9))
            await settle(app)  # type: ignore[arg-type]
            rows = [plot.render_line(y).text for y in range(height)]
            assert all(len(row) == width for row in rows)
            assert (width < 4) != any("▀" in row or "▄" in row for row in rows)


@pytest.mark.parametrize("terminal", ["xterm-256color", "linux"])
async def test_what_is_behind_a_line_is_seen_where_there_are_half_blocks(
    monkeypatch: pytest.MonkeyPatch, terminal: str
) -> None:
    monkeypatch.setenv("TERM", terminal)
    app = PlotApp()
    async with app.run_test(size=(40, 6)):
        app.query_one(Plot).show(chart_of([0.54] * 9, [0.45] * 9))
        await settle(app)  # type: ignore[arg-type]
        found = [segment for y in range(6) for segment in app.query_one(Plot).render_line(y) if "▀▀" in segment.text]
        backgrounds = {segment.style.bgcolor for segment in found if segment.style}
        assert found and (backgrounds == {app.query_one(Plot).rich_style.bgcolor}) == (terminal == "linux")
