"""The ratio of two lanes in every round, kept as the rounds arrive, for each metric."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from udstui.measured import Interval
from udstui.stats.metrics import METRICS, Figures, Metric, all_known
from udstui.stats.sequence import RatioSequence
from udstui.stats.verdict import Verdict, verdict_of

FiguresOfLanes = Mapping[str, Sequence[Figures]]
"""By metric, for each lane."""


class Pairs:
    """The first lane against each of the others."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._rounds = 0
        # Single precision: seven digits are far more than a figure has, and hours of rounds stay small.
        self._logs = {name: [array("f") for _ in self._names[1:]] for name in METRICS}
        self._sequences = {name: [RatioSequence() for _ in self._names[1:]] for name in METRICS}

    def add(self, intervals: Sequence[Interval], generation: int | None = None, at_s: float | None = None) -> None:
        """The intervals of one round, in the order of the lanes; `at_s` is when it ended."""
        self._rounds += 1
        for name, by_baseline in self._logs.items():
            metric = METRICS[name]
            first, *others = [metric.of(interval) for interval in intervals]
            for logs, sequence, other in zip(by_baseline, self._sequences[name], others, strict=True):
                found = metric.log_ratio(first, other)
                if found is not None:
                    logs.append(found)
                    sequence.add(found, generation or 0, at_s)

    def add_all(self, figures: FiguresOfLanes, generations: Sequence[tuple[int, slice]]) -> None:
        """As add() for each of these rounds, which are of these generations, in less time; log_ratios() lacks them."""
        self._rounds += generations[-1][1].stop
        for name, (first, *others) in figures.items():
            for sequence, other in zip(self._sequences[name], others, strict=True):
                found = METRICS[name].log_ratios(first, other)
                for generation, rounds in generations:
                    sequence.add_all(all_known(found[rounds]), generation)

    def forget(self, metric: Metric) -> None:
        """Keep this metric no longer."""
        self._logs.pop(metric.name, None)
        self._sequences.pop(metric.name, None)

    def is_known(self, metric: Metric, baseline: int) -> bool:
        """Whether the figure is known in every round: those that lack it would differ from those that have it."""
        return self._sequences[metric.name][baseline - 1].rounds == self._rounds

    def log_ratios(self, metric: Metric, baseline: int = 1) -> list[float]:
        """One a round, oldest first."""
        return self._logs[metric.name][baseline - 1].tolist()

    def verdict(self, metric: Metric, baseline: int = 1) -> Verdict:
        """As it stands after the last round."""
        found = self._sequences[metric.name][baseline - 1].verdict()
        return verdict_of(metric.name, self._names[0], self._names[baseline], found)

    def verdicts(self, main: Metric, others: Sequence[Metric]) -> list[Verdict]:
        """For each of the other lanes: the main metric first, then the others where they are known."""
        return [
            self.verdict(metric, baseline)
            for baseline in range(1, len(self._names))
            for metric in (main, *others)
            if metric is main or (self._rounds > 1 and self.is_known(metric, baseline))
        ]
