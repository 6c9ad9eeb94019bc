"""Load as text: what each lane did at every rate, how much it holds, and the answer in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from udstui.experiments.load import Limit, Load
from udstui.results.lane_figures import LaneFigures, lane_figures
from udstui.stats.held import Held
from udstui.text.caveats import caveats_at
from udstui.text.columns import columns
from udstui.text.experiments import Words
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_rate

FEWEST_PASSES = 3
"""To tell how far they lie apart."""
TO_KNOW = {"p50": 20, "p99": 1000, "p99.9": 10_000}
"""How many operations a percentile takes: ten lie beyond it."""
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


class AtRate(NamedTuple):
    """What is told of one rate: of each lane its p99, and that of every pass, None where these are not known."""

    rate_per_s: int
    p99_ns: Sequence[float | None]
    by_pass: Sequence[Sequence[float]] | None


def load_answer(load: Load) -> str:
    """The answer, as far as it is known."""
    lanes = range(len(load.plan.transports))
    rates = [
        AtRate(
            rate,
            [lane_figures(segment, lane).op_p99_ns for lane in lanes],
            [load.p99_by_pass(rate, lane) for lane in lanes],
        )
        for rate, segment in load.measured()
    ]
    held = [load.held(lane) for lane in lanes]
    at_limit = [load.held(lane, load.limit) for lane in lanes] if load.limit else held
    said = answer(load.plan.lane_names(), rates, held, at_limit, load.limit)
    return f"{said}{'' if load.is_done or not rates else ' (partial)'}"


def answer(
    names: Sequence[str],
    rates: Sequence[AtRate],
    held: Sequence[Held | None],
    at_limit: Sequence[Held | None],
    limit: Limit | None,
) -> str:
    """`at 50 k/s UDS answers within 31 µs in 99 of 100 cases, TCP within 58 µs; UDS holds 118 k/s, TCP 84 k/s`.

    Behind each figure, how far the passes lie apart.
    """
    if not rates:
        return "Too little of the ladder is known to tell what a lane holds"
    at = _rate_to_tell(rates, held)
    said = (_within(at, names) if at else "", holding(names, at_limit, limit))
    return "; ".join(filter(None, said))


def _rate_to_tell(rates: Sequence[AtRate], held: Sequence[Held | None]) -> AtRate | None:
    """The highest rate up to half of what every lane carries."""
    carried = [one.per_s for one in held if one]
    if len(carried) < len(held):
        return None
    fitting = [at for at in rates if at.rate_per_s <= _HALF * min(carried)]
    return fitting[-1] if fitting else rates[0]


def _within(at: AtRate, names: Sequence[str]) -> str:
    rate, by_pass = describe_rate(at.rate_per_s), at.by_pass
    if by_pass is not None and (passes := min(map(len, by_pass))) < FEWEST_PASSES:
        what = f"{passes} of {FEWEST_PASSES} passes hold the {TO_KNOW['p99']:,} operations that p99 takes"
        return f"too early to tell how fast answers are at {rate}: {what} (more --rounds, --passes)"
    spreads = [""] * len(names) if by_pass is None else map(_spread, by_pass)
    first, *others = (
        f"{lane_label(name)}{{}} within {describe_duration(p99_ns)}{{}}{spread}"
        for name, p99_ns, spread in zip(names, at.p99_ns, spreads, strict=True)
    )
    told = [first.format(" answers", " in 99 of 100 cases"), *(other.format("", "") for other in others)]
    return f"at {rate} {', '.join(told)}"


def _spread(p99_ns: Sequence[float]) -> str:
    """How far the passes lie apart."""
    return f" ({describe_duration(min(p99_ns))} to {describe_duration(max(p99_ns))} in {len(p99_ns)} passes)"


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
        lines += [*load_table(load), "Times are since operations were due; where a rate is not held, they grow.", ""]
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
