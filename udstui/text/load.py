"""Load as text: what each lane did at every rate, how much it holds, and the answer in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from udstui.experiments.load import TO_KNOW, Limit, enough_interval_ns
from udstui.experiments.schedule import FEWEST_PASSES
from udstui.recording.load_json import HeldRecord, LoadRecord, RateRecord
from udstui.results.lane_figures import LaneFigures
from udstui.stats.held import Held
from udstui.text.caveats import caveats_at
from udstui.text.columns import columns
from udstui.text.command_line import command_line
from udstui.text.part import Part, cores_of, in_terminal
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_rate

_NOTE = "Times are since operations were due; where a rate is not held, they grow."
_HALF = 0.5
_NEEDLESS = frozenset({"not-held", "unanswered"})
"""Caveats of a rate that the table tells of."""


def part_of(load: LoadRecord) -> Part:
    """The table has a line for each lane at each rate: the percentiles since operations were due, and what it held.

    So it is narrow however many lanes there are.
    """
    plan = load.closed_plan
    ladder = ",".join(f"{rate}/s" for rate in load.planned_rates_per_s)
    how_often = ("--rates", ladder, "--passes", str(load.passes), "--rounds", str(load.rounds))
    found = (
        (describe_rate(rate.rate_per_s), [caveat for caveat in rate.caveats if caveat.code not in _NEEDLESS])
        for rate in load.rates
    )
    return Part(
        heading=f"Load: {plan.workload} at rising rates",
        answers=[load_answer(load)],
        settings=plan_sentence(plan, *cores_of(load.rates[0].lanes if load.rates else ())),
        command=command_line(plan, "load", *how_often, without=("rate_per_s",)),
        table=[["rate", "lane", "p50", "p99", "p99.9", "holds"], *_rows(load)],
        text_columns=2,
        caveats=caveats_at(found, _at_places),
        notes=[_NOTE, *_longer(load, plan.interval_ns), *_closed(load.lanes)],
    )


def _rows(load: LoadRecord) -> Iterator[list[str]]:
    """The rate stands beside its first lane alone."""
    labels = list(map(lane_label, load.closed_plan.lane_names()))
    for rate in load.rates:
        told = describe_rate(rate.rate_per_s)
        for label, lane in zip(labels, rate.lanes, strict=True):
            yield [told, label, *lane_cells(lane)]
            told = ""


def _longer(load: LoadRecord, interval_ns: int) -> list[str]:
    """Nothing where no interval was longer than it was asked to be."""
    lowest = min((rate.rate_per_s for rate in load.rates), default=0)
    longest_ns = enough_interval_ns(lowest, load.rounds, load.limit) if lowest > 0 < load.rounds else 0
    told = f"Intervals of low rates are longer, up to {describe_duration(longest_ns)}, to hold enough."
    return [told] if longest_ns > interval_ns else []


def _closed(lanes: Sequence[HeldRecord]) -> list[str]:
    """What a closed loop carried; nothing where the rates were given."""
    rates = [
        f"{lane_label(lane.transport)} {describe_rate(lane.closed_loop_per_s)}"
        for lane in lanes
        if lane.closed_loop_per_s
    ]
    return [f"A closed loop carries: {', '.join(rates)}"] if rates else []


def load_summary(load: LoadRecord) -> list[str]:
    """The table in few columns: the p99 of every lane, and what it held where that was less."""
    rows = [["rate", *(f"{lane_label(name)} p99" for name in load.closed_plan.lane_names())]]
    for rate in load.rates:
        cells = map(lane_cells, rate.lanes)
        rows.append([describe_rate(rate.rate_per_s), *(f"holds {held}" if held else p99 for _, p99, _, held in cells)])
    return columns(rows, ">")


def lane_cells(lane: LaneFigures) -> list[str]:
    """What a lane did at a rate: p50, p99, p99.9, and what it held where that was less."""
    figures = [describe_duration(figure) for figure in (lane.op_p50_ns, lane.op_p99_ns, lane.op_p99_9_ns)]
    at = lane.open_loop
    return [*figures, "" if at is None or at.is_held else describe_rate(at.answered_per_s)]


class Percentile(NamedTuple):
    """Of each lane, of all passes together and of every pass; None where these are not known."""

    lanes_ns: Sequence[float | None]
    by_pass: Sequence[Sequence[float]] | None

    @property
    def passes(self) -> int:
        """In how many it is known of every lane; as many as it takes where that is not told."""
        return FEWEST_PASSES if self.by_pass is None else min(map(len, self.by_pass))


def load_answer(load: LoadRecord) -> str:
    """`at 50 k/s UDS answers within 31 µs in 99 of 100 cases, TCP within 58 µs; UDS holds 118 k/s, TCP 84 k/s`.

    Behind each figure, how far the passes lie apart.
    """
    if not load.rates:
        return "Too little of the ladder is known to tell what a lane holds"
    names = load.closed_plan.lane_names()
    held = [lane.held_at_limit if load.limit else lane.held for lane in load.lanes]
    at = _rate_to_tell(load)
    said = (
        _within(at, names, is_complete=load.is_complete) if at else "",
        holding(names, held, load.limit, load.passes),
    )
    told = f"{'; '.join(filter(None, said))}{'' if load.is_complete else ' (partial)'}"
    return f"{told[:1].upper()}{told[1:]}"


def _rate_to_tell(load: LoadRecord) -> RateRecord | None:
    """The highest rate up to half of what every lane carries."""
    carried = [lane.held.per_s for lane in load.lanes if lane.held]
    if len(carried) < len(load.lanes):
        return None
    fitting = [at for at in load.rates if at.rate_per_s <= _HALF * min(carried)]
    return fitting[-1] if fitting else load.rates[0]


def _within(at: RateRecord, names: Sequence[str], *, is_complete: bool) -> str:
    """What is still to be measured is the remedy of what is not complete."""
    p99 = Percentile([lane.op_p99_ns for lane in at.lanes], at.p99_by_pass)
    p50 = Percentile([lane.op_p50_ns for lane in at.lanes], at.p50_by_pass)
    rate, told, cases = describe_rate(at.rate_per_s), p99, " in 99 of 100 cases"
    if told.passes < FEWEST_PASSES:
        if p50.passes < FEWEST_PASSES:
            if not is_complete:
                return "too early to tell how fast answers are"
            what = f"{told.passes} of {FEWEST_PASSES} passes hold the {TO_KNOW['p99']:,} operations that p99 takes"
            return f"too early to tell how fast answers are at {rate}: {what} (more --rounds, --passes)"
        rate, told, cases = f"{rate}, too few for p99 (more --rounds),", p50, " in half of the cases"
    spreads = [""] * len(names) if told.by_pass is None else map(_spread, told.by_pass)
    first, *others = (
        f"{lane_label(name)}{{}} within {describe_duration(figure_ns)}{{}}{spread}"
        for name, figure_ns, spread in zip(names, told.lanes_ns, spreads, strict=True)
    )
    lanes = [first.format(" answers", cases), *(other.format("", "") for other in others)]
    return f"at {rate} {', '.join(lanes)}"


def _spread(by_pass_ns: Sequence[float]) -> str:
    """How far the passes lie apart."""
    low, high = describe_duration(min(by_pass_ns)), describe_duration(max(by_pass_ns))
    return f" ({low} to {high} in {len(by_pass_ns)} passes)"


def holding(names: Sequence[str], held: Sequence[Held | None], limit: Limit | None, passes: int) -> str:
    """`UDS holds 118 k/s, TCP 84 k/s with p99 up to 100 µs`; nothing where nothing is known."""
    if not any(held):
        if not limit:
            return ""
        takes = f"to know {limit.figure} takes {TO_KNOW[limit.figure]:,} operations in a pass"
        return f"no lane is seen to keep {limit_words(limit)} at any of these rates; {takes} (more --rounds)"
    parts: list[str] = []
    for name, one in zip(names, held, strict=True):
        verb = " holds" if not parts else ""
        parts.append(f"{lane_label(name)}{verb} {held_words(one, passes if limit else 0)}")
    return f"{', '.join(parts)}{f' with {limit_words(limit)}' if limit else ''}"


def held_words(held: Held | None, passes: int = 0) -> str:
    """`118 k/s (115 k/s to 120 k/s in 3 passes)`; `of 4` where it held none of the rates in one of those."""
    if held is None:
        return "none of these rates"
    at_least = "at least " if held.is_at_least else ""
    of = f"{held.passes} of {passes}" if held.passes < passes else f"{held.passes}"
    spread = f" (in {of} passes)" if held.passes < passes else ""
    if held.passes > 1:
        spread = f" ({describe_rate(held.low_per_s)} to {describe_rate(held.high_per_s)} in {of} passes)"
    return f"{at_least}{describe_rate(held.per_s)}{spread}"


def limit_words(limit: Limit | None) -> str:
    return f"{limit.figure} up to {describe_duration(limit.most_ns)}" if limit else ""


def _at_places(places: Sequence[str]) -> str:
    first, *others = places
    if not others:
        return first
    return f"{first} and {len(others)} other {'rates' if len(others) > 1 else 'rate'}"


def report(load: LoadRecord) -> str:
    return in_terminal(part_of(load), align="><>")
