"""The anatomy of a round trip as text: bars side by side, and the differences named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from udstui.experiments.anatomy import STEPS, LaneAnatomy
from udstui.plan import Plan
from udstui.recording.anatomy_json import AnatomyRecord
from udstui.stats.estimate import Estimate, StepTime, minus
from udstui.text.caveats import caveats_at
from udstui.text.columns import columns
from udstui.text.command_line import command_line
from udstui.text.part import Part
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_size

BAR_WIDTH = 48
_EIGHTHS = " ▏▎▍▌▋▊▉█"
OFF = "▶"
OFF_SCALE = f"{OFF} off the scale"
"""Said where a bar ends in that sign."""
_FAR = 4.0
_MOST_FAR = 1 / 3
"""At most so many of the bars, and so many times as long as all others, are cut: they would squeeze these."""
_BEYOND_OTHERS = 1.1


class RoundTripPart(NamedTuple):
    """One of the parts that a blocking round trip over two cores is made of."""

    field: str
    """Of LaneAnatomy: what the part takes."""
    name: str
    in_sentence: str = ""
    """Behind its figure, where that is not the name."""
    cost: str = ""
    """What is not seen where it takes nothing."""
    is_of_transport: bool = True
    """Whether it differs from one transport to another."""

    def words(self, value: Estimate) -> str:
        if not value.is_known:
            return f"{self.name} not known {_interval(value)}"
        if value.ns <= 0:
            return f"no {self.cost} cost seen"
        return f"{describe_duration(value.ns)} {self.in_sentence or self.name}"

    def difference(self, value: Estimate) -> str:
        if not value.is_known:
            return f"{self.name} not known {_interval(value)}"
        return f"{_signed(value.ns)} {'in the ' if self.field == 'transport_itself' else ''}{self.name}"


_CLOCK = RoundTripPart("clock", "clock and loop", is_of_transport=False)
_SWITCHING = RoundTripPart("switching", "switching", cost="switching")
_IN_PYTHON = {"calls": "for the socket calls alone", "same": "on one core", "split": "on two", "spin": "spinning"}
"""The steps at which it is told what Python adds."""
PARTS = (
    _CLOCK,
    RoundTripPart("empty_calls", "empty calls", "are calls that do nothing", "empty call", is_of_transport=False),
    RoundTripPart("transport_itself", "transport itself", "the transport itself", "transport"),
    _SWITCHING,
    RoundTripPart("waking", "waking the other core", cost="waking"),
)


def parts(lane: LaneAnatomy) -> dict[RoundTripPart, Estimate]:
    """The parts that were measured, in the order in which they add up."""
    found = {part: getattr(lane, part.field) for part in PARTS}
    return {part: value for part, value in found.items() if value is not None}


class Step(NamedTuple):
    """A row of a lane: a part, a whole round trip, or what is added to it."""

    key: tuple[str, str]
    """Of what it is a part, and its name: what the same step of another lane is found by."""
    value: Estimate
    start_ns: float = 0.0
    """Where its bar begins."""
    is_of_transport: bool = True
    """Whether it differs from one transport to another."""

    @property
    def name(self) -> str:
        return self.key[1]

    @property
    def figure(self) -> str:
        if not self.value.is_known:
            return "not known"
        return describe_duration(self.value.ns) if self.value.ns > 0 else "none seen"

    @property
    def end_ns(self) -> float:
        """Of its bar; 0 where it has none, for what is not known, or less than nothing."""
        return self.start_ns + self.value.ns if self.value.is_known and self.value.ns > 0 else 0.0

    def bar(self, scale_ns: float, width: int) -> str:
        return _bar(self.start_ns, self.end_ns, scale_ns, width) if self.end_ns else ""

    def differs_by(self, first: Step | None) -> str:
        """`+8.29 µs`: how much longer it takes than the same step of the first lane."""
        value = minus(self.value, first.value) if first and self.is_of_transport else None
        if value is None:
            return "–"
        return f"{'+' if value.ns > 0 else ''}{_signed(value.ns)}" if value.is_known else "not known"


def steps_of(lane: LaneAnatomy) -> list[Step]:
    """The parts, each beginning where the part before ended, and the round trips that they add up to.

    What Python adds follows each. Spinning, and what a connection takes once, stand below from zero: these are no
    further parts.
    """
    found, at = [], 0.0
    for part, value in parts(lane).items():
        found.append(Step(("", part.name), value, at, part.is_of_transport))
        at += value.ns
        if part is _SWITCHING:
            found += _whole(lane, "same")
    for step in ("split", "spin"):
        found += _whole(lane, step)
    at = 0.0
    for name, once in _once(lane).items():
        found.append(Step(("once", f"{name}, once"), once, at))
        at += once.ns
    return found


def _whole(lane: LaneAnatomy, step: str) -> list[Step]:
    """What a whole round trip takes that way, and what Python adds to it."""
    whole: StepTime | None = getattr(lane, step)
    if not whole:
        return []
    sign = "" if step == "spin" else "= "
    found = [Step((step, f"{sign}{STEPS[step]}"), whole)]
    if added := lane.python_adds.get(step):
        found.append(Step((step, "+ in Python"), added, whole.ns))
    return found


def _once(lane: LaneAnatomy) -> dict[str, StepTime]:
    """What a connection takes besides its round trips."""
    found = {"connecting": lane.connect, "closing": lane.close}
    return {name: value for name, value in found.items() if value}


def side_by_side(lanes: Sequence[LaneAnatomy]) -> list[list[Step | None]]:
    """Every step in all lanes; None in a lane that has no such step."""
    found = [{step.key: step for step in steps_of(lane)} for lane in lanes]
    return [[lane.get(key) for lane in found] for key in dict.fromkeys(key for lane in found for key in lane)]


def scale_of(rows: Iterable[Sequence[Step | None]]) -> tuple[float, bool]:
    """Where the scale of their bars ends, in ns, and whether some go on beyond it."""
    ends = sorted(step.end_ns for row in rows for step in row if step and step.end_ns)
    for others, (longest, longer) in enumerate(pairwise(ends), start=1):
        if longer > _FAR * longest and len(ends) - others < _MOST_FAR * len(ends):
            return longest * _BEYOND_OTHERS, True
    return max(ends, default=0.0), False


def anatomy_rows(lanes: Sequence[LaneAnatomy], bar_width: int = BAR_WIDTH) -> list[tuple[str, str, str]]:
    """For each lane and step: the name, the figure, and a bar; one scale for all lanes."""
    every = [steps_of(lane) for lane in lanes]
    scale_ns, _ = scale_of(every)
    rows: list[tuple[str, str, str]] = []
    for lane, steps in zip(lanes, every, strict=True):
        rows.append((lane_label(lane.transport), "", ""))
        rows += [(f"  {step.name}", step.figure, step.bar(scale_ns, bar_width)) for step in steps]
    return rows


def anatomy_sentence(lane: LaneAnatomy) -> str:
    """`UDS: of 52.1 µs, 900 ns are empty calls in Python, 3.30 µs the transport itself, 7.30 µs switching, …`."""
    label = lane_label(lane.transport)
    whole = lane.split or lane.same
    if not whole or lane.transport_itself is None:
        return f"{label}: not measured yet"
    words = [part.words(value) for part, value in parts(lane).items() if part is not _CLOCK]
    spin = f"; spinning on two cores it takes {describe_duration(lane.spin.ns)}" if lane.spin else ""
    return f"{label}: of {describe_duration(whole.ns)}, {', '.join(words)}{spin}"


def once_sentence(lane: LaneAnatomy) -> str:
    """`UDS, once for each connection: 8.20 µs connecting, 3.10 µs closing`."""
    words = [f"{describe_duration(value.ns)} {name}" for name, value in _once(lane).items()]
    return f"{lane_label(lane.transport)}, once for each connection: {', '.join(words)}" if words else ""


def python_sentence(lane: LaneAnatomy) -> str:
    """`UDS in Python: 1.10 µs more for the socket calls alone, 1.62 µs on one core, 4.10 µs on two cores, …`."""
    known = {step: value for step, value in lane.python_adds.items() if step in _IN_PYTHON}
    if not known:
        return ""
    words = [f"{_more(value)} {_IN_PYTHON[step]}" for step, value in known.items()]
    return f"{lane_label(lane.transport)} in Python: {', '.join(words)}"


def _more(value: Estimate) -> str:
    if not value.is_known:
        return f"not known {_interval(value)}"
    return f"{describe_duration(abs(value.ns))} {'more' if value.ns > 0 else 'less'}"


def difference_sentences(lanes: Sequence[LaneAnatomy]) -> list[str]:
    """`TCP takes 15.7 µs longer than UDS: 4.79 µs in the transport itself, −1.32 µs switching, 12.3 µs waking …`.

    For each lane after the first, once both went through the same steps, switching included; so they add up.
    """
    found = [_difference_sentence(lanes[0], lane) for lane in lanes[1:]]
    return [sentence for sentence in found if sentence]


def _difference_sentence(first: LaneAnatomy, lane: LaneAnatomy) -> str:
    less, more = parts(first), parts(lane)
    whole = minus(lane.split or lane.same, first.split or first.same)
    if list(less) != list(more) or _SWITCHING not in less or whole is None:
        return ""
    labels = lane_label(lane.transport), lane_label(first.transport)
    if not whole.is_known:
        where = "two cores" if lane.split and first.split else "one core"
        return f"Whether {labels[0]} takes longer than {labels[1]} on {where} is not known {_interval(whole)}"
    steps = {part: minus(more[part], less[part]) for part in less if part.is_of_transport}
    if whole.ns < 0:
        labels = labels[::-1]
        whole, steps = whole.negated, {part: step and step.negated for part, step in steps.items()}
    words = [part.difference(step) for part, step in steps.items() if step]
    return f"{labels[0]} takes {describe_duration(whole.ns)} longer than {labels[1]}: {', '.join(words)}"


def _interval(value: Estimate) -> str:
    return f"({_signed(value.ci_low_ns)} to {_signed(value.ci_high_ns)})"


def _signed(nanoseconds: float | None) -> str:
    return describe_duration(nanoseconds).replace("-", "−")


def part_of(anatomy: AnatomyRecord) -> Part:
    """The table has a row a step, a column a lane."""
    lanes, plan = anatomy.lanes, anatomy.plan
    rows = side_by_side(lanes)
    names = [next(step.name for step in row if step) for row in rows]
    measured = replace(Plan(), transports=plan.transports, size_bytes=plan.size_bytes)
    caveats = ((STEPS.get(step, step), found) for step, found in anatomy.caveats.items())
    return Part(
        heading=f"Anatomy of one round trip of {describe_size(plan.size_bytes)}",
        answers=[
            *difference_sentences(lanes),
            *map(anatomy_sentence, lanes),
            *filter(None, map(python_sentence, lanes)),
            *filter(None, map(once_sentence, lanes)),
        ],
        settings=plan_sentence(plan, without=("cores", "wait", "runtime")),
        command=command_line(measured, "anatomy"),
        table=[
            ["step", *(lane_label(lane.transport) for lane in lanes)],
            *([name, *(step.figure if step else "–" for step in row)] for name, row in zip(names, rows, strict=True)),
        ],
        caveats=caveats_at(caveats, "; ".join),
        notes=[
            "Medians of steps that hold one thing more each, subtracted; what is not told from nothing is not known.",
            *_left_out(anatomy),
        ],
    )


def sentences(anatomy: AnatomyRecord) -> list[str]:
    """What stands below the bars."""
    part = part_of(anatomy)
    return [*part.answers, *_left_out(anatomy), *part.caveats]


def _left_out(anatomy: AnatomyRecord) -> list[str]:
    return [f"Left out: {STEPS.get(step, step)}, because {why}" for step, why in anatomy.left_out.items()]


def report(anatomy: AnatomyRecord) -> str:
    rows = anatomy_rows(anatomy.lanes)
    heading = f"One round trip of {describe_size(anatomy.plan.size_bytes)}, median, step by step"
    heading += f" ({OFF_SCALE})" * any(bar.endswith(OFF) for *_, bar in rows)
    return "\n".join([heading, "", *columns(rows, "<><"), "", *sentences(anatomy)])


def _bar(start: float, end: float, scale: float, width: int) -> str:
    """From start to end on a scale that ends there, to an eighth of a character at its end; at least a sliver."""
    first = max(0, min(width - 1, int(width * start / scale)))
    if end > scale:
        return f"{' ' * first}{'█' * (width - 1 - first)}{OFF}"
    eighths = max(1, round(8 * width * (end / scale)) - 8 * first)
    whole, rest = divmod(min(eighths, 8 * (width - first)), 8)
    return (" " * first + "█" * whole + (_EIGHTHS[rest] if rest else "")).rstrip()
