"""Load as text: what each lane did at every rate, how much it holds, and the answer in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from udstui.experiments.load import TO_KNOW, Limit, Load
from udstui.experiments.schedule import FEWEST_PASSES
from udstui.results.lane_figures import LaneFigures, lane_figures
from udstui.stats.held import Held
from udstui.text.caveats import caveats_at
from udstui.text.columns import columns
from udstui.text.experiments import Words
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_rate

_HALF = 0.5
_NEEDLESS = frozenset({"not-held", "unanswered"})
"""Caveats of a rate that the table tells of."""


def load_table(load: Load) -> list[str]:
    """A line a rate: the percentiles of every lane since operations were due, and what it held where that was less."""
    names = load.plan.lane_names()
    header = ["rate"]
    for name in names:
        header += [f"{lane_label(name)} p50", "p99", "p99.9", "holds"]
    rows = [header]
    for rate, segment in load.measured():
        row = [describe_rate(rate)]
        for lane in range(len(names)):
            row += lane_cells(lane_figures(segment, lane))
        rows.append(row)
    return columns(rows, ">")


def load_summary(load: Load) -> list[str]:
    """The same in few columns: the p99 of every lane, and what it held where that was less."""
    rows = [["rate", *(f"{lane_label(name)} p99" for name in load.plan.lane_names())]]
    for rate, segment in load.measured():
        cells = [lane_cells(lane_figures(segment, lane)) for lane in range(len(segment.lanes))]
        rows.append([describe_rate(rate), *(f"holds {held}" if held else p99 for _, p99, _, held in cells)])
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


class AtRate(NamedTuple):
    """What is told of one rate."""

    rate_per_s: int
    p99: Percentile
    p50: Percentile


def load_answer(load: Load) -> str:
    """The answer, as far as it is known."""
    lanes = range(len(load.plan.transports))
    rates = [
        AtRate(
            rate,
            Percentile(
                [lane_figures(segment, lane).op_p99_ns for lane in lanes],
                [load.by_pass("p99", rate, lane) for lane in lanes],
            ),
            Percentile(
                [lane_figures(segment, lane).op_p50_ns for lane in lanes],
                [load.by_pass("p50", rate, lane) for lane in lanes],
            ),
        )
        for rate, segment in load.measured()
    ]
    held = [load.held(lane) for lane in lanes]
    at_limit = [load.held(lane, load.limit) for lane in lanes] if load.limit else held
    said = answer(load.plan.lane_names(), rates, held, at_limit, load.limit, is_complete=load.is_done)
    return f"{said}{'' if load.is_done or not rates else ' (partial)'}"


def answer(
    names: Sequence[str],
    rates: Sequence[AtRate],
    held: Sequence[Held | None],
    at_limit: Sequence[Held | None],
    limit: Limit | None,
    *,
    is_complete: bool,
) -> str:
    """`at 50 k/s UDS answers within 31 µs in 99 of 100 cases, TCP within 58 µs; UDS holds 118 k/s, TCP 84 k/s`.

    Behind each figure, how far the passes lie apart.
    """
    if not rates:
        return "Too little of the ladder is known to tell what a lane holds"
    at = _rate_to_tell(rates, held)
    said = (_within(at, names, is_complete=is_complete) if at else "", holding(names, at_limit, limit))
    return "; ".join(filter(None, said))


def _rate_to_tell(rates: Sequence[AtRate], held: Sequence[Held | None]) -> AtRate | None:
    """The highest rate up to half of what every lane carries."""
    carried = [one.per_s for one in held if one]
    if len(carried) < len(held):
        return None
    fitting = [at for at in rates if at.rate_per_s <= _HALF * min(carried)]
    return fitting[-1] if fitting else rates[0]


def _within(at: AtRate, names: Sequence[str], *, is_complete: bool) -> str:
    """What is still to be measured is the remedy of what is not complete."""
    rate, told, cases = describe_rate(at.rate_per_s), at.p99, " in 99 of 100 cases"
    if told.passes < FEWEST_PASSES:
        if at.p50.passes < FEWEST_PASSES:
            if not is_complete:
                return "too early to tell how fast answers are"
            what = f"{told.passes} of {FEWEST_PASSES} passes hold the {TO_KNOW['p99']:,} operations that p99 takes"
            return f"too early to tell how fast answers are at {rate}: {what} (more --rounds, --passes)"
        rate, told, cases = f"{rate}, too few for p99 (more --rounds),", at.p50, " in half of the cases"
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


def holding(names: Sequence[str], held: Sequence[Held | None], limit: Limit | None) -> str:
    """`UDS holds 118 k/s, TCP 84 k/s with p99 up to 100 µs`; nothing where nothing is known."""
    if not any(held):
        if not limit:
            return ""
        takes = f"to know {limit.figure} takes {TO_KNOW[limit.figure]:,} operations in a pass"
        return f"no lane is seen to keep {limit_words(limit)} at any of these rates; {takes} (more --rounds)"
    parts: list[str] = []
    for name, one in zip(names, held, strict=True):
        verb = " holds" if not parts else ""
        parts.append(f"{lane_label(name)}{verb} {held_words(one)}")
    return f"{', '.join(parts)}{f' with {limit_words(limit)}' if limit else ''}"


def held_words(held: Held | None) -> str:
    """`118 k/s (115 k/s to 120 k/s in 3 passes)`."""
    if held is None:
        return "none of these rates"
    at_least = "at least " if held.is_at_least else ""
    spread = ""
    if held.passes > 1:
        spread = f" ({describe_rate(held.low_per_s)} to {describe_rate(held.high_per_s)} in {held.passes} passes)"
    return f"{at_least}{describe_rate(held.per_s)}{spread}"


def limit_words(limit: Limit | None) -> str:
    return f"{limit.figure} up to {describe_duration(limit.most_ns)}" if limit else ""


def load_report(load: Load) -> str:
    """The settings, what a closed loop carries, the table, the answer, and the caveats."""
    lines = [plan_sentence(load.plan, load.closed.client_cores, load.closed.server_cores), ""]
    if load.closed.rounds:
        rates = ", ".join(
            f"{lane_label(lane.name)} {describe_rate(lane.operations_per_s)}" for lane in load.closed.lanes
        )
        lines += [f"A closed loop carries: {rates}", ""]
    if load.measured():
        lines += [*load_table(load), "Times are since operations were due; where a rate is not held, they grow."]
        longest_ns = max(segment.plan.interval_ns for _, segment in load.measured())
        if longest_ns > load.plan.interval_ns:
            lines.append(f"Intervals of low rates are longer, up to {describe_duration(longest_ns)}, to hold enough.")
        lines.append("")
    lines.append(load_answer(load))
    found = (
        (describe_rate(rate), [caveat for caveat in segment.caveats() if caveat.code not in _NEEDLESS])
        for rate, segment in load.measured()
    )
    return "\n".join([*lines, *caveats_at(found, _at_places)])


def _at_places(places: Sequence[str]) -> str:
    first, *others = places
    if not others:
        return first
    return f"{first} and {len(others)} other {'rates' if len(others) > 1 else 'rate'}"


WORDS = Words(load_answer, load_report)
