from __future__ import annotations

import msgspec
import pytest

from tests.recording.records import FIRST, PLAN, SECOND
from udstui.probe.cores import Placement
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict
from udstui.text.plan import describe_placement, plan_sentence
from udstui.text.segment import table
from udstui.text.verdict import first_of_each, verdict_line, verdict_sentence
from udstui.transports import lane_label

TABLE = """\
ping-pong · 128 B · server: process · cores: same (same: 1) · wait: block

round trip                    UDS        TCP
min                       10.0 ns    20.0 ns
p50                       10.0 ns    20.0 ns
p90                             –          –
p99                             –          –
p99.9                           –          –
max                       20.0 ns    40.0 ns
mean                      15.0 ns    30.0 ns
one way (half the mean)   7.50 ns    15.0 ns
operations                     20         20
rate                     62.5 M/s   31.2 M/s
throughput               8.00 GB/s  4.00 GB/s
CPU client                   31 %       31 %
CPU server                   25 %       25 %

No verdict yet (1 round)"""


def test_the_table() -> None:
    segment = Segment(PLAN)
    Run().add(segment, FIRST)
    assert [line.split() for line in table(segment).splitlines()] == [line.split() for line in TABLE.splitlines()]
    columns = [line for line in table(segment).splitlines()[2:-2] if line]
    assert len({len(line) for line in columns}) == 1  # right-aligned


def test_the_duration_of_a_send_is_not_told_as_what_was_compared() -> None:
    plan = msgspec.structs.replace(PLAN, workload="bulk-send")
    segment, run = Segment(plan), Run()
    for _ in range(10):
        run.add(segment, FIRST)
    said = table(segment)
    assert "UDS carries 2.00x as much as TCP" in said
    assert "UDS is 2.00x faster than TCP at the send p50" in said


def test_one_lane_alone_has_no_verdict() -> None:
    plan = msgspec.structs.replace(PLAN, transports=("uds",))
    segment = Segment(plan)
    Run().add(segment, msgspec.structs.replace(SECOND, intervals=SECOND.intervals[:1]))
    assert table(segment).splitlines()[-1].startswith("CPU server")


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict("op_p50_ns", "tcp", "uds", 1.47, 1.44, 1.5, 212, True),
         "UDS is 1.47x faster than TCP at the median (95 % CI 1.44 to 1.50, 212 rounds)"),
        (Verdict("op_mean_ns", "tcp", "uds", 0.5, 0.4, 0.8, 10, True),
         "TCP is 2.00x faster than UDS at the mean (95 % CI 1.25 to 2.50, 10 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.00312, 1.0012, 1.00504, 900, True),
         "UDS is 1.003x faster than TCP at the median (95 % CI 1.001 to 1.005, 900 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1 / 1.001, 1 / 1.0019, 1 / 1.00012, 900, True),
         "TCP is 1.0010x faster than UDS at the median (95 % CI 1.0001 to 1.0019, 900 rounds)"),
        (Verdict("gb_per_s", "tcp", "uds", 1.2, 1.1, 1.3, 50, True),
         "UDS carries 1.20x as much as TCP (95 % CI 1.10 to 1.30, 50 rounds)"),
        (Verdict("op_p50_ns", "uds:2", "uds", 1.01, 0.98, 1.04, 50, False),
         "No difference seen yet between UDS and UDS 2 in median (ratio 1.01, 95 % CI 0.98 to 1.04, 50 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.5, 1.4, 1.6, 9, False),
         "No verdict on UDS and TCP in median before 10 rounds (ratio 1.5, 95 % CI 1.4 to 1.6, 9 rounds)"),
        (Verdict("gb_per_s", "uds:2", "uds", 1.01, 0.98, 1.04, 50, False, 4.3),
         "No difference seen yet between UDS and UDS 2 in throughput (ratio 1.01, 95 % CI 0.98 to 1.04, 50 rounds);"
         " a difference of 4.3 % would probably have been seen"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.5, None, None, 1, False), "No verdict yet (1 round)"),
    ],
)  # fmt: skip
def test_verdicts_as_sentences(verdict: Verdict, sentence: str) -> None:
    assert verdict_sentence(verdict) == sentence


def test_lanes_plans_and_placements_as_text() -> None:
    assert [lane_label(name) for name in ("uds", "tcp", "tcp:2")] == ["UDS", "TCP", "TCP 2"]
    assert plan_sentence(PLAN) == "ping-pong · 128 B · server: process · cores: same · wait: block"
    assert describe_placement(Placement((0,), (1,))) == "split: 0,1"
    assert describe_placement(Placement((0, 1), (0, 1))) == "free"


def test_the_line_tells_the_other_figures_of_the_same_lane_where_they_are_sure() -> None:
    first = Verdict("op_p50_ns", "tcp", "uds", 1.5, 1.4, 1.6, 50, True)
    others = [
        Verdict("op_p99_ns", "tcp", "uds", 1.25, 1.1, 1.4, 50, True),
        Verdict("gb_per_s", "tcp", "uds", 1.1, 0.9, 1.3, 50, False),
    ]
    assert verdict_line([first, *others]).endswith("50 rounds) · p99 1.25x")
    turned = Verdict("op_p50_ns", "tcp", "uds", 0.5, 0.4, 0.6, 50, True)
    assert verdict_line([turned, others[0]]).endswith("50 rounds) · p99 0.80x")
    sends = [Verdict("gb_per_s", "tcp", "uds", 1.5, 1.4, 1.6, 50, True), others[0]]
    assert verdict_line(sends).endswith("50 rounds) · send p99 1.25x")
    more = [
        Verdict("op_p50_ns", "tcp6", "uds", 2.0, 1.9, 2.1, 50, True),
        Verdict("op_p99_ns", "tcp6", "uds", 2.0, 1.9, 2.1, 50, True),
    ]
    more.append(Verdict("op_p50_ns", "pipe", "uds", 0.8, 0.7, 1.1, 50, False))
    told = " · UDS:TCP6 2.00x"
    assert verdict_line([first, *others, *more]).endswith(f"50 rounds){told} · p99 1.25x")
    assert verdict_line(first_of_each([first, *others, *more])).endswith(f"50 rounds){told}")
    assert verdict_line([]) == "One lane only: nothing to compare"
