"""The answer, its shorter wordings, and the ranks of the lanes: one follows from the other, or it is said why not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.scripted import make_round
from udstui.measured import Interval
from udstui.plan import Plan
from udstui.results.lane_figures import LaneFigures, lane_figures
from udstui.results.segment import Segment
from udstui.text.answer_under_panels import Answer, answer_of, answer_wordings
from udstui.text.ranks import Rank, ranks_of
from udstui.tui.widgets.answer_panel import answer_lines, interval_bar

LANES = ("uds", "tcp", "pipe", "tcp6")
Told = tuple[Answer, list[Rank], list[LaneFigures]]


def told(medians: Sequence[float], rounds: int = 24, workload: str = "ping-pong") -> Told:
    segment = Segment(Plan(transports=LANES[: len(medians)], workload=workload))
    for number in range(rounds):
        segment.add(make_round(segment.plan, number, medians))
    figures = [lane_figures(segment, lane) for lane in range(len(segment.lanes))]
    answer = answer_of(segment, figures, segment.verdicts())
    assert answer
    return answer, ranks_of(figures, segment.verdicts(), segment.metric), figures


def lines_of(answer: Answer, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in answer_lines(answer, width, height)]


def test_a_sure_answer_gets_shorter_without_losing_itself() -> None:
    answer, ranks, _ = told((12_000, 18_000))
    assert answer_wordings(answer, ranks) == [
        "UDS is 1.50x faster than TCP at the median, saves 5.98 µs (95 % CI 1.46 to 1.53, 24 rounds)"
        " · p99 1.50x · throughput 1.50x",
        "UDS is 1.50x faster than TCP at the median, saves 5.98 µs (95 % CI 1.46 to 1.53, 24 rounds)",
        "UDS is 1.50x faster than TCP, saves 5.98 µs (95 % CI 1.46 to 1.53)",
        "UDS is 1.50x faster than TCP, saves 5.98 µs (1.46 to 1.53)",
        "UDS is 1.50x faster than TCP, saves 5.98 µs",
        "UDS is 1.50x faster than TCP",
        "UDS 1.50x",
    ]


def test_what_the_next_run_will_say_outlasts_what_is_saved() -> None:
    answer, ranks, _ = told((12_000, 18_000))
    known = replace(answer, machine=("1.41 to 1.60 in 9 runs on this machine",))
    assert answer_wordings(known, ranks)[2:5] == [
        "UDS is 1.50x faster than TCP, saves 5.98 µs "
        "(95 % CI 1.46 to 1.53 in this run, 1.41 to 1.60 in 9 runs on this machine)",
        "UDS is 1.50x faster than TCP (95 % CI 1.46 to 1.53 in this run, 1.41 to 1.60 in 9 runs on this machine)",
        "UDS is 1.50x faster than TCP (1.46 to 1.53 in this run, 1.41 to 1.60 in 9 runs on this machine)",
    ]


def test_an_answer_that_is_not_sure_says_why() -> None:
    early, ranks, _ = told((12_000, 18_000), rounds=5)
    assert answer_wordings(early, ranks) == ["Too early: 5 of 10 rounds (UDS 1.50x so far)"]
    unsure, ranks, _ = told((12_000, 12_010), rounds=12)
    assert answer_wordings(unsure, ranks)[1] == "Not sure yet: the rounds scatter too much (UDS 1.00x)"
    assert unsure.state_words == "not sure yet: the rounds scatter too much"
    assert [rank.is_sure for rank in ranks] == [False, False]


def test_the_better_lane_is_the_one_that_is_named_first() -> None:
    answer, ranks, _ = told((18_000, 12_000))
    assert answer.claim() == "TCP is 1.50x faster than UDS"
    assert [rank.wordings[0] for rank in ranks] == ["+5.98 µs, +50 %", "fastest"]
    answer, ranks, _ = told((12_000, 18_000), workload="bulk-send")
    assert answer.claim() == "UDS carries 1.50x as much as TCP"
    assert (answer.saves, ranks[0].wordings, ranks[1].wordings[-1]) == ("gains 3.52 MB/s", ("most",), "−33 %")


def test_every_lane_is_ranked_and_told_at_every_width() -> None:
    answer, ranks, _ = told((18_000, 24_000, 12_000, 30_000))
    assert answer.claim() == "pipe is 1.50x faster than UDS"
    assert [(rank.label, rank.place) for rank in ranks] == [("UDS", 2), ("TCP", 3), ("pipe", 1), ("TCP6", 4)]
    wordings = answer_wordings(answer, ranks)
    assert wordings[3] == "pipe is 1.50x faster than UDS, saves 5.98 µs · TCP +100 % · TCP6 +150 %"
    assert wordings[-1] == "pipe, UDS +50 %, TCP +100 %, TCP6 +150 %"
    assert all("TCP6" in wording and "TCP " in wording for wording in wordings)


def test_a_ratio_that_does_not_follow_from_the_figures_says_so() -> None:
    segment = Segment(Plan())
    for number in range(24):  # every third round takes twice as long, both lanes alike
        slow = 1 + number % 3 // 2
        segment.add(make_round(segment.plan, number, (12_000 * slow, 18_000 * (2 if number % 2 else 1))))
    figures = [lane_figures(segment, lane) for lane in range(2)]
    answer = answer_of(segment, figures, segment.verdicts())
    assert answer and answer.all_operations
    of_figures = (figures[1].op_p50_ns or 0) / (figures[0].op_p50_ns or 1)
    assert float(answer.all_operations[:-1]) == pytest.approx(of_figures, abs=0.006)
    for width in (30, 34, 50):
        assert any("over all" in line and line.endswith(answer.all_operations) for line in lines_of(answer, width, 8))
    assert "round by round" in answer_wordings(answer, [])[-1]


KINDS = ((6_000, 12_000, 40_000), (30_000, 20_000, 90_000), (6_000, 12_000, 40_000))
"""Rounds of two kinds: in two of three UDS is twice as fast as TCP, and yet its operations took longer over all."""


def told_of_kinds(*kinds: Sequence[float], workload: str = "ping-pong") -> Told:
    """As told(), of rounds that take their turns; operations of the second kind are many more."""
    segment = Segment(Plan(transports=LANES[: len(kinds[0])], workload=workload))
    for number in range(60):
        round_ = make_round(segment.plan, number, kinds[number % len(kinds)])
        for _ in range(3 if workload == "ping-pong" and number % len(kinds) == 1 else 0):
            round_ = replace(round_, intervals=tuple(_twice(one) for one in round_.intervals))
        segment.add(replace(round_, generation=1 + number // 6))
    figures = [lane_figures(segment, lane) for lane in range(len(segment.lanes))]
    answer = answer_of(segment, figures, segment.verdicts())
    assert answer
    return answer, ranks_of(figures, segment.verdicts(), segment.metric), figures


def _twice(interval: Interval) -> Interval:
    durations = interval.durations
    more = replace(
        durations,
        count=2 * durations.count,
        sum_ns=2 * durations.sum_ns,
        counts=tuple(2 * count for count in durations.counts),
    )
    return replace(interval, durations=more, operations=2 * interval.operations, elapsed_ns=2 * interval.elapsed_ns)


def test_no_panel_is_sure_of_the_contrary_of_the_answer() -> None:
    answer, ranks, _ = told_of_kinds(*(medians[:2] for medians in KINDS))
    assert answer.state == "sure" and answer.claim().startswith("UDS is") and float(answer.all_operations[:-1]) < 1
    assert [rank.is_sure for rank in ranks] == [False, False]
    assert ranks[1].wordings == ("fastest over all",)
    assert all(wording.startswith("+") and wording.endswith(" over all") for wording in ranks[0].wordings)


def test_no_figure_beside_the_answer_is_sure_of_the_contrary_of_the_panels() -> None:
    answer, ranks, (uds, tcp) = told_of_kinds(*(medians[:2] for medians in KINDS))
    assert (uds.op_p99_ns or 0) > (tcp.op_p99_ns or 0) and float(answer.facts[1].ratio[:-1]) > 1
    assert [(fact.name, fact.is_sure) for fact in answer.facts] == [
        ("p50", True),
        ("p99", False),
        ("throughput", False),
    ]
    assert not any("p99" in wording for wording in answer_wordings(answer, ranks))


def test_of_three_lanes_too_the_contrary_is_of_all_operations() -> None:
    answer, ranks, _ = told_of_kinds(*KINDS)
    assert answer.claim().startswith("UDS is") and [rank.place for rank in ranks] == [2, 1, 3]
    assert [rank.is_sure for rank in ranks] == [False, False, True]
    for wording in answer_wordings(answer, ranks)[:3]:
        assert "TCP fastest over all, UDS +" in wording, "what the others are behind of is named"


def test_most_is_not_claimed_of_the_lane_that_carries_less_round_by_round() -> None:
    kinds = [(12_000, 18_000)] * 5 + [(200_000, 40_000)]
    answer, ranks, _ = told_of_kinds(*kinds, workload="bulk-send")
    assert answer.state == "sure" and answer.claim().startswith("UDS carries")
    assert (ranks[1].wordings, ranks[1].is_sure, ranks[0].is_sure) == (("most over all",), False, False)


def test_lanes_behind_the_first_are_ranked_as_surely_as_their_verdicts_part_them() -> None:
    _, ranks, _ = told((18_000, 12_000, 12_010))
    assert [rank.is_sure for rank in ranks] == [True, False, False], "TCP and pipe are alike"
    _, ranks, _ = told((18_000, 18_010, 12_000))
    assert [rank.is_sure for rank in ranks] == [True, True, True], "pipe is ahead of two that are alike"


def test_ten_rounds_without_an_interval_are_not_ten_of_ten() -> None:
    segment = Segment(Plan())
    for number in range(11):  # in generations too short to tell how their rounds scatter
        segment.add(replace(make_round(segment.plan, number), generation=1 + number // 4))
    answer = answer_of(segment, [lane_figures(segment, lane) for lane in range(2)], segment.verdicts())
    assert answer and answer.interval == ""
    assert answer.state_words == "too early: 11 rounds, no interval yet"
    assert answer_wordings(answer, [])[0].startswith("Too early: 11 rounds, no interval yet (UDS 1.")
    for width, said in ((40, "too early: 11 rounds, no interval yet"), (30, "too early: 11 rounds"), (18, "too early")):
        assert said in lines_of(answer, width, 8), "nothing is cut"


def test_what_no_round_is_long_enough_to_know_is_compared_over_all_and_never_sure() -> None:
    plan = Plan()
    segment = Segment(plan)
    for number in range(12):
        round_ = make_round(plan, number)
        short = [replace(one, durations=replace(one.durations, p99_ns=None)) for one in round_.intervals]
        segment.add(replace(round_, intervals=tuple(short)))
        uds, tcp = (lane_figures(segment, lane) for lane in range(2))
        answer = answer_of(segment, [uds, tcp], segment.verdicts())
        assert answer and [fact.name for fact in answer.facts] == ["p50", "p99", "throughput"]
        known = uds.op_p99_ns and tcp.op_p99_ns
        assert answer.facts[1].ratio == (f"{tcp.op_p99_ns / uds.op_p99_ns:.2f}x" if known else "–")
        assert not answer.facts[1].is_sure


def test_the_answer_at_the_sizes_of_its_panel() -> None:
    answer, _, _ = told((12_000, 18_000))
    assert lines_of(answer, 36, 8)[3:] == [
        "sure: 95 % CI 1.46 to 1.53",
        "0.5 ──────────────1───────━◆────── 2",
        "p50 1.50x  p99 1.50x",
        "throughput 1.50x",
    ]
    large = lines_of(answer, 36, 8)[:3]
    for line, end in zip(large, ("UDS is faster", "than TCP", "saves 5.98 µs"), strict=True):
        assert line.endswith(f" {end}")
    assert lines_of(answer, 62, 10)[5:] == ["p50 1.50x  p99 1.50x  throughput 1.50x"]
    assert lines_of(answer, 30, 6)[5:] == ["p99 1.50x  throughput 1.50x"], "the large digits are the p50"
    assert lines_of(answer, 30, 2) == ["1.50x  UDS is faster than TCP", "sure: 95 % CI 1.46 to 1.53"]
    for width in range(1, 50):
        for height in range(1, 12):
            assert len(lines_of(answer, width, height)) <= height
            assert len(interval_bar(answer, width)) <= width


@pytest.mark.parametrize(
    ("width", "height"), [(62, 10), (36, 10), (36, 8), (32, 8), (30, 8), (36, 6), (30, 6), (30, 4)]
)
@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
def test_no_line_of_the_panel_moves(width: int, height: int, workload: str) -> None:
    """Neither with what is said beside the ratio, nor while it is unsure."""
    answer, _, _ = told((12_000, 18_000), workload=workload)
    differs = replace(answer, all_operations="1.31x")
    every, usual = lines_of(differs, width, height), lines_of(answer, width, height)
    assert every[2].endswith("1.31x") and every[2].startswith(usual[2][:14])
    assert every[:2] + every[3:] == usual[:2] + usual[3:]
    close = lines_of(replace(answer, ratio="1.00345x"), width, height)
    assert close[1].endswith(f"than {answer.worse}") and close[3:] == usual[3:]
    early = replace(
        answer, state="too early", ratio="–", facts=tuple(replace(fact, ratio="–") for fact in answer.facts)
    )
    for fact in answer.facts[height < 8 :] if height >= 6 else ():
        (row,) = {row for row, line in enumerate(usual) if f"{fact.name} {fact.ratio}" in line}
        assert lines_of(early, width, height)[row].index(f"{fact.name} –") == usual[row].index(f"{fact.name} 1")
