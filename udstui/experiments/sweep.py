"""A sweep: the same plan over a ladder of sizes, one segment a size, measured in random order in several passes."""

from __future__ import annotations

import random

from msgspec.structs import replace

from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.experiments.schedule import Schedule, passes_within
from udstui.host.facts import Host
from udstui.measured import Round, SocketCalls
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.crossover import Crossover, find_crossovers
from udstui.stats.verdict import Verdict
from udstui.units import describe_size
from udstui.workloads import check_takes_size, smallest_size_bytes

DEFAULT_SIZES = tuple(4**power for power in range(13))  # 1 B to 16 MiB
DEFAULT_PASSES = 5
DEFAULT_ROUNDS = 3
"""In each generation. Five passes make 15 rounds a size, of which a verdict needs ten; and they are
what it is sure by."""
WARMUP_NS = 100 * 10**6
"""Before each generation; there are many."""


class Sweep(Experiment):
    name = "sweep"

    def __init__(
        self,
        plan: Plan,
        sizes: tuple[int, ...] = DEFAULT_SIZES,
        *,
        passes: int = DEFAULT_PASSES,
        duration_ns: int | None = None,
        rounds: int = DEFAULT_ROUNDS,
        host: Host | None = None,
        order: random.Random | None = None,
    ) -> None:
        """`rounds` are those of one generation; each pass measures every size once, in an order of its own.

        With a duration there are as many passes as fit. Raises UsageError where the size changes nothing.
        """
        check_takes_size(plan)
        self.plan = plan
        smallest = smallest_size_bytes(plan.workload, plan.writes)
        self.sizes = tuple(sorted({size for size in sizes if size >= smallest}))
        self.run = Run()
        self.rounds_a_generation = rounds
        self._segments = {size: Segment(replace(plan, size_bytes=size), host) for size in self.sizes}
        self._made: dict[int, tuple[int, list[Verdict]]] = {}
        plans = {size: one.plan for size, one in self._segments.items()}
        self.passes = passes_within(duration_ns, plans, rounds) if duration_ns else passes
        self._schedule = Schedule(plans, self.passes, rounds, order)

    @property
    def is_done(self) -> bool:
        return self._schedule.current is None

    def next(self) -> Plan | None:
        size = self._schedule.current
        return None if size is None else self._segments[size].plan

    def add(self, answer: Round | SocketCalls) -> Segment:
        size = self._schedule.current
        assert isinstance(answer, Round) and size is not None
        self.run.add(self._segments[size], answer)
        self._schedule.add(answer)
        return self._segments[size]

    def progress(self) -> Progress:
        schedule, size = self._schedule, self._schedule.current
        what = "" if size is None else describe_size(size)
        return Progress(schedule.done, schedule.every, what, schedule.seconds_left)

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
