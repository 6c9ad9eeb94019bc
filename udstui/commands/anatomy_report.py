"""The anatomy of a round trip as text: bars side by side, and the differences named."""

from __future__ import annotations

import math
from collections.abc import Sequence

from udstui.recording.anatomy import LaneAnatomy
from udstui.transports import lane_label
from udstui.units import describe_duration

BAR_WIDTH = 48
_STEP_NAMES = {"split": "two cores, block", "spin": "two cores, spin"}
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_PART_NAMES = {
    "clock": "clock and loop",
    "calls": "socket calls",
    "switching": "switching",
    "waking": "waking the other core",
}
_STEP_WORDS = {"calls": "in the socket calls", "switching": "switching", "waking": "waking the other core"}


def parts(lane: LaneAnatomy) -> list[tuple[str, float]]:
    """What a blocking round trip over two cores is made of, as far as it was measured: names and ns."""
    found = [
        ("clock", lane.clock.middle if lane.clock else None),
        ("calls", lane.calls_ns),
        ("switching", lane.switching_ns),
        ("waking", lane.waking_ns),
    ]
    return [(name, value) for name, value in found if value is not None]


def anatomy_rows(lanes: Sequence[LaneAnatomy], bar_width: int = BAR_WIDTH) -> list[tuple[str, str, str]]:
    """For each lane and part: the name, the figure, and a bar that starts where the part before ended.

    One scale for all lanes. Spinning stands below with a bar from zero: it is another way, not a further part.
    """
    longest = max((_longest(lane) for lane in lanes), default=0.0)
    rows: list[tuple[str, str, str]] = []
    for lane in lanes:
        rows.append((lane_label(lane.transport), "", ""))
        at = 0.0
        for name, value in parts(lane):
            rows.append((f"  {_PART_NAMES[name]}", describe_duration(value), _bar(at, at + value, longest, bar_width)))
            at += value
        whole = lane.split or lane.same
        if whole:
            where = "two cores, block" if lane.split else "one core, block"
            rows.append((f"  = {where}", describe_duration(whole.middle), _bar(0, whole.middle, longest, bar_width)))
        if lane.spin:
            spin = lane.spin.middle
            rows.append(("  two cores, spin", describe_duration(spin), _bar(0, spin, longest, bar_width)))
    return rows


def anatomy_sentence(lane: LaneAnatomy) -> str:
    """`UDS: of 52.1 µs, 4.20 µs are the socket calls, 7.30 µs switching, 40.6 µs waking the other core`."""
    label = lane_label(lane.transport)
    whole = lane.split or lane.same
    if not whole or lane.calls_ns is None:
        return f"{label}: not measured yet"
    words = [f"{describe_duration(lane.calls_ns)} are the socket calls"]
    if lane.switching_ns is not None:
        words.append(f"{describe_duration(lane.switching_ns)} switching")
    if lane.waking_ns is not None:
        words.append(f"{describe_duration(lane.waking_ns)} waking the other core")
    spin = f"; spinning on two cores it takes {describe_duration(lane.spin.middle)}" if lane.spin else ""
    return f"{label}: of {describe_duration(whole.middle)}, {', '.join(words)}{spin}"


def difference_sentences(lanes: Sequence[LaneAnatomy]) -> list[str]:
    """`TCP takes 15.7 µs longer than UDS: 4.79 µs in the socket calls, −1.32 µs switching, 12.3 µs waking …`.

    For each lane after the first, once both went through the same steps, switching included; so they add up.
    """
    sentences = []
    for lane in lanes[1:]:
        first, ours = parts(lanes[0]), parts(lane)
        if [name for name, _ in first] != [name for name, _ in ours] or "switching" not in dict(first):
            continue
        steps = [(name, more - less) for (name, less), (_, more) in zip(first, ours, strict=True) if name != "clock"]
        whole = math.fsum(step for _, step in steps)
        longer, shorter = (lane, lanes[0]) if whole >= 0 else (lanes[0], lane)
        sign = 1 if whole >= 0 else -1
        words = [f"{_signed(sign * step)} {_STEP_WORDS[name]}" for name, step in steps]
        sentences.append(
            f"{lane_label(longer.transport)} takes {describe_duration(abs(whole))} longer than "
            f"{lane_label(shorter.transport)}: {', '.join(words)}"
        )
    return sentences


def _signed(nanoseconds: float) -> str:
    return describe_duration(nanoseconds).replace("-", "−")


def left_out_lines(left_out: dict[str, str]) -> list[str]:
    return [f"Left out: {_STEP_NAMES.get(step, step)}, because {why}" for step, why in left_out.items()]


def sentences(lanes: Sequence[LaneAnatomy], left_out: dict[str, str]) -> list[str]:
    """What stands below the bars."""
    return [*map(anatomy_sentence, lanes), *difference_sentences(lanes), *left_out_lines(left_out)]


def anatomy_report(lanes: Sequence[LaneAnatomy], left_out: dict[str, str], bar_width: int = BAR_WIDTH) -> str:
    rows = anatomy_rows(lanes, bar_width)
    first = max(len(name) for name, _, _ in rows)
    second = max(len(figure) for _, figure, _ in rows)
    lines = [f"{name.ljust(first)}  {figure.rjust(second)}  {bar}".rstrip() for name, figure, bar in rows]
    return "\n".join([*lines, "", *sentences(lanes, left_out)])


def _longest(lane: LaneAnatomy) -> float:
    steps = (lane.clock, lane.calls, lane.same, lane.split, lane.spin)
    return max((step.middle for step in steps if step), default=0.0)


def _bar(start: float, end: float, longest: float, width: int) -> str:
    """From start to end on a scale up to `longest`, to an eighth of a character at its end; at least a sliver."""
    if longest <= 0:
        return ""
    first = max(0, min(width - 1, int(width * min(start, end) / longest)))
    eighths = max(1, round(8 * width * (max(start, end) / longest)) - 8 * first)
    whole, rest = divmod(min(eighths, 8 * (width - first)), 8)
    return (" " * first + "█" * whole + (_EIGHTHS[rest] if rest else "")).rstrip()
