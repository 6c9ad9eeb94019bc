"""From records to what is shown, to the character: few rounds, no rounds, one lane, spikes, and several widths."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scripted import HOST, make_round
from tests.tui.sessions import USUAL, segment_of, session_of
from udstui.experiments.layers import find_layers
from udstui.experiments.sweep import Sweep
from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.results.lane_figures import LaneFigures, lane_figures
from udstui.results.segment import Segment
from udstui.text.ranks import ranks_of
from udstui.tui.drawing import log_ticks
from udstui.tui.session import Session
from udstui.tui.tabs.distribution import (
    beyond_percent,
    histogram_chart,
    percentile_chart,
)
from udstui.tui.tabs.layers import layer_bars
from udstui.tui.tabs.sweep import ratio_chart, sweep_chart
from udstui.tui.views import host_sentences, panel_views
from udstui.tui.widgets.chart import Chart
from udstui.tui.widgets.lane_panel import PanelView, panel_lines


def figures_of(segment: Segment) -> list[LaneFigures]:
    return [lane_figures(segment, lane) for lane in range(len(segment.lanes))]


def views_of(session: Session) -> list[PanelView]:
    """With the ranks of the lanes."""
    figures = figures_of(session.segment)
    ranks = ranks_of(figures, session.segment.verdicts(), session.segment.metric)
    return panel_views(session.segment, session.recent, figures, ranks)


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


@pytest.mark.parametrize("width", range(14, 50))
def test_panels_of_one_width_say_the_same_whatever_their_figures(width: int) -> None:
    ranks = ("+5.98 µs, +50 %", "+50 %")
    said = {
        tuple(text for line in panel_lines(view, width, 4)[:3] for text, style in line if style != "figure")
        for figure in ("109", "12.0", "9.99")
        for view in [PanelView(figure, "µs", ("round trip, p50", "p50"), ranks=ranks)]
    }
    assert len(said) == 1


def test_a_lane_before_its_first_round() -> None:
    view = PanelView(captions=("warming up",))
    assert [line.strip() for line in drawn(view, 30, 4)] == ["", "", "–  warming up", ""]
    assert drawn(view, 30, 1) == ["–  warming up"]


def test_half_the_mean_is_no_way_that_is_longer_than_the_round_trip() -> None:
    usual = figures_of(segment_of(4))[0]
    slow = replace(usual, one_way_mean_ns=12_500.0)
    session = session_of(Plan(), [USUAL] * 4)
    for lanes in ([slow, slow], [usual, slow]):  # of one lane, it is told of none
        views = panel_views(session.segment, session.recent, lanes)
        assert all("one way" not in text for view in views for _, text in view.texts[1])


def test_a_lane_of_throughput() -> None:
    session = session_of(Plan(workload="bulk-send", size_bytes=1024), [USUAL] * 2)
    view = views_of(session)[0]
    assert (view.figure, view.unit, view.captions) == ("83.6", "MB/s", ("read by the receiver", "received"))
    assert drawn(view, 40, 7)[-1] == "CPU client   50 %  server   50 %"
    assert any(line.endswith("k sends/s") for line in drawn(view, 60, 8)), "not operations, of which nobody knows what"


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


@pytest.mark.parametrize("width", [20, 60, 190])
def test_a_histogram_shows_every_operation_once(width: int) -> None:
    chart = histogram_chart(segment_of(12), width, 20)
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
    chart = histogram_chart(session.segment, 60, 20)
    assert 10 ** chart.x_limits[1] == pytest.approx(1.5 * 26_500, rel=0.1)
    assert beyond_percent(session.segment, chart) == pytest.approx(0.5, abs=0.01)


def test_a_distribution_of_nothing_is_empty() -> None:
    assert histogram_chart(segment_of(0), 60, 20) == Chart()
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


# --- sweep


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


def test_the_ratios_of_a_sweep_have_intervals_and_cross_one() -> None:
    assert ratio_chart(swept(0)) == Chart()
    chart = ratio_chart(swept(10_000))
    uds, tcp = ([y for y in series.ys if y is not None] for series in chart.series)
    assert [series.lane for series in chart.series] == [1, 2]
    assert min(uds) == max(tcp) == uds[-1] == tcp[0] == chart.level == 0.0, "each where it is better, down to 1"
    ys = [*uds[:-1], *tcp[1:]]
    assert [bar.low <= y <= bar.high for bar, y in zip(chart.bars, ys, strict=True)] == [True] * len(ys)
    assert [bar.lane for bar in chart.bars] == [1] * (len(uds) - 1) + [2] * (len(tcp) - 1)
    assert [end.lane for end in chart.ends] == [2]
    assert list(chart.marks) == [(pytest.approx(math.log2(48 * 1024), abs=0.2), "┊")]
    assert [label.strip() for _, label in chart.y_ticks][:3] == ["1x", "0.67x", "0.8x"]


def test_a_sweep_of_throughput_has_its_unit() -> None:
    chart = sweep_chart(swept(10_000, workload="bulk-send"))
    assert all(label.endswith("B/s") for _, label in chart.y_ticks)
