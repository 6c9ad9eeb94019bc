"""A sweep as text: a table, a plot on logarithmic scales, and the answer in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from udstui.experiments.sweep import Sweep
from udstui.results.lane_figures import compared_figure
from udstui.stats.caveats import Caveat
from udstui.stats.crossover import Crossover, sure_winner
from udstui.stats.metrics import metric_named
from udstui.stats.verdict import VAGUE, Verdict
from udstui.text.columns import columns
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_size

PLOT_ROWS = 12
_MARKS = "ox+#"
_SEVERAL = "*"
_MOST_NAMED = 4
_FEWEST_PASSES = 3
_LEGEND = "Above 1 the first is better; x is sure for all sizes together, = is not; 95 % CI in brackets."


def sweep_table(sweep: Sweep) -> str:
    """One row a size: the main figure of every lane, then the ratio of the first to each other with its interval."""
    measured = sweep.measured()
    names = sweep.plan.lane_names()
    header = ["size", *(lane_label(name) for name in names)]
    header += [f"{lane_label(names[0])} : {lane_label(name)}" for name in names[1:]]
    rows = [header]
    for size, segment in measured:
        describe = segment.metric.describe
        row = [describe_size(size), *(describe(compared_figure(segment, lane)) for lane in range(len(names)))]
        verdicts = [sweep.verdict(segment, baseline) for baseline in range(1, len(names))]
        row += [ratio_cell(verdict) for verdict in verdicts if verdict]
        rows.append(row)
    return "\n".join(columns(rows, ">"))


def ratio_cell(verdict: Verdict) -> str:
    """`1.47x  (1.44 to 1.50)`, with `=` in place of the `x` where no sure winner was seen."""
    if verdict.ratio is None or verdict.ci_low is None or verdict.ci_high is None:
        return "–"
    mark = "x" if sure_winner(verdict) else "="
    interval = f"wider than {VAGUE}x" if verdict.is_vague else f"{verdict.ci_low:.2f} to {verdict.ci_high:.2f}"
    return f"{verdict.ratio:.2f}{mark}  ({interval})"


def sweep_plot(sweep: Sweep, rows: int = PLOT_ROWS) -> str:
    """Size to the right, the main figure upwards, both on logarithmic scales; a mark for each lane."""
    measured = sweep.measured()
    names = sweep.plan.lane_names()
    values = [[compared_figure(segment, lane) or 0.0 for _, segment in measured] for lane in range(len(names))]
    positive = [value for lane in values for value in lane if value > 0 and math.isfinite(value)]
    if not positive:
        return ""
    low, high = math.log2(min(positive)), math.log2(max(positive))
    describe = measured[0][1].metric.describe
    grid = [["" for _ in measured] for _ in range(rows)]
    for lane, mark in zip(values, _MARKS, strict=False):
        for column, value in enumerate(lane):
            if value > 0:
                row = _row(math.log2(value), low, high, rows)
                grid[row][column] = _SEVERAL if grid[row][column] else mark
    labels = {row: describe(2 ** (low + (high - low) * row / max(1, rows - 1))) for row in (0, rows // 2, rows - 1)}
    margin = max(map(len, labels.values()))
    ticks = [describe_size(size).replace(" ", "").replace("iB", "") for size, _ in measured]
    width = max(5, 1 + max(map(len, ticks)))
    lines = [
        f"{labels.get(row, ''):>{margin}} ┤" + "".join((mark or "·").rjust(width) for mark in grid[row])
        for row in reversed(range(rows))
    ]
    lines.append(f"{'':>{margin}} └" + "─" * width * len(ticks))
    lines.append(f"{'':>{margin}}  " + "".join(tick.rjust(width) for tick in ticks))
    legend = [f"{mark} {lane_label(name)}" for mark, name in zip(_MARKS, names, strict=False)]
    lines.append(f"{'':>{margin}}  {'   '.join(legend)}   {_SEVERAL} several")
    return "\n".join(lines)


def _row(value: float, low: float, high: float, rows: int) -> int:
    return 0 if high <= low else round((rows - 1) * (value - low) / (high - low))


def answer_sentence(sizes: Sequence[tuple[int, Verdict]], crossovers: Sequence[Crossover]) -> str:
    """Who is better where, for one pair of lanes: `sizes` rise, the crossovers are theirs."""
    if not sizes:
        return "One lane only: nothing to compare"
    winners = [(size, verdict, sure_winner(verdict)) for size, verdict in sizes]
    sure = [(size, verdict, winner) for size, verdict, winner in winners if winner]
    candidate, baseline = lane_label(sizes[0][1].candidate), lane_label(sizes[0][1].baseline)
    first_size, last_size = describe_size(sizes[0][0]), describe_size(sizes[-1][0])
    extent = f"from {first_size} to {last_size}" if len(sizes) > 1 else f"({first_size} alone)"
    better = metric_named(sizes[0][1].metric).verb
    if not sure:
        return f"No difference seen yet between {candidate} and {baseline} at any size {extent}"
    if not crossovers:
        winner = sure[0][2] or ""
        loser = baseline if winner == sizes[0][1].candidate else candidate
        ratios = [max(verdict.ratio or 1, 1 / (verdict.ratio or 1)) for _, verdict, _ in sure]
        low, high = f"{min(ratios):.2f}x", f"{max(ratios):.2f}x"
        spread = low if low == high else f"{low} to {high}"
        unsure = [describe_size(size) for size, _, winner in winners if not winner]
        where = "at every size" if not unsure else f"at {len(sure)} of {len(sizes)} sizes"
        rest = f"; no difference seen yet at {', '.join(unsure)}" if unsure else ""
        return f"{lane_label(winner)} {better} {loser} {where} {extent}, {spread}{rest}"
    first = crossovers[0]
    loser = lane_label(first.better_above)
    parts = [f"{lane_label(first.better_below)} {better} {loser} up to {describe_size(first.low_size_bytes)}"]
    for crossover in crossovers:
        parts.append(
            f"{lane_label(crossover.better_above)} from {describe_size(crossover.high_size_bytes)} on"
            f" (the winner changes in between, near {_about(crossover.size_bytes)})"
        )
    between = [(crossover.low_size_bytes, crossover.high_size_bytes) for crossover in crossovers]
    unsure = [
        describe_size(size)
        for size, _, winner in winners
        if not winner and not any(low < size < high for low, high in between)
    ]
    rest = f"; no difference seen yet at {', '.join(unsure)}" if unsure else ""
    return ", ".join(parts) + rest


def _about(size_bytes: int) -> str:
    """A size of which two digits are known at best."""
    figure, unit = describe_size(size_bytes).split()
    return f"{float(f'{float(figure):.2g}'):g} {unit}"


def sweep_answers(sweep: Sweep) -> list[str]:
    """For each lane after the first the answer about the two; one that may still change says so."""
    names = sweep.plan.lane_names()
    crossovers = sweep.crossovers()
    progress = sweep.progress()
    partly = "" if sweep.is_done else f" (partial: {progress.done} of {progress.every} rounds)"
    answers = [
        answer_sentence(sweep.verdicts(baseline), [one for one in crossovers if one.baseline == names[baseline]])
        for baseline in range(1, len(names))
    ]
    return [f"{answer}{partly}" for answer in answers or [answer_sentence([], [])]]


def sweep_answer(sweep: Sweep) -> str:
    return sweep_answers(sweep)[0]


def sweep_report(sweep: Sweep) -> str:
    """The settings, table, plot, answers and caveats."""
    settings = plan_sentence(sweep.plan, without=("size_bytes",))
    legend = [_LEGEND] if len(sweep.plan.transports) > 1 else []
    lines = [settings, "", sweep_table(sweep), *legend, "", sweep_plot(sweep), "", *sweep_answers(sweep)]
    if sweep.passes < _FEWEST_PASSES:
        lines.append(
            f"Of fewer than {_FEWEST_PASSES} passes nothing is sure: the rounds of one generation share its luck"
        )
    return "\n".join(lines + caveat_lines(sweep))


def caveat_lines(sweep: Sweep) -> list[str]:
    """Each caveat once, with the sizes that it applies to."""
    found: dict[str, tuple[Caveat, list[str]]] = {}
    for size, segment in sweep.measured():
        for caveat in segment.caveats():
            found.setdefault(caveat.code, (caveat, []))[1].append(describe_size(size))
    every = len(sweep.measured())
    return [f"Caveat at {_places(where, every)}: {caveat.message}; {caveat.remedy}" for caveat, where in found.values()]


def _places(sizes: Sequence[str], every: int) -> str:
    """The message that follows is that of the first of them."""
    if len(sizes) <= _MOST_NAMED:
        return ", ".join(sizes)
    others = "every other size" if len(sizes) == every else f"{len(sizes) - 1} other sizes"
    return f"{sizes[0]} (and {others})"
