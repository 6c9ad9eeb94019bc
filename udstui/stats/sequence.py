"""The verdict of one run, at every moment of it: a confidence sequence over generations of rounds.

A verdict is watched, and whoever watches stops when it pleases them. So its interval has to hold the truth at all
moments at once, with 95 %, and not at each of them (Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric,
nonasymptotic confidence sequences", Annals of Statistics 49, 2021).

The evidence is how the generations differ: the rounds of one share the luck of its processes, and depend on each other
in ways that nobody knows. Each generation counts with the mean of the middle half of its rounds, which a wild round
cannot move, and which is close to normally distributed whatever a round is. Over these means runs a sequence for normal
values of unknown variance, which begins with the fourth generation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct, structs

from udstui.stats.generations import FEWEST_THAT_SCATTER, Evidence, Generations
from udstui.stats.student import t_above
from udstui.stats.trimmed import trimmed_mean

FEWEST_ROUNDS = 10
"""With fewer no interval is told."""
ENOUGH_GENERATIONS = 3.9
"""So many of equal size, or four that are nearly so, tell how far generations lie apart; for fewer see _early."""
_EARLY_TAIL = 0.005
"""On either side, of the intervals told before that."""
_LOOKS = 32
"""The verdict is renewed whenever the rounds have grown by this part of their number: 3 % at most are still to come."""
_ERROR = 0.05
"""How often the interval may miss the truth at some moment or other."""
_EFFECT_VARIANCE = 5.0
"""Of the differences that the sequence is sharpest at, in units of the variance of a generation. It hardly matters:
with 3 and 10 the width is the same within 5 %, from the fifth generation to the hundredth."""
_CUT_FROM, _CUT_OF = 8, 10
"""From so many blocks on the lowest and the highest are cut off, from so many more on the two lowest, and so on. With
nine generations, as a run of 2 s has them, one that is wild must not move it."""
_APART = 3.0
"""How many times farther than rounds generations may lie apart, as long as they are too few to know."""


class RunVerdict(Struct, frozen=True):
    """What the rounds up to now say about the logarithm of the ratio; above 0 the candidate is better."""

    rounds: int
    generations: float
    """As many of equal size tell as much as these; one that has hardly begun does not count."""
    centre: float | None
    low: float | None
    high: float | None
    """The 95 % interval that holds at all moments at once; None with fewer than FEWEST_ROUNDS rounds, and infinite
    while generations are too few to tell anything."""
    error: float | None
    """Standard error of the centre, for what sums up several runs; None without an interval."""
    state: str
    """`too early`, `not sure yet` or `sure`."""
    called_at_round: int | None = None
    called_at_s: float | None = None
    """When the verdict became sure, of a sure one."""
    revoked: int = 0
    """How many times a sure verdict had to be taken back."""

    @property
    def half_width_percent(self) -> float | None:
        """How far the interval reaches from its middle, in percent of the ratio; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return 100 * math.expm1((self.high - self.low) / 2)


_NOTHING = RunVerdict(0, 0.0, None, None, None, None, "too early")


