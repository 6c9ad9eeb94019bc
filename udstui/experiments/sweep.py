"""A sweep: the same plan over a ladder of sizes, one segment a size, measured in random order in several passes."""

from __future__ import annotations

import random

import msgspec

from udstui.plan import Plan, Round
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.crossover import Crossover, find_crossovers
from udstui.stats.verdict import Verdict

DEFAULT_SIZES = tuple(4**power for power in range(13))  # 1 B to 16 MiB
DEFAULT_PASSES = 5
DEFAULT_ROUNDS = 3
"""In each generation. Five passes make 15 rounds a size, of which a verdict needs ten; and they are
what it is sure by."""
WARMUP_NS = 100 * 10**6
"""Before each generation; there are many."""
_START_S = 0.4
"""What it takes to start the servers of a generation, as a first guess of the time left."""


class Sweep:
    """Says which plan is next, takes its round, and knows what was found so far."""

    def __init__(
        self,
        plan: Plan,
        sizes: tuple[int, ...] = DEFAULT_SIZES,
        *,
        passes: int = DEFAULT_PASSES,
        rounds: int = DEFAULT_ROUNDS,
        clock_step_ns: float | None = None,
        order: random.Random | None = None,
    ) -> None:
        """`rounds` are those of one generation; each pass measures every size once, in an order of its own."""
        self.plan = plan
        self.sizes = tuple(sorted(set(sizes)))
        self.run = Run()
        self.passes = passes
        self.rounds_a_generation = rounds
        self.rounds_in_all = passes * rounds * len(self.sizes)
        self.rounds = 0
        self._segments = {
            size: Segment(msgspec.structs.replace(plan, size_bytes=size), clock_step_ns) for size in self.sizes
        }
        self._made: dict[int, tuple[int, list[Verdict]]] = {}
        order = order or random.Random()
        self._generations = [
            size for _ in range(passes) for size in order.sample(self.sizes, len(self.sizes)) for _ in range(rounds)
        ]

    @property
    def is_done(self) -> bool:
        return self.rounds >= self.rounds_in_all

    def next_segment(self) -> Segment:
        """The one that the next round is to be asked for. Not to be asked when it is done."""
        return self._segments[self._generations[self.rounds]]

    def add(self, round_: Round) -> None:
        """Record the round of next_segment()."""
        self.run.add(self.next_segment(), round_)
        self.rounds += 1

    def seconds_left(self, elapsed_s: float) -> float:
        """From what the rounds so far have taken; before there are any, from what is planned."""
        left = self.rounds_in_all - self.rounds
        if self.rounds:
            return left * elapsed_s / self.rounds
        plan, generations = self.plan, self.rounds_in_all * len(self.sizes) / max(1, len(self._generations))
        return left * len(plan.transports) * plan.interval_ns / 1e9 + generations * (_START_S + plan.warmup_ns / 1e9)

    def measured(self) -> list[tuple[int, Segment]]:
        """The sizes that have a round, rising."""
        return [(size, segment) for size, segment in self._segments.items() if segment.rounds]

    def verdicts(self, baseline: int = 1) -> list[tuple[int, Verdict]]:
        """The main figure verdict of every size that has one, conclusive if sure for all of them together."""
        found = [(size, self.verdict(segment, baseline)) for size, segment in self.measured()]
        return [(size, verdict) for size, verdict in found if verdict is not None]

    def verdict(self, segment: Segment, baseline: int = 1) -> Verdict | None:
        """The first lane against another at one size; None with one lane only."""
        name = segment.lanes[baseline].name if baseline < len(segment.lanes) else None
        return next((one for one in self.all_verdicts(segment) if one.baseline == name), None)

    def all_verdicts(self, segment: Segment) -> list[Verdict]:
        """The first lane against every other at one size: the main figure, then what else is known."""
        rounds, made = self._made.get(segment.plan.size_bytes, (0, []))
        if rounds != segment.rounds:  # once a round, however often it is asked for
            made = segment.verdicts_of_generations(
                self.rounds_a_generation, len(self.sizes) * max(1, len(segment.lanes) - 1)
            )
            self._made[segment.plan.size_bytes] = segment.rounds, made
        return made

    def crossovers(self) -> list[Crossover]:
        """Of the first lane with each of the others."""
        return [
            crossover
            for baseline in range(1, len(self.plan.transports))
            for crossover in find_crossovers(self.verdicts(baseline))
        ]
