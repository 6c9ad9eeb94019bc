"""What the timeline shows of a session: its scale, its strips, where its line breaks, and its segments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.scripted import HOST, FakeProbe, make_round
from tests.tui.driving import SIZE, change, settle, text_of
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.results.timeline import Point, Timeline
from udstui.text.segments_compared import changed, segment_words
from udstui.tui.app import UdstuiApp
from udstui.tui.session import Session
from udstui.tui.tabs.timeline import legend_wordings
from udstui.tui.tabs.timeline_charts import _without_gaps, timeline_charts
from udstui.tui.widgets.chart import Chart, cuts, draw
from udstui.tui.widgets.plot import Plot

USUAL = (12_000, 18_000)
NAMES = ("uds", "tcp")


def session_of(plan: Plan, medians: Sequence[Sequence[float]]) -> Session:
    session = Session(plan, HOST)
    for number, medians_ns in enumerate(medians):
        session.add(make_round(plan, number, medians_ns))
        for verdict in session.segment.verdicts()[:1]:
            session.judge(verdict)
    return session


def chart_of(session: Session, window_s: float = 60.0, width: int = 80, height: int = 12) -> Chart:
    return timeline_charts(session, window_s, width, height)[0]


def points(*starts: float, rounds: int = 1) -> list[Point]:
    return [Point(start, rounds, (1.0,), (1.0,), (None,)) for start in starts]


@pytest.mark.parametrize(
    ("starts", "rounds", "unbroken"),
    [
        ([0.0], 1, [[0.0]]),
        ([0.0, 0.1, 0.2], 1, [[0.0, 0.1, 0.2]]),
        ([0.0, 0.1, 0.9, 1.0], 1, [[0.0, 0.1, 0.9, 1.0]]),  # a round that took long
        ([0.0, 0.1, 0.2, 3.2, 3.3], 1, [[0.0, 0.1, 0.2], [3.2, 3.3]]),
        ([0.0, 0.1, 0.2, 3.1, 3.2, 9.0], 1, [[0.0, 0.1, 0.2], [3.1, 3.2], [9.0]]),
        ([0.0, 10.0, 20.0, 45.0], 1, [[0.0, 10.0, 20.0, 45.0]]),  # rounds that all take long
        ([0.0, 1.6, 3.2, 4.8], 16, [[0.0, 1.6, 3.2, 4.8]]),  # merged
        ([0.0, 1.6, 3.2, 20.0], 16, [[0.0, 1.6, 3.2], [20.0]]),
    ],
)
def test_the_line_breaks_where_nothing_was_measured(
    starts: list[float], rounds: int, unbroken: list[list[float]]
) -> None:
    found = _without_gaps(points(*starts, rounds=rounds))
    assert [[point.start_s for point in part] for part in found] == unbroken


def test_the_scale_is_the_middle_of_the_figures_and_says_that_it_is_broken() -> None:
    chart = chart_of(session_of(Plan(), [USUAL] * 40))
    assert chart.y_limits == (10_000.0, 20_000.0)
    assert chart.is_broken
    assert [label.strip() for _, label in chart.y_ticks] == ["10.0 µs", "15.0 µs", "20.0 µs"]
    assert [end.text for end in chart.ends] == ["● 12.1 µs", "■ 18.4 µs"]
    far = chart_of(session_of(Plan(), [(2_000, 18_000)] * 40))
    assert far.y_limits[0] == 0.0
    assert not far.is_broken


def test_where_there_is_room_p99_and_the_ratio_have_strips_of_their_own() -> None:
    session = session_of(Plan(), [USUAL] * 40)
    main, p99, ratio = timeline_charts(session, 60.0, 120, 24)
    assert [len(chart.series) for chart in (main, p99, ratio)] == [2, 2, 1]
    assert [end.text for end in main.ends] == ["● UDS 12.1 µs", "■ TCP 18.4 µs"]
    assert [end.text for end in ratio.ends] == ["● 1.50x", "  1.48x", "  1.52x"]
    assert all(low < 1.5 < high for _, low, high in ratio.band[-20:])
    assert ratio.x_ticks
    assert not main.x_ticks
    assert len(timeline_charts(session, 60.0, 80, 10)) == 1


def strip_of(session: Session, width: int, height: int) -> list[str]:
    """The three rows of the ratio, as they are drawn."""
    charts = timeline_charts(session, 60.0, width, height)
    return ["".join(run for run, *_ in row) for row in draw(charts, width, height).rows()][-4:-1]


@pytest.mark.parametrize("size", [(98, 15), (118, 22)])
@pytest.mark.parametrize("rounds", [12, 24, 40, 200])
def test_the_interval_of_the_ratio_is_seen_in_its_strip(rounds: int, size: tuple[int, int]) -> None:
    session = session_of(Plan(), [USUAL] * rounds)
    low, high = session.judged[-1][1].ci_low, session.judged[-1][1].ci_high
    rows = strip_of(session, *size)
    assert [row.split()[-1] for row in rows] == [f"{high:.2f}x", "1.50x", f"{low:.2f}x"]
    assert sum("░" in row[-20:] for row in rows) >= 2, "at the newest point, above and below the line"


def test_a_level_of_one_is_drawn_where_it_is_in_the_strip() -> None:
    near = session_of(Plan(), [(12_000, 12_000 + 600 * (number % 3 - 1)) for number in range(40)])
    assert any("┄" in row for row in strip_of(near, 98, 15))
    assert not any("┄" in row for row in strip_of(session_of(Plan(), [USUAL] * 40), 98, 15))


def test_a_ratio_above_ten_is_a_line_and_no_sign() -> None:
    rows = strip_of(session_of(Plan(), [(12_000, 300_000)] * 40), 98, 15)
    assert any("▀" in row or "▄" in row for row in rows)
    assert not any("▲" in row for row in rows)
    assert rows[1].split()[-1] == "25.0x"


def test_an_interval_that_tells_nothing_does_not_squash_the_line() -> None:
    session = session_of(Plan(), [USUAL] * 12)
    session.judge(replace(session.judged[-1][1], ci_low=0.1, ci_high=40.0, conclusive=False))
    *_, ratio = timeline_charts(session, 60.0, 98, 15)
    assert ratio.y_limits[1] < 4
    assert [end.text for end in ratio.ends] == ["● 1.50x"]


def test_every_lane_has_its_p99_at_the_end_of_the_strip() -> None:
    plan = Plan(transports=("uds", "tcp", "uds", "tcp"))
    _, p99, _ = timeline_charts(session_of(plan, [(12_000, 18_000, 24_000, 30_000)] * 40), 60.0, 120, 24)
    assert len(p99.ends) == p99.rows == 4


def test_a_ratio_below_one_is_turned_as_the_answer_is() -> None:
    *_, ratio = timeline_charts(session_of(Plan(), [USUAL[::-1]] * 40), 60.0, 120, 24)
    assert ratio.series[0].lane == 2
    assert (ratio.series[0].ys[-1] or 0) == pytest.approx(1.5, abs=0.02)


def test_a_timeline_with_nothing_and_with_one_point() -> None:
    assert timeline_charts(session_of(Plan(), []), 60.0, 80, 12) == []
    chart = chart_of(session_of(Plan(), [USUAL]))
    assert [len([y for y in series.ys if y is not None]) for series in chart.series] == [1, 1]
    assert chart.x_limits == (0.0, 1.0)


@pytest.mark.parametrize(("before", "after"), [(60, 60), (3, 20), (1, 8), (4, 0)])
def test_a_slow_round_leaves_the_scale_alone(before: int, after: int) -> None:
    chart = chart_of(session_of(Plan(), [USUAL] * before + [(12_000, 500_000)] + [USUAL] * after))
    assert chart.y_limits == (10_000.0, 20_000.0)
    assert cuts(chart, 80) == {2: {"▲": 1}}


def test_a_slow_round_stays_to_be_seen_for_hours() -> None:
    session = session_of(Plan(), [USUAL])
    session.timeline = Timeline(most_points=100)
    for number in range(5_000):
        slow = (12_000.0, 500_000.0) if number == 1_000 else (12_000.0, 18_000.0)
        session.timeline.add(1, Point(number / 10, 1, slow, slow, (17_000.0, 26_000.0)))
    assert cuts(chart_of(session, math.inf), 80) == {2: {"▲": 1}}


def test_the_scale_is_that_of_the_segment_of_now() -> None:
    session = session_of(Plan(size_bytes=2**20), [(400_000, 900_000)] * 50)
    change(session, size_bytes=128)
    for number in range(50, 60):
        session.add(make_round(session.plan, number))
    chart = chart_of(session)
    assert chart.y_limits == (10_000.0, 20_000.0)
    found = cuts(chart, 80)
    assert list(found) == [1, 2]
    assert all(set(of_lane) == {"▲"} for of_lane in found.values())


def test_a_window_shows_the_last_seconds_and_every_segment_is_in_the_ribbon() -> None:
    session = session_of(Plan(), [USUAL] * 100)
    change(session, size_bytes=256)
    for number in range(100, 130):
        session.add(make_round(session.plan, number))
    (chart,) = timeline_charts(session, 10.0, 80, 12, chosen=1)
    assert chart.x_limits == (pytest.approx(2.9), pytest.approx(12.9))
    assert list(chart.marks) == [(pytest.approx(10.0), "┊")]
    assert [(piece.text, piece.style) for piece in chart.ribbon] == [
        ("1 ping-pong 128 B", "chosen"),
        ("2 256 B", "mark"),
    ]
    change(session, workload="bulk-send")
    session.add(make_round(session.plan, 130))
    (chart,) = timeline_charts(session, math.inf, 80, 12)
    assert [piece.text for piece in chart.ribbon] == ["3 bulk-send"], "only it has the unit of now"
    assert [len([y for y in series.ys if y is not None]) for series in chart.series] == [1, 1]


def test_a_segment_in_another_unit_has_its_mark_between_those_of_this_one() -> None:
    session = session_of(Plan(), [USUAL] * 10)
    for first, workload in ((10, "bulk-send"), (20, "ping-pong")):
        change(session, workload=workload)
        for number in range(first, first + 10):
            session.add(make_round(session.plan, number))
    (chart,) = timeline_charts(session, math.inf, 80, 12)
    assert [(round(second), sign) for second, sign in chart.marks] == [(1, "┊"), (2, "┊")]


def test_the_legend_says_what_the_signs_are() -> None:
    session = session_of(Plan(), [USUAL] * 10)
    session.note("restart", "the probe was killed; started again")
    for number in range(20, 30):
        session.add(make_round(session.plan, number))
    session.new_segment()
    session.add(make_round(session.plan, 30, (12_000, 500_000)))
    session.add(make_round(session.plan, 31))
    charts = timeline_charts(session, 60.0, 80, 12)
    wordings = legend_wordings(session.segment.metric, NAMES, charts, "whole run", 80)
    assert wordings[0].startswith("p50 a round · ")
    assert "║ restart · ┊ segment" in wordings[0]
    assert wordings[-1] == "p50 a round"


@pytest.mark.parametrize(
    ("slow", "fast", "said"),
    [
        ((12_000, 500_000), USUAL, "▲ off the scale (TCP 1)"),
        (USUAL, (1_000, 18_000), "▼ off the scale (UDS 1)"),
        ((500_000, 500_000), (1_000, 18_000), "▲ ▼ off the scale (UDS 2, TCP 1)"),
        (USUAL, USUAL, ""),
    ],
)
def test_the_legend_names_the_signs_that_are_drawn(slow: tuple[int, int], fast: tuple[int, int], said: str) -> None:
    medians = [USUAL] * 5 + [slow] + [USUAL] * 50 + [fast] + [USUAL] * 5
    charts = timeline_charts(session_of(Plan(), medians), 60.0, 200, 12)
    legend = legend_wordings(Segment(Plan()).metric, NAMES, charts, "whole run", 200)[0]
    assert (f" · {said} · " in legend) if said else ("off the scale" not in legend)
    drawn = {character for row in draw(charts, 200, 12).rows() for run, *_ in row for character in run}
    assert drawn & {"▲", "▼"} == set(legend) & {"▲", "▼"}


def test_one_round_without_a_median_leaves_the_legend_at_the_median() -> None:
    session = session_of(Plan(), [USUAL] * 10)
    intervals = make_round(Plan(), 10, USUAL).intervals
    without = [replace(one, durations=replace(one.durations, p50_ns=None)) for one in intervals]
    session.add(replace(make_round(Plan(), 10, USUAL), intervals=tuple(without)))
    charts = timeline_charts(session, 60.0, 80, 12)
    assert legend_wordings(session.segment.metric, NAMES, charts, "whole run", 80)[-1] == "p50 a round"


def test_what_a_segment_changed_and_how_it_compares() -> None:
    assert changed(Plan(size_bytes=256, wait="spin"), Plan()) == "256 B wait: spin"
    assert changed(Plan(), Plan()) == "anew"
    session = session_of(Plan(), [USUAL] * 4)
    first = session.segment
    change(session, size_bytes=256)
    session.add(make_round(session.plan, 4, (24_000, 18_000)))
    assert segment_words(first, session.segment)[0] == (
        "segment 1: UDS 12.1 µs, TCP 18.0 µs · now (256 B): UDS +96 %, TCP +0 %"
    )
    assert segment_words(first, first)[-1] == "segment 1"


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (SIZE, "segment 1: UDS 12.0 µs, TCP 18.0 µs · now (256 B): "),
        ((80, 24), "segment 1: UDS 12.0 µs, TCP 18.0 µs · now: UDS"),
        ((60, 20), "1: UDS 12.0 µs, TCP 18.0 µs · now: UDS"),
    ],
)
async def test_a_segment_is_looked_at_by_keys(
    app: UdstuiApp, probe: FakeProbe, size: tuple[int, int], said: str
) -> None:
    async with app.run_test(size=size) as pilot:
        await probe.give(4)
        await pilot.press("right_square_bracket")
        await probe.give(4)
        await pilot.press("less_than_sign", "less_than_sign")
        await settle(app)
        assert any(line.text.strip().startswith(said) for line in app.screen._compositor.render_strips())
        await pilot.press("greater_than_sign", "greater_than_sign")
        await settle(app)
        assert "UDS" in text_of(app, "#timeline .legend")
        assert "segment 1" not in text_of(app, "#timeline .legend")


async def test_a_click_on_a_segment_below_the_axis_does_what_its_key_does(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(4)
        await pilot.press("right_square_bracket")
        await probe.give(4)
        await pilot.press("less_than_sign", "less_than_sign")
        await settle(app)
        by_key = text_of(app, "#timeline .legend")
        await pilot.press("greater_than_sign", "greater_than_sign")
        await settle(app)
        unchosen = text_of(app, "#timeline .legend")
        plot = app.race.query_one("#timeline-plot", Plot)
        row = plot.size.height - 1
        column = plot.render_line(row).text.index("1 ping")
        for offset, said in (((column, row - 2), unchosen), ((column, row), by_key), ((column, row), unchosen)):
            await pilot.click(plot, offset=offset)
            await settle(app)
            assert text_of(app, "#timeline .legend") == said
