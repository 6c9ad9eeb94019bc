"""What is measured in generations: which is next, and how long the rest will take."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import accumulate
from typing import Generic, TypeVar

from udstui.measured import Round, SocketCalls
from udstui.plan import Plan

START_S = 0.4
"""What it takes to start the servers of a generation, as a first guess."""
FEWEST_PASSES = 3
"""Of fewer nothing is sure: the rounds of one generation share its luck."""
MOST_PASSES = 1000
T = TypeVar("T")


def passes_within(duration_ns: int, plans: Mapping[T, Plan], rounds: int) -> int:
    """As many passes as fit, one at least; `rounds` are those of one generation."""
    return max(1, min(MOST_PASSES, int(duration_ns / 1e9 / Schedule(plans, 1, rounds).seconds_left)))


class Schedule(Generic[T]):
    """Several passes over the same things, each in a random order of its own; each time a few rounds of one thing."""

    def __init__(self, plans: Mapping[T, Plan], passes: int, rounds: int, order: random.Random | None = None) -> None:
        """`rounds` are those of one generation; the plan of each thing tells how long they and their warm-up take."""
        order = order or random.Random()
        things = list(plans)
        self._generations = [thing for _ in range(passes) for thing in order.sample(things, len(things))]
        self._rounds = rounds
        self._start_s = {thing: START_S + plan.warmup_ns / 1e9 for thing, plan in plans.items()}
        self._round_s = {thing: len(plan.transports) * plan.interval_ns / 1e9 for thing, plan in plans.items()}
        every_s = (self._start_s[thing] + rounds * self._round_s[thing] for thing in self._generations)
        self._before_s = list(accumulate(every_s, initial=0.0))
        """Planned seconds before each generation, and of all of them."""
        self.done = 0
        """Rounds."""
        self._first_ended_ns: int | None = None
        self._last_ended_ns = 0
        self._planned_s = 0.0
        """Between these two, as it was planned."""

    @property
    def every(self) -> int:
        """All rounds."""
        return len(self._generations) * self._rounds

    @property
    def current(self) -> T | None:
        """What the next round is one of; None when all are done."""
        return None if self.done >= self.every else self._generations[self.done // self._rounds]

    def add(self, answer: Round | SocketCalls, rounds: int = 1) -> None:
        """Count so many rounds. An answer without a clock takes its time until the next one that has one."""
        if self._first_ended_ns is not None:
            self._planned_s += self._planned_until(self.done + rounds) - self._planned_until(self.done)
        if isinstance(answer, Round):
            self._last_ended_ns = max(interval.started_ns + interval.elapsed_ns for interval in answer.intervals)
            self._first_ended_ns = self._first_ended_ns or self._last_ended_ns
        self.done += rounds

    @property
    def seconds_left(self) -> float:
        """As planned, times how much longer than planned it took since the first round ended."""
        left_s = self._before_s[-1] - self._planned_until(self.done)
        if self._first_ended_ns is None or not self._planned_s:
            return left_s
        return left_s * (self._last_ended_ns - self._first_ended_ns) / 1e9 / self._planned_s

    def _planned_until(self, rounds: int) -> float:
        """Seconds for so many rounds, and for the generations that begin with one of them."""
        generation, more = divmod(rounds, self._rounds)
        if not more:
            return self._before_s[generation]
        thing = self._generations[generation]
        return self._before_s[generation] + self._start_s[thing] + more * self._round_s[thing]
