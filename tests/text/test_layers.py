"""What is said of layers."""

from __future__ import annotations

import msgspec

from tests.scripted import make_round
from udstui.experiments.layers import find_layers, layer_plans
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.text.layers import layers_sentence, layers_table

PLAN = Plan(workload="bulk-send", size_bytes=1000)
MEDIANS = {"ping-pong": (10_000, 15_000), "http": (100_000, 110_000), "rpc": (200_000, 210_000)}


def measured(plan: Plan, rounds: int = 12) -> Segment:
    segment = Segment(plan)
    for number in range(rounds):
        segment.add(make_round(plan, number, MEDIANS[plan.workload]))
    return segment


def test_the_table_has_a_line_a_layer_and_a_dash_for_what_is_not_known() -> None:
    lines = layers_table(find_layers([measured(plan) for plan in layer_plans(PLAN)[:2]], PLAN), PLAN)
    assert [line.split()[0] for line in lines] == ["layer", "ping-pong", "http", "rpc"]
    assert len({len(line) for line in lines}) == 1
    assert "10.0 µs  15.0 µs  1.50x (1." in lines[1]
    assert lines[3].split() == ["rpc", "–", "–", "–"]


def test_a_table_too_wide_puts_the_ratios_behind_the_medians() -> None:
    plan = msgspec.structs.replace(PLAN, transports=("uds", "tcp", "uds-seqpacket", "uds-abstract"))
    medians = (10_000, 15_000, 11_000, 10_100)
    segments = []
    for one in layer_plans(plan)[:2]:
        segments.append(Segment(one))
        for number in range(12):
            segments[-1].add(make_round(one, number, medians))
    lines = layers_table(find_layers(segments, plan), plan, 118)
    assert {len(line) for line in lines} == {len(lines[0])} and len(lines[0]) <= 118
    assert lines[0].split() == ["layer", "UDS", "TCP", "UDS", "seqpacket", "UDS", "abstract"]
    assert "15.0 µs 1.50x" in lines[1]
    assert layers_table(find_layers(segments, plan), plan, 400) == layers_table(find_layers(segments, plan), plan)


def test_the_sentence_tells_how_much_of_the_gain_survives() -> None:
    segments = [measured(plan) for plan in layer_plans(PLAN)]
    assert layers_sentence(find_layers(segments, PLAN)) == (
        "UDS against TCP: 1.50x raw, 1.10x under http, 1.05x under rpc"
    )
    assert layers_sentence(find_layers(segments[:1], PLAN)) == ""
    few = [measured(plan, 3) for plan in layer_plans(PLAN)]
    assert "(not sure yet)" in layers_sentence(find_layers(few, PLAN))
