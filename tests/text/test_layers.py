"""What is said of layers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tests.scripted import make_round
from udstui.experiments.layers import KINDS, Kind, find_layers, plan_of
from udstui.plan import Plan
from udstui.recording.layers_json import LayerRecord, records_of
from udstui.results.segment import Segment
from udstui.text.layers import layers_table, layers_wordings, left_out, whose_code

PLAN = Plan(workload="bulk-send", size_bytes=1000)
MEDIANS = {
    "native": (10_000, 15_000),
    "polled": (9_000, 15_000),
    "python": (12_000, 17_000),
    "http": (110_000, 100_000),
    "rpc": (210_000, 200_000),
}
KNOWN = tuple(kind for kind in KINDS if kind.name in MEDIANS)


def measured(kind: Kind, rounds: int = 12) -> Segment:
    segment = Segment(plan_of(kind, PLAN))
    for number in range(rounds):
        segment.add(make_round(segment.plan, number, MEDIANS[kind.name]))
    return segment


def records(segments: Sequence[Segment], plan: Plan = PLAN) -> list[LayerRecord]:
    return records_of(find_layers(segments, plan))


def test_the_table_has_a_line_a_layer_and_what_it_adds() -> None:
    lines = layers_table(records([measured(kind) for kind in KNOWN]), PLAN)
    assert [line.split()[0] for line in lines] == ["layer", *MEDIANS]
    assert lines[0].endswith("UDS : TCP  adds to UDS  adds to TCP")
    assert "10.0 µs  15.0 µs  1.50x (1." in lines[1] and lines[1].endswith("–            –")
    assert "8.99 µs  15.0 µs  1.67x (1." in lines[2] and lines[2].endswith("−1.01 µs    not known")
    assert "12.0 µs  17.1 µs  1.42x (1." in lines[3] and lines[3].endswith("+2.01 µs     +2.01 µs")


def test_a_table_too_wide_drops_what_layers_add_and_then_puts_the_ratios_behind_the_medians() -> None:
    plan = msgspec.structs.replace(PLAN, transports=("uds", "tcp", "uds-seqpacket", "uds-abstract"))
    segments = []
    for kind in KNOWN[:2]:
        segments.append(Segment(plan_of(kind, plan)))
        for number in range(12):
            segments[-1].add(make_round(segments[-1].plan, number, (10_000, 15_000, 11_000, 10_100)))
    layers = records(segments, plan)
    whole, middle, short = layers_table(layers, plan), layers_table(layers, plan, 160), layers_table(layers, plan, 118)
    assert layers_table(layers, plan, 400) == whole
    assert "adds to TCP" in whole[0] and "adds" not in middle[0]
    assert middle[0].endswith("UDS : UDS abstract")
    assert max(map(len, short)) <= 118
    assert short[0].split() == ["layer", "UDS", "TCP", "UDS", "seqpacket", "UDS", "abstract"]
    assert "15.0 µs 1.50x" in short[1]
    shortest = layers_table(layers, plan, 59)
    assert max(map(len, shortest)) <= 59 and "15.0 µs " in shortest[1] and "x" not in shortest[1]


def test_the_sentence_tells_how_much_of_the_gain_survives() -> None:
    segments = [measured(kind) for kind in KNOWN]
    assert layers_wordings(records(segments))[0] == (
        "UDS is 1.50x faster than TCP in C, 1.67x in C that polls, 1.42x in Python, "
        "1.10x slower under Python's http.server, 1.05x under JSON-RPC on it"
    )
    assert layers_wordings(records(segments[:1])) == []


def test_the_sentence_gets_shorter_and_keeps_its_doubts() -> None:
    few = [measured(kind, 3) for kind in KNOWN if kind.name in ("native", "python")]
    assert layers_wordings(records(few)) == [
        "UDS is 1.49x faster than TCP in C (not sure yet), 1.41x in Python (not sure yet)",
        "UDS is 1.49x faster than TCP in C (?), 1.41x in Python (?) · ?: not sure yet",
        "native 1.49x? · python 1.41x? · ?: not sure yet",
        "native 1.49x? · python 1.41x?",
    ]


def test_of_many_layers_the_first_and_the_reach_of_all_are_told_at_last() -> None:
    segments = [measured(kind) for kind in KNOWN]
    assert layers_wordings(records(segments))[-1] == "native 1.50x; from http 0.91x to polled 1.67x"


def test_the_notes_say_whose_code_is_timed() -> None:
    plan = msgspec.structs.replace(PLAN, runtime="asyncio")
    notes = dict(whose_code(plan, ("native", "polled", "http", "of a later version")))
    assert notes == {
        "native": "ping-pong, both ends in C",
        "polled": "ping-pong, both ends in C, which wait as event loops do",
        "http": "a POST by udstui's client in asyncio, to Python's http.server",
    }


def test_a_layer_that_failed_says_why() -> None:
    why = {"python": "the server ended with status 1", "postgres": "postgres is not installed here"}
    assert left_out(why, records([measured(kind) for kind in KNOWN])) == [
        "Ended early: python, because the server ended with status 1",
        "Left out: postgres, because postgres is not installed here",
    ]
