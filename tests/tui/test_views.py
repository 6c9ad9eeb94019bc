"""From records to what is shown, to the character: few rounds, no rounds, one lane, spikes, and several widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from tests.tui.driving import settle
from tests.tui.fake_probe import HOST, make_round
from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.recording.layers import find_layers
from udstui.recording.run import Segment
from udstui.recording.sweep import Sweep
from udstui.stats.verdict import Verdict
from udstui.tui import errands
from udstui.tui.drawing import log_ticks
from udstui.tui.errands import AnatomyErrand
from udstui.tui.session import Session
from udstui.tui.tabs.anatomy import anatomy_content
from udstui.tui.tabs.distribution import difference_lines, difference_sentence, histogram_chart, percentile_chart
from udstui.tui.tabs.layers import layer_bars, sentence_wordings
from udstui.tui.tabs.sweep import sweep_chart
from udstui.tui.tabs.timeline import timeline_chart
from udstui.tui.views import host_sentences, panel_views, verdict_texts
from udstui.tui.widgets.lane_panel import PanelView, panel_lines
from udstui.tui.widgets.plot import Chart, Label, Plot, Series, clean
from udstui.workloads.calls import CallsAnswer, CallsRequest

USUAL = (12_000, 18_000, 24_000, 30_000)


def session_of(plan: Plan, medians: Sequence[Sequence[float]]) -> Session:
    """A session with a round for each of these medians of the lanes."""
    session = Session(plan, HOST)
    for number, medians_ns in enumerate(medians):
        session.add(session.segment, make_round(plan, number, medians_ns))
    return session


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


def wordings(verdicts: Sequence[Verdict]) -> list[str]:
    """Without those that a Line would never reach: each is shorter than the one before."""
    return list(dict.fromkeys(verdict_texts(verdicts)))


def test_a_verdict_gets_shorter_without_losing_the_answer() -> None:
    assert wordings(segment_of(12).verdicts()) == [
        "UDS is 1.50x faster than TCP at the median (95 % CI 1.46 to 1.55, 12 rounds) · p99 1.50x · throughput 1.50x",
        "UDS is 1.50x faster than TCP at the median (95 % CI 1.46 to 1.55, 12 rounds)",
        "UDS is 1.50x faster than TCP at the median (95 % CI 1.46 to 1.55)",
        "UDS is 1.50x faster than TCP at the median (1.46 to 1.55)",
        "UDS is 1.50x faster than TCP at the median",
    ]


def test_no_verdict_yet_gets_shorter_without_becoming_one() -> None:
    assert wordings(segment_of(3).verdicts()) == [
        "No difference seen yet between UDS and TCP in median"
        " (ratio 1.5, 95 % CI 1.43 to 1.56, 3 rounds, of at least 10)",
        "No difference seen yet between UDS and TCP in median (ratio 1.5, 95 % CI 1.43 to 1.56, 3 rounds)",
        "No difference seen yet between UDS and TCP in median (ratio 1.5, 95 % CI 1.43 to 1.56)",
        "No difference seen yet between UDS and TCP in median (ratio 1.5)",
        "No difference seen yet between UDS and TCP in median",
    ]
    assert wordings(segment_of(1).verdicts()) == ["No verdict yet (1 round)", "No verdict yet"]
    assert wordings([]) == ["One lane only: nothing to compare"]


def test_layers_get_shorter_and_keep_their_doubts() -> None:
    assert sentence_wordings("UDS against TCP: 1.50x raw, 1.20x under http (not sure yet)") == [
        "UDS against TCP: 1.50x raw, 1.20x under http (not sure yet)",
        "UDS against TCP: 1.50x raw, 1.20x under http (?)",
        "1.50x raw, 1.20x under http (?)",
    ]


# --- panels


def drawn(view: PanelView, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in panel_lines(view, width, height)]


def test_a_lane_at_the_sizes_of_its_panel() -> None:
    session = session_of(Plan(), [USUAL] * 4)
    uds, tcp = panel_views(session.segment, session.recent)
    assert drawn(uds, 54, 8) == [
        "╺┓ ╺━┓ ╺┓ ",
        " ┃ ┏━┛  ┃   µs",
        "╺┻╸┗━╸.╺┻╸  round trip, p50",
        " " * 50 + "▂▃▃▂",
        " " * 50 + "████",
        "p90 14.4 µs  p99 17.3 µs  p99.9       –  max 23.7 µs",
        "one way 6.09 µs  82.1 k/s  10.5 MB/s",
        "CPU client   50 %  server   50 %",
    ]
    assert drawn(tcp, 34, 6) == [
        "╺┓ ┏━┓ ┏━┓",
        " ┃ ┣━┫ ┃ ┃  µs",
        "╺┻╸┗━┛.┗━┛  round trip, p50",
        " " * 30 + "████",
        "p99 26.0 µs  max 35.5 µs",
        "one way 9.10 µs  54.9 k/s",
    ]
    assert drawn(tcp, 24, 4) == ["╺┓ ┏━┓ ┏━┓", " ┃ ┣━┫ ┃ ┃  µs", "╺┻╸┗━┛.┗━┛  p50", "p99 26.0 µs  max 35.5 µs"]
    assert drawn(tcp, 11, 4) == ["18.0 µs p50", " " * 7 + "████", "p99 26.0 µs", "54.9 k/s"]


def test_a_lane_before_its_first_round() -> None:
    for view in panel_views(segment_of(0), []):
        assert [line.strip() for line in drawn(view, 30, 4)] == ["", "", "–  warming up", ""]
        assert drawn(view, 30, 1) == ["–  warming up"]


def test_a_lane_of_throughput() -> None:
    session = session_of(Plan(workload="bulk-send", size_bytes=1024), [USUAL] * 2)
    view = panel_views(session.segment, session.recent)[0]
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
    assert [series.style for series in chart.series] == ["faint-1", "faint-2", "lane-1", "lane-2"]
    assert chart.x_limits == (0.0, pytest.approx(1.1))
    assert chart.y_limits == (0.0, 30_000.0)
    assert list(chart.x_ticks) == [(0, "00:00"), (1, "00:01")]
    assert [label for _, label in chart.y_ticks] == ["        0", "  10.0 µs", "  20.0 µs", "  30.0 µs"]
    assert [(label.text, label.style) for label in chart.labels] == [("UDS", "lane-1"), ("TCP", "lane-2")]
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
    assert timeline_chart(session_of(Plan(), []), 60.0, 80, 12).series == []
    chart = timeline_chart(session_of(Plan(), [USUAL]), 60.0, 80, 12)
    assert [len([y for y in series.ys if y is not None]) for series in chart.series] == [1, 1, 1, 1]
    assert chart.x_limits == (0.0, 1.0)


def test_a_spike_of_p99_does_not_dwarf_the_medians() -> None:
    spiking = [(12_000, 18_000)] * 30 + [(12_000, 500_000)] + [(12_000, 18_000)] * 30
    quiet = timeline_chart(session_of(Plan(), [(12_000, 18_000)] * 61), 60.0, 80, 12)
    assert quiet.y_limits == (0.0, 30_000.0)
    chart = timeline_chart(session_of(Plan(), spiking), 60.0, 80, 12)
    assert chart.y_limits[1] >= 500_000  # a headline is never cut off
    xs, ys, _ = clean(chart.series[1], chart, 80)
    assert max(ys) <= chart.y_limits[1]
    assert len(xs) == 61


def test_a_window_shows_the_last_seconds_and_where_the_plan_changed() -> None:
    session = session_of(Plan(), [USUAL] * 100)
    session.change(size_bytes=256)
    for number in range(100, 130):
        session.add(session.segment, make_round(session.plan, number))
    chart = timeline_chart(session, 10.0, 80, 12)
    assert chart.x_limits == (pytest.approx(2.9), pytest.approx(12.9))
    assert list(chart.marks) == [pytest.approx(10.0)]
    assert list(timeline_chart(session, 1.0, 80, 12).marks) == []


def test_a_timeline_leaves_out_what_has_another_unit() -> None:
    session = session_of(Plan(), [USUAL] * 3)
    session.change(workload="bulk-send", size_bytes=1024)
    for number in range(3, 6):
        session.add(session.segment, make_round(session.plan, number))
    chart = timeline_chart(session, 60.0, 80, 12)
    assert [series.style for series in chart.series] == ["lane-1", "lane-2"]
    assert all(label.strip() == "0" or "B/s" in label for _, label in chart.y_ticks)
    assert len([y for y in chart.series[0].ys if y is not None]) == 3


@pytest.mark.parametrize("width", [20, 60, 190])
def test_a_histogram_shows_every_operation_once(width: int) -> None:
    chart = histogram_chart(segment_of(12), width)
    assert len(chart.series[0].xs) <= width
    for series in chart.series:
        assert sum(y for y in series.ys if y) == pytest.approx(100, abs=1)
        assert max(y for y in series.ys if y) <= chart.y_limits[1]
    assert [label.text for label in chart.labels] == ["UDS", "TCP"]
    assert [label for _, label in chart.x_ticks][:3] == ["6.00 µs", "8.00 µs", "10.0 µs"]


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
        (f"ping-pong  UDS      12.0 µs {blocks[0]}", 1),
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


# --- plots

number = st.floats() | st.none() | st.floats(-10, 10)


@given(
    points=st.lists(st.tuples(st.floats() | st.floats(-10, 10), number), max_size=300),
    limits=st.tuples(st.floats(-5, 5), st.floats(0.001, 10)),
    width=st.integers(0, 100),
)
def test_only_points_within_the_limits_reach_the_plot(
    points: list[tuple[float, float | None]], limits: tuple[float, float], width: int
) -> None:
    low, high = limits[0], limits[0] + limits[1]
    chart = Chart(x_limits=(low, high), y_limits=(low, high))
    xs, ys, gaps = clean(Series("lane-1", [x for x, _ in points], [y for _, y in points]), chart, width)
    assert len(xs) == len(ys) <= max(2, 2 * width)
    assert all(low <= value <= high for value in (*xs, *ys))  # neither NaN nor an infinity is
    assert all(0 < gap < len(xs) for gap in gaps)


class PlotApp(App[None]):
    CSS = """
    Plot { width: 100%; height: 100%; }
    .plot--lane-1, .plot--lane-2, .plot--mark { color: white; }
    """

    def compose(self) -> ComposeResult:
        yield Plot()


SECOND = ((0.0, "0"), (1.0, "1"))
LINES = {
    "empty": [],
    "one point": [0.5],
    "constant": [0.5] * 100,
    "no number": [math.nan, 0.5, math.inf, None, -math.inf] * 20,
    "spiking": [0.1] * 50 + [1e300] + [0.1] * 49,
}


async def test_a_plot_draws_whatever_it_is_given() -> None:
    app = PlotApp()
    async with app.run_test(size=(40, 6)) as pilot:
        plot = app.query_one(Plot)
        for width, height in ((1, 1), (16, 3), (40, 6), (80, 20)):
            await pilot.resize_terminal(width, height)
            for what, ys in LINES.items():
                xs = [at / max(1, len(ys) - 1) for at in range(len(ys))]
                chart = Chart([Series("lane-1", xs, ys)], x_ticks=SECOND, y_ticks=SECOND, marks=[0.5])
                plot.show(chart)
                await settle(app)  # type: ignore[arg-type]
                lines = [plot.render_line(y).text for y in range(height)]
                assert all(len(line) == width for line in lines), what
                is_framed = height >= 10
                assert bool("".join(lines).strip()) == (is_framed or (what != "empty" and width > 1)), what


async def test_a_plot_to_the_character() -> None:
    app = PlotApp()
    ys = [0.0, 0.25, 0.5, 0.75, 1.0]
    rising = Series("lane-1", ys, ys)
    falling = Series("lane-2", ys, [1.0, 0.75, None, 0.25, 0.0])
    chart = Chart([rising, falling], x_ticks=SECOND, y_ticks=SECOND, labels=[Label("UDS", "lane-1", 0.5, 0.5)])
    async with app.run_test(size=(24, 6)):
        plot = app.query_one(Plot)
        plot.show(chart)
        await settle(app)  # type: ignore[arg-type]
        assert [plot.render_line(y).text for y in range(6)] == [
            "1⠠⠤⣀⡀               ⢀⣀⠤⠄",
            "    ⠈⠉⠒⠄       ⢀⡠⠤⠒⠉⠁   ",
            "           UDS ⠁        ",
            "    ⢀⣀⠤⠒⠊⠉       ⠐⠤⣀⡀   ",
            "0⠐⠒⠉⠁               ⠈⠉⠒⠂",
            " 0                     1",
        ]


# --- sweep and anatomy


def swept(rounds: int, *, workload: str = "ping-pong") -> Sweep:
    """UDS has the smaller start, TCP the smaller slope, and they cross."""
    sweep = Sweep(Plan(workload=workload), order=Random(1))
    for at in range(min(rounds, sweep.rounds_in_all)):
        plan = sweep.next_segment().plan
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
    assert list(whole.marks) == [pytest.approx(math.log2(48 * 1024), abs=0.2)]
    low, high = whole.y_limits
    assert all(low <= y <= high for series in whole.series for y in series.ys if y is not None)


def test_a_sweep_of_throughput_has_its_unit() -> None:
    chart = sweep_chart(swept(10_000, workload="bulk-send"))
    assert all(label.endswith("B/s") for _, label in chart.y_ticks)


class Rounds:
    async def measure(self, plan: Plan) -> Round:
        return make_round(plan)


async def calls(request: CallsRequest) -> CallsAnswer:
    return CallsAnswer([100.0] * request.rounds, [[4_100.0] * request.rounds] * len(request.transports))


async def test_an_anatomy_to_the_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "available_cores", lambda: (0, 1))
    errand = AnatomyErrand(Plan(transports=("uds",)), calls)
    while not errand.is_done:
        await errand.advance(Rounds())
    answer = (
        "UDS: of 12.0 µs, 4.00 µs are the socket calls, 7.90 µs switching, 0.00 ns waking the other core;"
        " spinning on two cores it takes 12.0 µs"
    )
    assert anatomy_content(errand.anatomy, 56).plain.splitlines() == [
        "UDS",
        "  clock and loop          100 ns  ▏",
        "  socket calls           4.00 µs  ██████▉",
        "  switching              7.90 µs        ██████████████",
        "  waking the other core  0.00 ns                     █",
        "  = two cores, block     12.0 µs  ████████████████████",
        "  two cores, spin        12.0 µs  ████████████████████",
        "",
        answer,
    ]
    for width, blocks in ((20, 8), (120, 84), (200, 164)):
        lines = anatomy_content(errand.anatomy, width).plain.splitlines()
        assert max(line.count("█") for line in lines) == blocks