class RatioSequence:
    """Takes the log ratio of one round after the other, and always knows the verdict."""

    def __init__(self) -> None:
        self._generations = Generations()
        self._next_look = 1
        self._found = _NOTHING
        self._side = 0
        """1 while the candidate is surely better, -1 while the baseline is."""
        self._bound = math.inf
        """Of a sure verdict: how near to 0 any interval without 0 has come since it is sure."""

    def add(self, log_ratio: float, generation: str | int, at_s: float | None = None) -> None:
        """A round of this generation; `at_s` is when it ended, for RunVerdict.called_at_s."""
        self._generations.add(log_ratio, generation)
        self._look_if_due(at_s)

    def _look_if_due(self, at_s: float | None) -> None:
        rounds = self._generations.rounds
        if rounds >= self._next_look:
            self._next_look = rounds + max(1, rounds // _LOOKS)
            self._look(at_s)

    @property
    def rounds(self) -> int:
        return self._generations.rounds

    def add_all(self, log_ratios: Sequence[float], generation: str | int) -> None:
        """As add() for each of them, in less time; all are of one generation."""
        at = 0
        while at < len(log_ratios):
            until = min(len(log_ratios), at + self._next_look - self._generations.rounds)
            self._generations.add_all(log_ratios[at:until], generation)
            self._look_if_due(None)
            at = until

    def verdict(self) -> RunVerdict:
        """That of the latest look, with the number of all rounds."""
        return structs.replace(self._found, rounds=self._generations.rounds)

    def _look(self, at_s: float | None) -> None:
        evidence, rounds = self._generations.evidence(), self._generations.rounds
        centre, half, error = interval(evidence)
        if rounds < FEWEST_ROUNDS:
            self._found = RunVerdict(rounds, evidence.generations, centre, None, None, None, "too early")
            return
        low, high = centre - half, centre + half
        was = self._found
        called_round, called_s, revoked = was.called_at_round, was.called_at_s, was.revoked
        if self._side and self._has_turned(centre, half):
            self._side, called_round, called_s, revoked = 0, None, None, revoked + 1
        if not self._side and not low <= 0 <= high:
            self._side, self._bound = (1 if low > 0 else -1), math.inf
            called_round, called_s = rounds, at_s
        if self._side:
            nearest = self._side * centre - half
            self._bound = min(self._bound, nearest if nearest > 0 else math.inf)
            low, high = (max(low, self._bound), high) if self._side > 0 else (low, min(high, -self._bound))
        self._found = RunVerdict(
            rounds=rounds,
            generations=evidence.generations,
            centre=centre,
            low=low,
            high=high,
            error=error,
            state="sure" if self._side else "not sure yet",
            called_at_round=called_round,
            called_at_s=called_s,
            revoked=revoked,
        )

    def _has_turned(self, centre: float, half: float) -> bool:
        """Whether the evidence speaks against a verdict that is sure.

        All intervals hold the truth at once, so what one of them excludes stays excluded. A sure verdict therefore
        stays sure when the latest interval holds 0 again, and tells the bound nearest to 0 of those that did not. Only
        where the centre lies beyond even that bound the machine has changed since, and earlier intervals are forgotten.
        """
        return self._side * centre - half <= 0 and self._side * centre < self._bound


def interval(evidence: Evidence) -> tuple[float, float, float]:
    """Centre, half-width of the interval and standard error at this moment, of at least one round."""
    count = evidence.generations
    blocks = evidence.blocks
    mean = trimmed_mean(blocks, (len(blocks) - _CUT_FROM) // _CUT_OF + 1)
    if count < ENOUGH_GENERATIONS:
        return mean.centre, *_early(evidence)
    # A few short generations may lie close together by chance, but not be known better than their rounds allow.
    of_rounds = evidence.spread / math.sqrt(evidence.rounds) if evidence.spread < math.inf else 0.0
    error = max(mean.error, of_rounds)
    return mean.centre, critical_value(count, mean.kept) * error, error


def critical_value(generations: float, kept: float) -> float:
    """How many standard errors the interval reaches to either side, of so many generations, with `kept` - 1 degrees.

    Where Student's t exceeds it, the likelihood ratio against effects with a normal distribution exceeds 1 / _ERROR, as
    a nonnegative martingale does in no more than _ERROR of runs (Lai, "On confidence sequences", Annals of Statistics
    4, 1976; Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance",
    Sequential Analysis 44, 2025). That is exact for generations of equal size. With blocks merged and cut off, and with
    looks at unfinished generations, 5.1 % of runs of 300 generations err (tests/benchmarks/verdict_stray.py).
    """
    information = 1 + _EFFECT_VARIANCE * generations
    root = (math.sqrt(information) / _ERROR) ** (2 / kept)
    return math.sqrt((kept - 1) * (root - 1) / (1 - root / information)) if root < information else math.inf


def _early(evidence: Evidence) -> tuple[float, float]:
    """Half-width and standard error as long as generations are too few to tell how far they lie apart.

    Both allow for generations that lie three times as far apart as rounds do. That takes one of some length: short ones
    are known too little to be called by.
    """
    degrees = evidence.rounds / 2 - 1
    longest = max(rounds for _, rounds in evidence.blocks)
    if degrees < 1 or longest < FEWEST_THAT_SCATTER or evidence.spread == math.inf:
        return math.inf, math.inf
    error = evidence.spread * math.sqrt(_APART**2 / evidence.generations + 1 / evidence.rounds)
    return t_above(_EARLY_TAIL, degrees) * error, error
