"""From records to what is shown, to the character: few rounds, no rounds, one lane, spikes, and several widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scripted import HOST, Script, make_round
from tests.tui.driving import change
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.driver import drive
from udstui.experiments.layers import find_layers
from udstui.experiments.sweep import Sweep
from udstui.host import Host
from udstui.plan import Plan
from udstui.results.history import History, Point
from udstui.results.lane_figures import LaneFigures, lane_figures
from udstui.results.segment import Segment
from udstui.text.answer import ranks_of
from udstui.tui.drawing import log_ticks
from udstui.tui.session import Session
from udstui.tui.tabs.anatomy import anatomy_content
from udstui.tui.tabs.distribution import (
    beyond_percent,
    difference_lines,
    difference_sentence,
    histogram_chart,
    percentile_chart,
)
from udstui.tui.tabs.layers import layer_bars
from udstui.tui.tabs.sweep import sweep_chart
from udstui.tui.tabs.timeline import legend_wordings, timeline_chart
from udstui.tui.views import host_sentences, panel_views
from udstui.tui.widgets.lane_panel import PanelView, panel_lines
from udstui.tui.widgets.plot import Chart, clean

USUAL = (12_000, 18_000, 24_000, 30_000)


def session_of(plan: Plan, medians: Sequence[Sequence[float]]) -> Session:
    """A session with a round for each of these medians of the lanes."""
    session = Session(plan, HOST)
    for number, medians_ns in enumerate(medians):
        session.add(make_round(plan, number, medians_ns))
    return session


def figures_of(segment: Segment) -> list[LaneFigures]:
    return [lane_figures(segment, lane) for lane in range(len(segment.lanes))]


def views_of(session: Session) -> list[PanelView]:
    """With the ranks of the lanes."""
    figures = figures_of(session.segment)
    ranks = ranks_of(figures, session.segment.verdicts(), session.segment.metric)
    return panel_views(session.segment, session.recent, figures, ranks)


def segment_of(rounds: int, plan: Plan | None = None) -> Segment:
    return session_of(plan or Plan(), [USUAL] * rounds).segment


# --- sentences


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        (HOST, "Linux 6.18 · 2 cores (KVM) · Python 3.11"),
        (Host("Linux 6.1.0-13-amd64", None, 1, "3.12.0rc1", "unknown"), "Linux 6.1 · 1 core (VM) · Python 3.12"),
        (Host("Darwin", None, 64, "3.13", None), "Darwin · 64 cores · Python 3.13"),
    ],
)
def test_the_host_in_a_line(host: Host, sentence: str) -> None:
    assert host_sentences(host)[0] == sentence


# --- panels


def drawn(view: PanelView, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in panel_lines(view, width, height)]


def test_a_lane_at_the_sizes_of_its_panel() -> None:
    session = session_of(Plan(), [USUAL] * 4)
    uds, tcp = views_of(session)
    assert drawn(uds, 54, 8) == [
        "╺┓ ╺━┓ ╺┓   fastest so far",
        " ┃ ┏━┛  ┃   µs",
        "╺┻╸┗━╸.╺┻╸  round trip, p50",
        " " * 50 + "    ",
        " " * 50 + "████",
        "p90 14.4 µs  p99 17.3 µs  p99.9       –  max 23.7 µs",
        "one way (mean) 6.09 µs  82.1 k/s  10.5 MB/s",
        "CPU client   50 %  server   50 %",
    ]
    assert drawn(tcp, 34, 6) == [
        "╺┓ ┏━┓ ┏━┓  +5.92 µs, +49 % so far",
        " ┃ ┣━┫ ┃ ┃  µs",
        "╺┻╸┗━┛.┗━┛  round trip, p50",
        " " * 30 + "▆▆▆▆",
        "p99 26.0 µs  max 35.5 µs",
        "one way (mean) 9.10 µs  54.9 k/s",
    ]
    assert drawn(tcp, 24, 4) == [
        "╺┓ ┏━┓ ┏━┓  +49 %", " ┃ ┣━┫ ┃ ┃  µs", "╺┻╸┗━┛.┗━┛  p50", "p99 26.0 µs  max 35.5 µs",
    ]  # fmt: skip
    assert drawn(tcp, 11, 4) == ["18.0 µs p50", "+49 %", " " * 7 + "▆▆▆▆", "p99 26.0 µs"]


def test_a_slow_round_fills_its_column_and_leaves_the_other_bars_alone() -> None:
    session = session_of(Plan(), [USUAL] * 20 + [(12_000, 900_000)] + [USUAL] * 3)
    _, tcp = views_of(session)
    assert drawn(tcp, 24, 5)[3] == "▆" * 20 + "█" + "▆" * 3


def test_a_lane_before_its_first_round() -> None:
    view = PanelView(captions=("warming up",))
    assert [line.strip() for line in drawn(view, 30, 4)] == ["", "", "–  warming up", ""]
    assert drawn(view, 30, 1) == ["–  warming up"]


def test_half_the_mean_is_no_way_that_is_longer_than_the_round_trip() -> None:
    slow = replace(figures_of(segment_of(4))[0], one_way_mean_ns=12_500.0)
    session = session_of(Plan(), [USUAL] * 4)
    views = panel_views(session.segment, session.recent, [slow, slow])
    assert all("one way" not in text for view in views for _, text in view.texts[1])


def test_a_lane_of_throughput() -> None:
    session = session_of(Plan(workload="bulk-send", size_bytes=1024), [USUAL] * 2)
    view = views_of(session)[0]
    assert (view.figure, view.unit, view.captions) == ("83.6", "MB/s", ("read by the receiver", "received"))
    assert drawn(view, 40, 7)[-1] == "CPU client   50 %  server   50 %"


@given(
    values=st.lists(st.floats(), max_size=50),
    top=st.floats(),
    width=st.integers(0, 60),
    height=st.integers(1, 12),
)
def test_a_panel_never_leaves_its_place(values: list[float], top: float, width: int, height: int) -> None:
    view = PanelView("9870", "GB/s", ("read by the receiver", "received"), values, top, [[(0, "p99 17.3 µs")]] * 3)
    lines = drawn(view, width, height)
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines if width >= 12)


# --- charts


def test_a_timeline_of_one_segment() -> None:
    chart = timeline_chart(session_of(Plan(), [USUAL] * 12), 60.0, 80, 12)
    assert [(series.lane, series.points) for series in chart.series] == [(1, True), (2, True), (1, False), (2, False)]
    assert chart.x_limits == (0.0, pytest.approx(1.1))
    assert chart.y_limits == (0.0, 30_000.0)
    assert list(chart.x_ticks) == [(0, "00:00"), (1, "00:01")]
    assert [label for _, label in chart.y_ticks] == ["        0", "  10.0 µs", "  20.0 µs", "  30.0 µs"]
    assert [(label.text, label.lane) for label in chart.labels] == [("UDS", 1), ("TCP", 2)]
    assert list(chart.marks) == []


@pytest.mark.parametrize(
    ("width", "height", "seconds", "figures"),
    [
        (58, 5, ["00:00", "01:00", "02:00"], ["0", "20.0 µs"]),
        (118, 9, ["00:00", "00:30", "01:00", "01:30", "02:00"], ["0", "20.0 µs"]),
        (196, 44, [f"0{second // 60}:{second % 60:02}" for second in range(0, 150, 15)], None),
    ],
)
def test_a_timeline_has_as_many_ticks_as_there_is_room(
    width: int, height: int, seconds: list[str], figures: list[str] | None
) -> None:
    chart = timeline_chart(session_of(Plan(), [USUAL] * 1500), math.inf, width, height)
    assert [label for _, label in chart.x_ticks] == seconds
    if figures:
        assert [label.strip() for _, label in chart.y_ticks] == figures
    assert len({len(label) for _, label in chart.y_ticks}) == 1  # or the frame would jump


def test_a_timeline_with_nothing_and_with_one_point() -> None:
    assert timeline_chart(session_of(Plan(), []), 60.0, 80, 12) == Chart()
    chart = timeline_chart(session_of(Plan(), [USUAL]), 60.0, 80, 12)
    assert [len([y for y in series.ys if y is not None]) for series in chart.series] == [1, 1, 1, 1]
    assert chart.x_limits == (0.0, 1.0)


def test_a_low_timeline_keeps_its_rows_for_the_lines() -> None:
    chart = timeline_chart(session_of(Plan(), [USUAL] * 12), 60.0, 58, 8)
    assert not any(series.points for series in chart.series)


def test_a_slow_round_is_cut_off_and_leaves_the_scale_alone() -> None:
    slow = [USUAL] * 30 + [(12_000, 500_000)] + [USUAL] * 30
    chart = timeline_chart(session_of(Plan(), slow), 60.0, 80, 12)
    assert chart.y_limits == (0.0, 30_000.0)
    drawables = [clean(series, chart, 80) for series in chart.series]
    assert [bool(drawable.cuts) for drawable in drawables] == [False, True, False, True], "its p99 and its median"
    assert drawables[3].cuts == [pytest.approx(3.0)]


def test_a_slow_round_stays_to_be_seen_for_hours() -> None:
    session = session_of(Plan(), [USUAL])
    session.history = History(most_points=100)
    for number in range(5_000):
        slow = (12_000.0, 500_000.0) if number == 1_000 else (12_000.0, 18_000.0)
        session.history.add(1, Point(number / 10, 1, slow, slow, (17_000.0, 26_000.0)))
    chart = timeline_chart(session, math.inf, 80, 12)
    assert chart.y_limits == (0.0, 30_000.0)
    assert clean(chart.series[-1], chart, 80).cuts == [pytest.approx(100, abs=30)]


def test_the_scale_is_that_of_the_segment_of_now() -> None:
    """It was slow before, and is fast now."""
    session = session_of(Plan(size_bytes=2**20), [(400_000, 900_000)] * 50)
    change(session, size_bytes=128)
    for number in range(50, 60):
        session.add(make_round(session.plan, number))
    chart = timeline_chart(session, 60.0, 80, 12)
    assert chart.y_limits == (0.0, 30_000.0)
    assert len(clean(chart.series[-1], chart, 80).cuts) == 50


def test_noise_does_not_squeeze_the_medians_into_the_lowest_rows() -> None:
    session = session_of(Plan(), [])
    for number in range(40):
        round_ = make_round(session.plan, number)
        noisy = [
            replace(interval, durations=replace(interval.durations, p99_ns=900_000.0)) for interval in round_.intervals
        ]
        session.add(replace(round_, intervals=tuple(noisy)))
    assert timeline_chart(session, 60.0, 80, 12).y_limits == (0.0, 40_000.0)


def test_a_window_shows_the_last_seconds_and_where_the_plan_changed() -> None:
    session = session_of(Plan(), [USUAL] * 100)
    change(session, size_bytes=256)
    for number in range(100, 130):
        session.add(make_round(session.plan, number))
    chart = timeline_chart(session, 10.0, 80, 12)
    assert chart.x_limits == (pytest.approx(2.9), pytest.approx(12.9))
    assert list(chart.marks) == [(pytest.approx(10.0), "┊")]
    assert list(timeline_chart(session, 1.0, 80, 12).marks) == []


def test_a_restart_is_not_marked_as_a_new_segment() -> None:
    session = session_of(Plan(), [USUAL] * 10)
    session.note("restart", "the probe was killed; started again")
    for number in range(20, 30):
        session.add(make_round(session.plan, number))
    session.new_segment()
    session.add(make_round(session.plan, 30))
    chart = timeline_chart(session, 60.0, 80, 12)
    assert [sign for _, sign in chart.marks] == ["┊", "║"]
    assert legend_wordings(session, chart, "1 min", 80) == [
        "p50 · ║ restart · ┊ segment · last 1 min · + − zoom",
        "p50 · ║ restart · ┊ segment · last 1 min",
        "p50 · ║ restart · ┊ segment",
        "p50 · ║ restart",
        "p50",
    ]


def test_the_legend_says_what_the_lines_are() -> None:
    session = session_of(Plan(), [USUAL] * 3)
    assert "▲" not in legend_wordings(session, timeline_chart(session, 60.0, 80, 12), "all", 80)[0]
    session.add(make_round(session.plan, 3, (12_000, 500_000)))
    assert legend_wordings(session, timeline_chart(session, 60.0, 80, 12), "all", 80)[0].startswith("p50 · ▲ higher · ")
    change(session, size_bytes=2**26)
    few = make_round(session.plan, 4)
    known = (replace(interval.durations, p50_ns=None, p99_ns=None) for interval in few.intervals)
    intervals = tuple(
        replace(interval, durations=durations) for interval, durations in zip(few.intervals, known, strict=True)
    )
    session.add(replace(few, intervals=intervals))
    assert legend_wordings(session, timeline_chart(session, 60.0, 80, 12), "all", 80)[0].startswith("mean · ")


def test_a_timeline_leaves_out_what_has_another_unit_and_the_room_for_it() -> None:
    session = session_of(Plan(), [USUAL] * 300)
    change(session, workload="bulk-send", size_bytes=1024)
    for number in range(300, 303):
        session.add(make_round(session.plan, number))
    chart = timeline_chart(session, 60.0, 80, 12)
    assert [(series.lane, series.points) for series in chart.series] == [(1, False), (2, False)]
    assert all(label.strip() == "0" or "B/s" in label for _, label in chart.y_ticks)
    assert len([y for y in chart.series[0].ys if y is not None]) == 3
    assert chart.x_limits == (pytest.approx(30.0), pytest.approx(31.0))


@pytest.mark.parametrize("earlier", [0, 1, 600])
def test_every_lane_has_its_name_however_short_its_segment_is(earlier: int) -> None:
    session = session_of(Plan(transports=("tcp", "uds")), [USUAL] * earlier)
    change(session, transports=("uds", "tcp"))
    session.add(make_round(session.plan, earlier))
    chart = timeline_chart(session, 60.0, 80, 12)
    names = ([("TCP", 1), ("UDS", 2)] if earlier else []) + [("UDS", 1), ("TCP", 2)]
    assert [(label.text, label.lane) for label in chart.labels] == names
    left, right = chart.x_limits
    assert all(left < label.x < right for label in chart.labels)
    places = [label.x for label in chart.labels[-2:]]
    assert places[1] - places[0] == pytest.approx((right - left) / 10)


@pytest.mark.parametrize("width", [20, 60, 190])
def test_a_histogram_shows_every_operation_once(width: int) -> None:
    chart = histogram_chart(segment_of(12), width)
    assert len(chart.series[0].xs) <= width
    for series in chart.series:
        assert sum(y for y in series.ys if y) == pytest.approx(100, abs=1)
        assert max(y for y in series.ys if y) <= chart.y_limits[1]
    assert [label.text for label in chart.labels] == ["UDS", "TCP"]
    assert [label for _, label in chart.x_ticks][:3] == ["6.00 µs", "8.00 µs", "10.0 µs"]
    assert not any(y == 0 for series in chart.series for y in series.ys)
    assert beyond_percent(segment_of(12), chart) == 0.0


def test_a_histogram_ends_where_little_is_left_and_says_how_much() -> None:
    plan = Plan()
    session = session_of(plan, [USUAL] * 199 + [(12_000, 900_000)])
    chart = histogram_chart(session.segment, 60)
    assert 10 ** chart.x_limits[1] == pytest.approx(1.5 * 26_500, rel=0.1)
    assert beyond_percent(session.segment, chart) == pytest.approx(0.5, abs=0.01)


def test_names_stay_apart_where_the_lanes_are_alike() -> None:
    alike = session_of(Plan(transports=("uds", "uds")), [(12_000, 12_000)] * 12).segment
    for chart in (histogram_chart(alike, 60), percentile_chart(alike)):
        one, other = chart.labels
        assert abs(one.x - other.x) > 0.1 or abs(one.y - other.y) > 0.2 * one.y


def test_a_distribution_of_nothing_is_empty() -> None:
    assert histogram_chart(segment_of(0), 60) == Chart()
    assert percentile_chart(segment_of(0)) == Chart()


def test_percentiles_rise_and_end_where_the_samples_do() -> None:
    for rounds, last in ((1, 2.3), (12, 3.4)):
        chart = percentile_chart(segment_of(rounds))
        for series in chart.series:
            ys = [y for y in series.ys if y is not None]
            assert ys == sorted(ys)
            assert max(series.xs) == pytest.approx(last, abs=0.1)
            assert max(ys) <= chart.y_limits[1] < max(ys) + 0.25, "the scale ends at the highest one"
    assert [label for _, label in chart.x_ticks] == ["p0", "p50", "p90", "p99", "p99.9", "p99.99"]


def test_the_difference_at_each_percentile() -> None:
    assert difference_lines(segment_of(12)) == [
        "                  p50       p90       p99     p99.9    p99.99",
        "UDS           12.0 µs   14.4 µs   17.3 µs   20.9 µs         –",
        "TCP           18.0 µs   21.6 µs   26.0 µs   31.3 µs         –",
        "TCP − UDS    +5.98 µs  +7.20 µs  +8.70 µs  +10.4 µs         –",
    ]
    assert difference_lines(segment_of(12, Plan(transports=("uds",))))[1:] == [
        "UDS     12.0 µs   14.4 µs   17.3 µs   20.9 µs         –"
    ]


@pytest.mark.parametrize(
    ("width", "sentence"),
    [
        (78, "TCP − UDS  p50 +5.98 µs  p90 +7.20 µs  p99 +8.70 µs  p99.9 +10.4 µs  p99.99 –"),
        (58, "TCP − UDS  p50 +5.98 µs  p90 +7.20 µs  p99 +8.70 µs"),
        (30, "TCP − UDS  p50 +5.98 µs"),
        (12, "TCP − UDS"),
    ],
)
def test_the_differences_in_a_line(width: int, sentence: str) -> None:
    assert difference_sentence(segment_of(12), width) == sentence
    assert difference_sentence(segment_of(12, Plan(transports=("uds",))), width) == ""


@pytest.mark.parametrize(("width", "blocks"), [(60, ("█" * 21 + "▌", "█" * 32)), (30, ("█▌", "██")), (10, ("", ""))])
def test_layers_are_bars_on_one_scale(width: int, blocks: tuple[str, str]) -> None:
    session = session_of(Plan(), [USUAL] * 12)
    assert layer_bars(find_layers(session.run.segments, session.plan), width) == [
        (f"native     UDS      12.0 µs {blocks[0]}", 1),
        (f"           TCP      18.0 µs {blocks[1]}", 2),
    ]
    assert layer_bars(find_layers([], session.plan), width) == []


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (0.0, 2.0, [1, 10, 100]),
        (3.9, 4.8, [10_000, 20_000, 50_000]),
        (3.9, 4.4, [8_000, 10_000, 15_000, 20_000]),
        (4.0, 4.05, [10_000, 11_000]),
    ],
)
def test_ticks_of_a_logarithmic_scale_are_round_numbers(low: float, high: float, numbers: list[float]) -> None:
    assert [10**tick for tick in log_ticks(low, high)] == pytest.approx(numbers)


# --- sweep and anatomy


def swept(rounds: int, *, workload: str = "ping-pong") -> Sweep:
    """UDS has the smaller start, TCP the smaller slope, and they cross."""
    sweep = Sweep(Plan(workload=workload), order=Random(1))
    while (at := sweep.progress().done) < rounds and (plan := sweep.next()):
        sweep.add(make_round(plan, at, (5_000 + plan.size_bytes / 4, 9_000 + plan.size_bytes / 6)))
    return sweep


def test_a_sweep_is_drawn_as_far_as_it_has_come() -> None:
    assert sweep_chart(swept(0)) == Chart()
    one = sweep_chart(swept(1))
    assert [len(series.xs) for series in one.series] == [1, 1]
    assert [label.text for label in one.labels] == ["UDS", "TCP"]
    whole = sweep_chart(swept(10_000))
    assert [label.strip() for _, label in whole.y_ticks] == ["10.0 µs", "100 µs", "1.00 ms"]
    assert [label for _, label in whole.x_ticks][:3] == ["1B", "4B", "16B"]
    assert len({label.x for label in whole.labels}) == 2  # they do not cover each other
    assert list(whole.marks) == [(pytest.approx(math.log2(48 * 1024), abs=0.2), "┊")]
    low, high = whole.y_limits
    assert all(low <= y <= high for series in whole.series for y in series.ys if y is not None)


def test_a_sweep_of_throughput_has_its_unit() -> None:
    chart = sweep_chart(swept(10_000, workload="bulk-send"))
    assert all(label.endswith("B/s") for _, label in chart.y_ticks)


async def test_an_anatomy_to_the_character() -> None:
    anatomy = Anatomy(Plan(transports=("uds",)), (0, 1))
    await drive(anatomy, Script(is_steady=True))
    answer = (
        "UDS: of 12.0 µs, 700 ns are calls that do nothing, 3.30 µs the transport itself, 7.90 µs switching, "
        "waking the other core not known (0.00 ns to 0.00 ns); spinning on two cores it takes 12.0 µs"
    )
    caveat = (
        "Caveat at two cores, spin: both sides spin on one core and wait for each other's time slice to end; "
        "choose cores split, or wait block"
    )
    python = (
        "UDS in Python: 600 ns more for the socket calls alone, 6.30 µs more on one core, 6.30 µs more on two, "
        "6.30 µs more spinning"
    )
    assert anatomy_content(anatomy, 58).plain.splitlines() == [
        "UDS",
        "  clock and loop            100 ns  ▏",
        "  empty calls               700 ns  ▉",
        "  transport itself         3.30 µs  ████▌",
        "  switching                7.90 µs      █████████▏",
        "  waking the other core  not known  ",
        "  = two cores, block       12.0 µs  █████████████▏",
        "  + in Python              6.30 µs               ███████",
        "  two cores, spin          12.0 µs  █████████████▏",
        "  + in Python              6.30 µs               ███████",
        "",
        answer,
        python,
        caveat,
    ]
    for width, blocks in ((20, 5), (120, 53), (200, 106)):
        lines = anatomy_content(anatomy, width).plain.splitlines()
        assert max(line.count("█") for line in lines) == blocks
