"""A verdict as a sentence, for commands and reports."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from udstui.stats.metrics import Metric, label_of, metric_named
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.transports import lane_label
from udstui.units import describe_range, describe_ratio

ONE_LANE = "One lane only: nothing to compare"
_AT_THE_LABEL = " at the {label}"


def verdict_sentence(verdict: Verdict, main: Metric | None = None) -> str:
    """`UDS is 1.47x faster than TCP at the median (95 % CI 1.44 to 1.50, 212 rounds)`.

    Where enough runs of the plan are known: `(95 % CI 1.44 to 1.50 in this run, 1.38 to 1.54 in 9 runs on this machine,
    212 rounds)`, the second interval being that in which the next run is expected.

    `main` is the metric that is compared, where it is another: a duration beside a throughput is that of a send.
    """
    claim, *evidence = _claim_and_evidence(verdict, main or metric_named(verdict.metric))
    return f"{claim} ({', '.join(evidence)})"


def from_the_better(verdict: Verdict) -> Verdict:
    """The same verdict as the better lane sees it: the candidate is that lane then, and the ratio 1 or more."""
    if verdict.ratio is None or verdict.ratio >= 1:
        return verdict
    low, high = (None if end is None else 1 / end for end in (verdict.ci_high, verdict.ci_low))
    several = verdict.on_this_machine
    if several:
        several = replace(several, ratio=1 / several.ratio, low=1 / several.high, high=1 / several.low)
    return replace(
        verdict,
        candidate=verdict.baseline,
        baseline=verdict.candidate,
        ratio=1 / verdict.ratio,
        ci_low=low,
        ci_high=high,
        on_this_machine=several,
    )


def first_of_each(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The first of each baseline."""
    return list({verdict.baseline: verdict for verdict in reversed(verdicts)}.values())[::-1]


def claim_of(metric: Metric, better: str, worse: str, times: str, *, with_label: bool = False) -> str:
    """`UDS is 1.47x faster than TCP`, and `at the median` behind it if asked for."""
    claim = metric.claim if with_label else metric.claim.removesuffix(_AT_THE_LABEL)
    return claim.format(better=better, worse=worse, times=times, label=metric.label)


def _claim_and_evidence(verdict: Verdict, main: Metric) -> tuple[str, ...]:
    """`UDS is 1.47x faster than TCP at the median`, `95 % CI 1.44 to 1.50`, `212 rounds`."""
    rounds = f"{verdict.rounds} round{'s' * (verdict.rounds != 1)}"
    if verdict.ratio is None:
        return "Too early", rounds
    metric = metric_named(verdict.metric)
    label = label_of(metric, main)
    both = f"{lane_label(verdict.candidate)} and {lane_label(verdict.baseline)}"
    verdict = from_the_better(verdict)
    better, worse = map(lane_label, (verdict.candidate, verdict.baseline))
    if verdict.conclusive and verdict.ci_low is not None and verdict.ci_high is not None:
        interval = describe_range(verdict.ci_low or 1, verdict.ci_high or 1, None)
        ratio = describe_ratio(verdict.ratio, None)
        claim = metric.claim.format(better=better, worse=worse, times=ratio, label=label)
        return claim, *_intervals(verdict, interval, None), rounds
    if verdict.ci_low is None or verdict.ci_high is None:
        if verdict.rounds < FEWEST_ROUNDS:
            rounds = f"{verdict.rounds} of {FEWEST_ROUNDS} rounds"
        return f"Too early to compare {both} in {label}", rounds, f"{better} {describe_ratio(verdict.ratio)} so far"
    interval = describe_range(verdict.ci_low, verdict.ci_high)
    claim = f"Not sure yet which of {both} is better in {label}"
    return claim, f"{better} {describe_ratio(verdict.ratio)}", *_intervals(verdict, interval, 2), rounds


def _intervals(verdict: Verdict, interval: str, digits: int | None) -> tuple[str, ...]:
    machine = on_this_machine(verdict, digits)
    return (f"95 % CI {interval}{' in this run' if machine else ''}", *machine)


def on_this_machine(verdict: Verdict, digits: int | None) -> tuple[str, ...]:
    """`1.61 to 1.85 in 9 runs on this machine`, where so many are known."""
    found = verdict.on_this_machine
    return (f"{describe_range(found.low, found.high, digits)} in {found.runs} runs on this machine",) if found else ()
