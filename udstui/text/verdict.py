"""A verdict as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.stats.metrics import Metric, label_of, metric_named
from udstui.stats.verdict import FEWEST_ROUNDS, VAGUE, Verdict
from udstui.transports import lane_label

_AT_THE_LABEL = " at the {label}"
_MOST_DIGITS = 6
"""Behind the point, of a ratio that is so near to 1 that fewer would not part it."""


class Wording(Struct, frozen=True):
    """The parts that a verdict's sentence is joined from."""

    claim: str
    """`UDS is 1.47x faster than TCP at the median`."""
    evidence: tuple[str, ...]
    """`95 % CI 1.44 to 1.50`, `212 rounds`."""
    addition: str = ""
    """What follows the evidence."""

    @property
    def sentence(self) -> str:
        return f"{self.claim} ({', '.join(self.evidence)}){self.addition}"


def verdict_sentence(verdict: Verdict, main: Metric | None = None) -> str:
    """`UDS is 1.47x faster than TCP at the median (95 % CI 1.44 to 1.50, 212 rounds)`.

    Where enough runs of the plan are known: `(95 % CI 1.44 to 1.50 in this run, 1.38 to 1.54 in 9 runs on this machine,
    212 rounds)`, the second interval being that in which the next run is expected.

    `main` is the metric that is compared, where it is another: a duration beside a throughput is that of a send.
    """
    return _wording(verdict, main).sentence


def verdict_line(verdicts: Sequence[Verdict]) -> str:
    """The sentence of the first verdict; then, where sure, those of further lanes, and the ratio of other metrics.

    `… 212 rounds) · UDS is 1.43x faster than TCP6 · p99 1.25x`: the other metrics are of the lanes of the sentence, and
    of the one that it calls better.
    """
    if not verdicts:
        return "One lane only: nothing to compare"
    return " · ".join([verdict_sentence(verdicts[0]), *_other_lanes(verdicts), *_other_metrics(verdicts)])


def first_of_each(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The first of each baseline."""
    return list({verdict.baseline: verdict for verdict in reversed(verdicts)}.values())[::-1]


def claim_of(metric: Metric, better: str, worse: str, times: str, *, with_label: bool = False) -> str:
    """`UDS is 1.47x faster than TCP`, and `at the median` behind it if asked for."""
    claim = metric.claim if with_label else metric.claim.removesuffix(_AT_THE_LABEL)
    return claim.format(better=better, worse=worse, times=times, label=metric.label)


def digits_of(low: float) -> int:
    """How many digits a sure ratio has behind its point: as many as part the low end of its interval from 1."""
    return next((digits for digits in range(2, _MOST_DIGITS) if round(low, digits) > 1), _MOST_DIGITS)


def _other_lanes(verdicts: Sequence[Verdict]) -> list[str]:
    """`pipe is 1.93x faster than UDS`: the sure ones."""
    found = []
    for verdict in first_of_each(verdicts)[1:]:
        if verdict.conclusive and verdict.ratio:
            better, worse = lane_label(verdict.candidate), lane_label(verdict.baseline)
            metric, ratio = metric_named(verdict.metric), verdict.ratio
            if ratio < 1:
                better, worse, ratio = worse, better, 1 / ratio
            found.append(claim_of(metric, better, worse, f"{ratio:.2f}x"))
    return found


def _other_metrics(verdicts: Sequence[Verdict]) -> list[str]:
    first = verdicts[0]
    main = metric_named(first.metric)
    is_turned = first.conclusive and first.ratio is not None and first.ratio < 1
    return [
        f"{label_of(metric_named(verdict.metric), main)} {1 / verdict.ratio if is_turned else verdict.ratio:.2f}x"
        for verdict in verdicts[1:]
        if verdict.baseline == first.baseline and verdict.conclusive and verdict.ratio
    ]


def _wording(verdict: Verdict, main: Metric | None = None) -> Wording:
    rounds = f"{verdict.rounds} round{'s' * (verdict.rounds != 1)}"
    if verdict.ratio is None:
        return Wording("Too early", (rounds,))
    metric = metric_named(verdict.metric)
    label = label_of(metric, main or metric)
    if verdict.conclusive and verdict.ci_low is not None and verdict.ci_high is not None:
        lanes, figures = (verdict.candidate, verdict.baseline), (verdict.ratio, verdict.ci_low, verdict.ci_high)
        if verdict.ratio < 1:
            lanes, figures = lanes[::-1], (1 / verdict.ratio, 1 / verdict.ci_high, 1 / verdict.ci_low)
        digits = digits_of(figures[1])
        ratio, low, high = (f"{figure:.{digits}f}" for figure in figures)
        better, worse = map(lane_label, lanes)
        claim = metric.claim.format(better=better, worse=worse, times=f"{ratio}x", label=label)
        machine = on_this_machine(verdict, digits, is_turned=verdict.ratio < 1)
        return Wording(claim, (f"95 % CI {low} to {high}{' in this run' if machine else ''}", *machine, rounds))
    candidate, baseline = lane_label(verdict.candidate), lane_label(verdict.baseline)
    so_far = f"{candidate} {verdict.ratio:.3g}x so far"
    if verdict.ci_low is None or verdict.ci_high is None:
        if verdict.rounds < FEWEST_ROUNDS:
            rounds = f"{verdict.rounds} of {FEWEST_ROUNDS} rounds"
        return Wording(f"Too early to compare {candidate} and {baseline} in {label}", (rounds, so_far))
    interval = f"wider than {VAGUE}x" if verdict.is_vague else f"{verdict.ci_low:.3g} to {verdict.ci_high:.3g}"
    claim = f"Not sure yet which of {candidate} and {baseline} is better in {label}"
    machine = on_this_machine(verdict, 2, is_turned=False)
    interval += " in this run" if machine else ""
    return Wording(claim, (f"{candidate} {verdict.ratio:.3g}x", f"95 % CI {interval}", *machine, rounds))


def on_this_machine(verdict: Verdict, digits: int, *, is_turned: bool) -> tuple[str, ...]:
    """`1.61 to 1.85 in 9 runs on this machine`, where so many are known; of the worse lane's ratio if turned."""
    found = verdict.on_this_machine
    if found is None:
        return ()
    low, high = (1 / found.high, 1 / found.low) if is_turned else (found.low, found.high)
    return (f"{low:.{digits}f} to {high:.{digits}f} in {found.runs} runs on this machine",)
