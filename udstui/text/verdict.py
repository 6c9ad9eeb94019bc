"""A verdict as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.stats.verdict import FEWEST_ROUNDS, VAGUE, Verdict
from udstui.transports import lane_label
from udstui.units import (
    describe_percent,
)


def verdict_sentence(verdict: Verdict, *, of_sends: bool = False) -> str:
    """`UDS is 1.47x faster than TCP at the median (95 % CI 1.44 to 1.50, 212 rounds)`.

    `of_sends` tells that a duration is that of one send call: beside a throughput it is not what is compared.
    """
    candidate, baseline = lane_label(verdict.candidate), lane_label(verdict.baseline)
    rounds = f"{verdict.rounds} round{'s' * (verdict.rounds != 1)}"
    if verdict.ratio is None or verdict.ci_low is None or verdict.ci_high is None:
        return f"No verdict yet ({rounds})"
    low, high = verdict.ci_low, verdict.ci_high
    figure = _figure_name(verdict.metric, of_sends=of_sends)
    if not verdict.conclusive:
        interval = f"wider than {VAGUE}x" if verdict.is_vague else f"{low:.3g} to {high:.3g}"
        evidence = f"(ratio {verdict.ratio:.3g}, 95 % CI {interval}, {rounds})"
        if verdict.rounds < FEWEST_ROUNDS:
            return f"No verdict on {candidate} and {baseline} in {figure} before {FEWEST_ROUNDS} rounds {evidence}"
        small = verdict.smallest_seen_percent
        unseen = "" if small is None else f"; a difference of {describe_percent(small)} would probably have been seen"
        return f"No difference seen yet between {candidate} and {baseline} in {figure} {evidence}{unseen}"
    ratio = verdict.ratio
    if ratio < 1:
        candidate, baseline, ratio, low, high = baseline, candidate, 1 / ratio, 1 / high, 1 / low
    digits = next((digits for digits in range(2, _MOST_DIGITS) if round(low, digits) > 1), _MOST_DIGITS)
    times = f"{ratio:.{digits}f}x"
    evidence = f"(95 % CI {low:.{digits}f} to {high:.{digits}f}, {rounds})"
    if verdict.metric == "gb_per_s":
        return f"{candidate} carries {times} as much as {baseline} {evidence}"
    return f"{candidate} is {times} faster than {baseline} at the {figure} {evidence}"


def verdict_line(verdicts: Sequence[Verdict]) -> str:
    """The sentence of the first verdict; then, where sure, the ratio against further lanes, and that of other figures.

    `… 212 rounds) · UDS:TCP6 1.43x · p99 1.25x`: the other figures are of the lanes of the sentence, and of
    the one that it calls better.
    """
    if not verdicts:
        return "One lane only: nothing to compare"
    first = verdicts[0]
    is_turned = first.conclusive and first.ratio is not None and first.ratio < 1
    of_sends = first.metric == "gb_per_s"
    lanes = [
        f"{lane_label(verdict.candidate)}:{lane_label(verdict.baseline)} {verdict.ratio:.2f}x"
        for verdict in first_of_each(verdicts)[1:]
        if verdict.conclusive and verdict.ratio
    ]
    others = [
        f"{_figure_name(verdict.metric, of_sends=of_sends)} {1 / verdict.ratio if is_turned else verdict.ratio:.2f}x"
        for verdict in verdicts[1:]
        if verdict.baseline == first.baseline and verdict.conclusive and verdict.ratio
    ]
    return " · ".join([verdict_sentence(first), *lanes, *others])


def first_of_each(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The first of each baseline."""
    return list({verdict.baseline: verdict for verdict in reversed(verdicts)}.values())[::-1]


_FIGURE_NAMES = {"op_p50_ns": "median", "op_mean_ns": "mean", "op_p99_ns": "p99", "gb_per_s": "throughput"}
_SEND_NAMES = {"op_p50_ns": "send p50", "op_p99_ns": "send p99"}
_MOST_DIGITS = 6
"""Behind the point, of a ratio that is so near to 1 that fewer would not part it."""


def _figure_name(metric: str, *, of_sends: bool) -> str:
    names = _FIGURE_NAMES | _SEND_NAMES if of_sends else _FIGURE_NAMES
    return names.get(metric, metric)
