"""The verdict: is one lane better than another, by how much, and is that sure?

Lanes are paired by round: what slows a whole round down slows both and drops out of the ratio. Whether the ratio is
sure, and how well it is known, stats.sequence says, at every moment of a run.
"""

from __future__ import annotations

import math
from typing import Annotated

from msgspec import Meta, Struct

from udstui.stats.sequence import FEWEST_ROUNDS, RunVerdict
from udstui.units import VAGUE

__all__ = ["FEWEST_ROUNDS", "Positive", "Verdict", "bounded_exp", "verdict_of"]

_LARGEST_EXPONENT = 700.0
Positive = Annotated[float, Meta(gt=0)]
"""As a file must have it, too."""


class OnThisMachine(Struct, frozen=True):
    """Where the ratio of one more run of the same plan is expected, 19 times of 20 (stats.across_runs)."""

    ratio: Positive
    """The middle of the runs."""
    low: Positive
    high: Positive
    runs: int
    """Of the same plan on this machine, this one among them."""


class Verdict(Struct, frozen=True):
    """How many times better the candidate is than the baseline."""

    metric: str
    """`op_p50_ns`, `op_p99_ns`, `op_mean_ns` or `gb_per_s`."""
    baseline: str
    candidate: str
    """Names of lanes."""
    ratio: Positive | None
    """Baseline over candidate for durations, candidate over baseline for rates: above 1, the candidate is better."""
    ci_low: Positive | None
    ci_high: Positive | None
    """The 95 % interval of the ratio; None with fewer than ten rounds, and while generations are too few and short."""
    rounds: int
    conclusive: bool
    """Whether it is sure: an interval of this run has excluded 1, and nothing has spoken against that since."""
    generations: float = 0.0
    """As many sets of processes of equal size tell as much as those that measured the rounds."""
    called_at_round: int | None = None
    called_at_s: float | None = None
    """When it became sure, in rounds and in seconds of its segment; None while it is not, and of a sweep, whose sizes
    are looked at once."""
    error: float | None = None
    """Standard error of the logarithm of the ratio, from how the generations differ; None where it is not known."""
    on_this_machine: OnThisMachine | None = None
    """What several runs of the plan say; None of fewer than three."""

    @property
    def is_vague(self) -> bool:
        """Whether its interval reaches further than 10 times from the ratio, and is not worth its digits."""
        if self.ci_low is None or self.ci_high is None or self.ci_low <= 0:
            return True
        return self.ci_high / self.ci_low > VAGUE**2

    @property
    def half_width_percent(self) -> float | None:
        """How far the interval reaches from the ratio, in percent of it; None without an interval."""
        if self.ci_low is None or self.ci_high is None or self.ci_low <= 0:
            return None
        return 100 * (math.sqrt(self.ci_high / self.ci_low) - 1)


def verdict_of(metric: str, candidate: str, baseline: str, found: RunVerdict) -> Verdict:
    """The verdict on two lanes from what the sequence of their log ratios has found."""
    ratio, low, high = (
        None if value is None or math.isinf(value) else float(f"{bounded_exp(value):.7g}")
        for value in (found.centre, found.low, found.high)
    )
    error = None if found.error is None or math.isinf(found.error) else float(f"{found.error:.7g}")
    return Verdict(
        metric, baseline, candidate, ratio, low, high, found.rounds, found.state == "sure",
        found.generations, found.called_at_round, found.called_at_s, error,
    )  # fmt: skip


def bounded_exp(value: float) -> float:
    """e to this power, kept within what a float holds."""
    return math.exp(max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, value)))
