"""A sweep as text: a table, a plot on logarithmic scales, and the answer in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from udstui.experiments.schedule import FEWEST_PASSES
from udstui.recording.sweep_json import SizeRecord, SweepRecord
from udstui.stats.crossover import Crossover, sure_winner
from udstui.stats.metrics import Metric, metric_named
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.text.caveats import caveats_at
from udstui.text.columns import width_of
from udstui.text.command_line import command_line
from udstui.text.part import Part, against, in_terminal, metric_of
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import (
    describe_range,
    describe_ratio,
    describe_size,
    describe_size_shortly,
    format_size,
    ratio_figure,
    split_size,
)

PLOT_ROWS = 12
_MARKS = "ox+#"
_SEVERAL = "*"
_MOST_NAMED = 4
_LEGEND = (
    "Above 1 the first is better; x is sure for all sizes together, ? is not; in brackets the interval that decides."
)
_FEW_PASSES = f"Of fewer than {FEWEST_PASSES} passes nothing is sure: the rounds of one generation share its luck"


def part_of(sweep: SweepRecord) -> Part:
    """The table has a row a size: the figure of every lane, then the ratio of the first to each other."""
    plan = sweep.first_plan
    names = plan.lane_names()
    labels = [lane_label(name) for name in names]
    ladder = ",".join(map(format_size, sweep.planned_sizes_bytes))
    how_often = ("--passes", str(sweep.passes), "--rounds", str(sweep.rounds))
    return Part(
        heading=f"Sweep of {plan.workload} over sizes",
        answers=_answers(sweep, names),
        settings=plan_sentence(plan, without=("size_bytes",)),
        command=command_line(plan, "sweep", "--sizes", ladder, *how_often, without=("size_bytes",)),
        table=[
            ["size", *labels, *(f"{labels[0]} : {label}" for label in labels[1:])],
            *(_row(size, metric_at(sweep, size), names) for size in sweep.sizes),
        ],
        caveats=caveats_at(
            ((describe_size(size.size_bytes), size.caveats) for size in sweep.sizes),
            lambda sizes: _places(sizes, len(sweep.sizes)),
        ),
        notes=[_LEGEND] if len(names) > 1 else [],
    )


def metric_at(sweep: SweepRecord, size: SizeRecord) -> Metric:
    """What the lanes are compared by at this size."""
    return metric_of(sweep.first_plan, size.lanes, size.verdicts)


def _row(size: SizeRecord, metric: Metric, names: Sequence[str]) -> list[str]:
    figures = [metric.describe(lane.figure(metric)) for lane in size.lanes]
    return [describe_size(size.size_bytes), *figures, *(ratio_cell(against(size.verdicts, name)) for name in names[1:])]


def ratio_cell(verdict: Verdict | None) -> str:
    """`1.47x  (1.44 to 1.50)`, with `?` in place of the `x` where no sure winner was seen.

    Without an interval it says why: `1.47?  (8 of 10 rounds)`.
    """
    if verdict is None or verdict.ratio is None:
        return "–"
    if verdict.ci_low is None or verdict.ci_high is None:
        return f"{ratio_figure(verdict.ratio)}?  ({_too_early(verdict)})"
    mark = "x" if sure_winner(verdict) else "?"
    interval = describe_range(verdict.ci_low, verdict.ci_high)
    return f"{ratio_figure(verdict.ratio)}{mark}  ({interval})"


def _too_early(verdict: Verdict) -> str:
    return f"{verdict.rounds} of {FEWEST_ROUNDS} rounds" if verdict.rounds < FEWEST_ROUNDS else "one generation"


def sweep_plot(sweep: SweepRecord, rows: int = PLOT_ROWS) -> str:
    """Size to the right, the main figure upwards, both on logarithmic scales; a mark for each lane."""
    metrics = [metric_at(sweep, size) for size in sweep.sizes]
    names = sweep.first_plan.lane_names()
    values = [
        [size.lanes[lane].figure(metric) or 0.0 for size, metric in zip(sweep.sizes, metrics, strict=True)]
        for lane in range(len(names))
    ]
    positive = [value for lane in values for value in lane if value > 0 and math.isfinite(value)]
    if not positive:
        return ""
    low, high = math.log2(min(positive)), math.log2(max(positive))
    describe = metrics[0].describe
    labels = {row: describe(2 ** (low + (high - low) * row / max(1, rows - 1))) for row in (0, rows // 2, rows - 1)}
    margin = max(map(width_of, labels.values()))
    ticks = [describe_size_shortly(size.size_bytes) for size in sweep.sizes]
    width = max(5, 1 + max(map(len, ticks)))
    grid = _grid(values, low, high, rows)
    lines = [
        f"{labels.get(row, ''):>{margin}} ┤" + "".join((mark or "·").rjust(width) for mark in grid[row])
        for row in reversed(range(rows))
    ]
    lines.append(f"{'':>{margin}} └" + "─" * width * len(ticks))
    lines.append(f"{'':>{margin}}  " + "".join(tick.rjust(width) for tick in ticks))
    legend = [f"{mark} {lane_label(name)}" for mark, name in zip(_MARKS, names, strict=False)]
    lines.append(f"{'':>{margin}}  {'   '.join(legend)}   {_SEVERAL} several")
    return "\n".join(lines)


def _grid(lanes: Sequence[Sequence[float]], low: float, high: float, rows: int) -> list[list[str]]:
    """The marks of every row from the lowest, a column a size; `low` and `high` are logarithms to base 2."""
    grid = [["" for _ in lanes[0]] for _ in range(rows)]
    for lane, mark in zip(lanes, _MARKS, strict=False):
        for column, value in enumerate(lane):
            if value > 0:
                row = 0 if high <= low else round((rows - 1) * (math.log2(value) - low) / (high - low))
                grid[row][column] = _SEVERAL if grid[row][column] else mark
    return grid


def answer_sentence(sizes: Sequence[tuple[int, Verdict]], crossovers: Sequence[Crossover]) -> str:
    """Who is better where, for one pair of lanes: `sizes` rise, the crossovers are theirs."""
    if not sizes:
        return "One lane only: nothing to compare"
    extent = f"from {describe_size(sizes[0][0])} to {describe_size(sizes[-1][0])}"
    if len(sizes) == 1:
        extent = f"({describe_size(sizes[0][0])} alone)"
    if not any(sure_winner(verdict) for _, verdict in sizes):
        labels = " and ".join(map(lane_label, (sizes[0][1].candidate, sizes[0][1].baseline)))
        if all(verdict.ci_low is None for _, verdict in sizes):
            most = max((verdict for _, verdict in sizes), key=lambda verdict: verdict.rounds)
            return f"Too early to compare {labels} at any size {extent}: {_too_early(most)}"
        return f"No difference seen yet between {labels} at any size {extent}"
    return _winners(sizes, crossovers) if crossovers else _one_winner(sizes, extent)


def _one_winner(sizes: Sequence[tuple[int, Verdict]], extent: str) -> str:
    """`UDS is faster than TCP at every size from 64 B to 64 KiB, 1.40x to 1.50x`."""
    sure = [verdict for _, verdict in sizes if sure_winner(verdict)]
    ratios = [max(verdict.ratio or 1, 1 / (verdict.ratio or 1)) for verdict in sure]
    spread = " to ".join(dict.fromkeys((describe_ratio(min(ratios)), describe_ratio(max(ratios)))))
    where = "at every size" if len(sure) == len(sizes) else f"at {len(sure)} of {len(sizes)} sizes"
    winner = sure_winner(sure[0]) or ""
    loser = sure[0].baseline if winner == sure[0].candidate else sure[0].candidate
    return f"{_better(sure[0], winner, loser)} {where} {extent}, {spread}{_unsure(sizes)}"


def _winners(sizes: Sequence[tuple[int, Verdict]], crossovers: Sequence[Crossover]) -> str:
    """`UDS is faster than TCP up to 1 KiB, TCP from 64 KiB on (the winner changes in between, near 8 KiB)`."""
    first = crossovers[0]
    parts = [
        f"{_better(sizes[0][1], first.better_below, first.better_above)} up to {describe_size(first.low_size_bytes)}"
    ]
    parts += [
        f"{lane_label(one.better_above)} from {describe_size(one.high_size_bytes)} on"
        f" (the winner changes in between, near {_about(one.size_bytes)})"
        for one in crossovers
    ]
    return ", ".join(parts) + _unsure(sizes, [(one.low_size_bytes, one.high_size_bytes) for one in crossovers])


def _better(verdict: Verdict, winner: str, loser: str) -> str:
    return f"{lane_label(winner)} {metric_named(verdict.metric).verb} {lane_label(loser)}"


def _unsure(sizes: Sequence[tuple[int, Verdict]], known: Sequence[tuple[int, int]] = ()) -> str:
    """What to add of the sizes without a sure winner; they are no surprise within one of the `known` extents."""
    unsure = [
        describe_size(size)
        for size, verdict in sizes
        if not sure_winner(verdict) and not any(low < size < high for low, high in known)
    ]
    return f"; no difference seen yet at {', '.join(unsure)}" if unsure else ""


def _about(size_bytes: int) -> str:
    """A size of which two digits are known at best."""
    value, unit = split_size(size_bytes)
    return f"{float(f'{value:.2g}'):g} {unit}"


def _answers(sweep: SweepRecord, names: Sequence[str]) -> list[str]:
    """For each lane after the first the answer about the two; one that may still change says so."""
    done = sum(size.lanes[0].rounds for size in sweep.sizes)
    every = sweep.passes * sweep.rounds * len(sweep.planned_sizes_bytes)
    partly = "" if sweep.is_complete else f" (partial: {done} of {every} rounds)"
    answers = [
        answer_sentence(
            [(size.size_bytes, verdict) for size in sweep.sizes if (verdict := against(size.verdicts, name))],
            [one for one in sweep.crossovers if one.baseline == name],
        )
        for name in names[1:]
    ]
    told = [f"{answer}{partly}" for answer in answers or [answer_sentence([], [])]]
    return told if sweep.passes >= FEWEST_PASSES else [*told, _FEW_PASSES]


def _places(sizes: Sequence[str], every: int) -> str:
    """The message that follows is that of the first of them."""
    if len(sizes) <= _MOST_NAMED:
        return ", ".join(sizes)
    others = "every other size" if len(sizes) == every else f"{len(sizes) - 1} other sizes"
    return f"{sizes[0]} (and {others})"


def report(sweep: SweepRecord) -> str:
    return in_terminal(part_of(sweep), align=">", picture=sweep_plot(sweep))
