"""The anatomy of a round trip as text: bars side by side, and the differences named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from udstui.experiments.anatomy import STEPS, Anatomy, LaneAnatomy
from udstui.stats.caveats import Caveat
from udstui.stats.estimate import Estimate, minus
from udstui.text.columns import columns
from udstui.text.segment import caveat_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_size

BAR_WIDTH = 48
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_PART_NAMES = {
    "clock": "clock and loop",
    "empty": "empty calls (Python)",
    "transport": "transport itself",
    "switching": "switching",
    "waking": "waking the other core",
}
_OF_NO_TRANSPORT = ("clock", "empty")
_WORDS = {"empty": "are empty calls in Python", "transport": "the transport itself"}
_COSTS = {"empty": "empty call", "transport": "transport", "switching": "switching", "waking": "waking"}


def parts(lane: LaneAnatomy) -> list[tuple[str, Estimate]]:
    """What a blocking round trip over two cores is made of, as far as it was measured."""
    found = [
        ("clock", lane.clock),
        ("empty", lane.empty_calls),
        ("transport", lane.transport_itself),
        ("switching", lane.switching),
        ("waking", lane.waking),
    ]
    return [(name, value) for name, value in found if value is not None]


def anatomy_rows(lanes: Sequence[LaneAnatomy], bar_width: int = BAR_WIDTH) -> list[tuple[str, str, str]]:
    """For each lane and part: the name, the figure, and a bar that starts where the part before ended.

    One scale for all lanes. Spinning stands below with a bar from zero: it is another way, not a further part. What is
    not known, or less than nothing, has no bar.
    """
    longest = max((_longest(lane) for lane in lanes), default=0.0)
    rows: list[tuple[str, str, str]] = []
    for lane in lanes:
        rows.append((lane_label(lane.transport), "", ""))
        at = 0.0
        for name, value in parts(lane):
            bar = _bar(at, at + value.ns, longest, bar_width) if value.is_known and value.ns > 0 else ""
            rows.append((f"  {_PART_NAMES[name]}", _figure(value), bar))
            at += value.ns
        whole = lane.split or lane.same
        if whole:
            where = STEPS["split" if lane.split else "same"]
            rows.append((f"  = {where}", describe_duration(whole.ns), _bar(0, whole.ns, longest, bar_width)))
        if lane.spin:
            spin = lane.spin.ns
            rows.append((f"  {STEPS['spin']}", describe_duration(spin), _bar(0, spin, longest, bar_width)))
    return rows


def _figure(value: Estimate) -> str:
    if not value.is_known:
        return "not known"
    return describe_duration(value.ns) if value.ns > 0 else "none seen"


def anatomy_sentence(lane: LaneAnatomy) -> str:
    """`UDS: of 52.1 µs, 900 ns are empty calls in Python, 3.30 µs the transport itself, 7.30 µs switching, …`."""
    label = lane_label(lane.transport)
    whole = lane.split or lane.same
    if not whole or lane.transport_itself is None:
        return f"{label}: not measured yet"
    words = [_part_words(name, value) for name, value in parts(lane) if name != "clock"]
    spin = f"; spinning on two cores it takes {describe_duration(lane.spin.ns)}" if lane.spin else ""
    return f"{label}: of {describe_duration(whole.ns)}, {', '.join(words)}{spin}"


def _part_words(name: str, value: Estimate) -> str:
    if not value.is_known:
        return f"{_PART_NAMES[name]} not known {_interval(value)}"
    if value.ns <= 0:
        return f"no {_COSTS[name]} cost seen"
    return f"{describe_duration(value.ns)} {_WORDS.get(name) or _PART_NAMES[name]}"


def difference_sentences(lanes: Sequence[LaneAnatomy]) -> list[str]:
    """`TCP takes 15.7 µs longer than UDS: 4.79 µs in the transport itself, −1.32 µs switching, 12.3 µs waking …`.

    For each lane after the first, once both went through the same steps, switching included; so they add up.
    """
    sentences = []
    for lane in lanes[1:]:
        first, ours = dict(parts(lanes[0])), dict(parts(lane))
        whole = minus(lane.split or lane.same, lanes[0].split or lanes[0].same)
        if list(first) != list(ours) or "switching" not in first or whole is None:
            continue
        labels = lane_label(lane.transport), lane_label(lanes[0].transport)
        if not whole.is_known:
            sentences.append(f"Whether {labels[0]} takes longer than {labels[1]} is not known {_interval(whole)}")
            continue
        steps = {name: minus(ours[name], first[name]) for name in first if name not in _OF_NO_TRANSPORT}
        if whole.ns < 0:
            labels = labels[::-1]
            whole, steps = whole.negated, {name: step and step.negated for name, step in steps.items()}
        words = [_difference_words(name, step) for name, step in steps.items() if step]
        sentences.append(f"{labels[0]} takes {describe_duration(whole.ns)} longer than {labels[1]}: {', '.join(words)}")
    return sentences


def _difference_words(name: str, step: Estimate) -> str:
    if not step.is_known:
        return f"{_PART_NAMES[name]} not known {_interval(step)}"
    return f"{_signed(step.ns)} {'in the ' if name == 'transport' else ''}{_PART_NAMES[name]}"


def _interval(value: Estimate) -> str:
    return f"({_signed(value.ci_low_ns)} to {_signed(value.ci_high_ns)})"


def _signed(nanoseconds: float | None) -> str:
    return describe_duration(nanoseconds).replace("-", "−")


def left_out_lines(left_out: dict[str, str]) -> list[str]:
    return [f"Left out: {STEPS[step]}, because {why}" for step, why in left_out.items()]


def caveat_lines(caveats: Mapping[str, Sequence[Caveat]]) -> list[str]:
    """Each once, with the steps that it applies to; its message is that of the first of them."""
    found: dict[str, tuple[Caveat, list[str]]] = {}
    for step, of_step in caveats.items():
        for caveat in of_step:
            found.setdefault(caveat.code, (caveat, []))[1].append(STEPS[step])
    return [f"Caveat at {'; '.join(steps)}: {caveat_sentence(caveat)}" for caveat, steps in found.values()]


def sentences(anatomy: Anatomy) -> list[str]:
    """What stands below the bars."""
    lanes = anatomy.lanes()
    return [
        *map(anatomy_sentence, lanes),
        *difference_sentences(lanes),
        *left_out_lines(anatomy.left_out),
        *caveat_lines(anatomy.caveats()),
    ]


def anatomy_answer(anatomy: Anatomy) -> str:
    return anatomy_sentence(anatomy.lanes()[0])


def anatomy_report(anatomy: Anatomy) -> str:
    heading = f"One round trip of {describe_size(anatomy.plan.size_bytes)}, median, step by step"
    return "\n".join([heading, "", *columns(anatomy_rows(anatomy.lanes()), "<><"), "", *sentences(anatomy)])


def _longest(lane: LaneAnatomy) -> float:
    steps = (lane.clock, lane.calls, lane.same, lane.split, lane.spin)
    return max((step.ns for step in steps if step), default=0.0)


def _bar(start: float, end: float, longest: float, width: int) -> str:
    """From start to end on a scale up to `longest`, to an eighth of a character at its end; at least a sliver."""
    if longest <= 0:
        return ""
    first = max(0, min(width - 1, int(width * start / longest)))
    eighths = max(1, round(8 * width * (end / longest)) - 8 * first)
    whole, rest = divmod(min(eighths, 8 * (width - first)), 8)
    return (" " * first + "█" * whole + (_EIGHTHS[rest] if rest else "")).rstrip()
