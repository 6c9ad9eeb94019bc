"""A sweep: the same plan over a ladder of sizes, one segment a size, visited in random order in several passes."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from msgspec import Struct

from udstui.errors import RecordingError
from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.recording.json_file import LaneRecord, lane_record
from udstui.recording.run import Run, Segment
from udstui.stats.caveats import Caveat
from udstui.stats.crossover import Crossover, find_crossovers, sure_winner
from udstui.stats.verdict import Verdict

SCHEMA = "udstui.sweep/1"
SIGNATURE = '{"schema":"udstui.sweep/'
DEFAULT_SIZES = tuple(4**power for power in range(13))  # 1 B to 16 MiB
DEFAULT_PASSES = 5
DEFAULT_ROUNDS = 3
"""A visit. Five passes make 15 rounds a size, of which a verdict needs ten; and the visits are what it is sure by."""
WARMUP_NS = 100 * 10**6
"""Before each visit; there are many."""
_START_S = 0.4
"""What it takes to start the servers of a visit, as a first guess of the time left."""


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
        """`rounds` are those of one visit to a size; each pass visits every size once, in an order of its own."""
        self.plan = plan
        self.sizes = tuple(sorted(set(sizes)))
        self.run = Run()
        self.passes = passes
        self.rounds_a_visit = rounds
        self.rounds_in_all = passes * rounds * len(self.sizes)
        self.rounds = 0
        self._segments = {
            size: Segment(msgspec.structs.replace(plan, size_bytes=size), clock_step_ns) for size in self.sizes
        }
        self._made: dict[int, tuple[int, list[Verdict]]] = {}
        order = order or random.Random()
        self._visits = [
            size for _ in range(passes) for size in order.sample(self.sizes, len(self.sizes)) for _ in range(rounds)
        ]

    @property
    def is_done(self) -> bool:
        return self.rounds >= self.rounds_in_all

    def next_segment(self) -> Segment:
        """The one that the next round is to be asked for. Not to be asked when it is done."""
        return self._segments[self._visits[self.rounds]]

    def add(self, round_: Round) -> None:
        """Record the round of next_segment()."""
        self.run.add(self.next_segment(), round_)
        self.rounds += 1

    def seconds_left(self, elapsed_s: float) -> float:
        """From what the rounds so far have taken; before there are any, from what is planned."""
        left = self.rounds_in_all - self.rounds
        if self.rounds:
            return left * elapsed_s / self.rounds
        plan, visits = self.plan, self.rounds_in_all * len(self.sizes) / max(1, len(self._visits))
        return left * len(plan.transports) * plan.interval_ns / 1e9 + visits * (_START_S + plan.warmup_ns / 1e9)

    def measured(self) -> list[tuple[int, Segment]]:
        """The sizes that have a round, rising."""
        return [(size, segment) for size, segment in self._segments.items() if segment.rounds]

    def verdicts(self, baseline: int = 1) -> list[tuple[int, Verdict]]:
        """The headline verdict of every size that has one, conclusive if sure for all of them together."""
        found = [(size, self.verdict(segment, baseline)) for size, segment in self.measured()]
        return [(size, verdict) for size, verdict in found if verdict is not None]

    def verdict(self, segment: Segment, baseline: int = 1) -> Verdict | None:
        """The first lane against another at one size; None with one lane only."""
        name = segment.lanes[baseline].name if baseline < len(segment.lanes) else None
        return next((one for one in self.all_verdicts(segment) if one.baseline == name), None)

    def all_verdicts(self, segment: Segment) -> list[Verdict]:
        """The first lane against every other at one size: the headline, then what else is known."""
        rounds, made = self._made.get(segment.plan.size_bytes, (0, []))
        if rounds != segment.rounds:  # once a round, however often it is asked for
            made = segment.verdicts_of_visits(self.rounds_a_visit, len(self.sizes) * max(1, len(segment.lanes) - 1))
            self._made[segment.plan.size_bytes] = segment.rounds, made
        return made

    def crossovers(self) -> list[Crossover]:
        """Of the first lane with each of the others."""
        return [
            crossover
            for baseline in range(1, len(self.plan.transports))
            for crossover in find_crossovers(self.verdicts(baseline))
        ]


class SizeRecord(Struct, frozen=True):
    size_bytes: int
    lanes: list[LaneRecord]
    verdict: Verdict | None
    """Conclusive if it is sure for all sizes together; its interval is that of 95 % for this one."""
    sure_winner: str | None
    """The lane that is better; None while that is not sure."""
    verdicts: list[Verdict]
    caveats: list[Caveat]


class SweepRecord(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    run_id: str
    started_at: str
    host: Host
    plan: dict[str, Any]
    """As of a run; its size is null, for it is that of no particular visit."""
    planned_sizes_bytes: list[int]
    passes: int
    """How often every size was to be visited."""
    rounds: int
    """At each visit."""
    is_complete: bool
    """False when it was stopped before."""
    sizes: list[SizeRecord]
    crossovers: list[Crossover]


def to_json(sweep: Sweep, host: Host) -> str:
    """One line, with its line end. Raises RecordingError when nothing was measured."""
    sizes = [
        SizeRecord(
            size_bytes=size,
            lanes=[lane_record(segment.plan, lane, lane.spreads()) for lane in segment.lanes],
            verdict=sweep.verdict(segment),
            sure_winner=sure_winner(verdict) if (verdict := sweep.verdict(segment)) else None,
            verdicts=sweep.all_verdicts(segment),
            caveats=segment.caveats(),
        )
        for size, segment in sweep.measured()
    ]
    if not sizes:
        raise RecordingError("nothing was measured yet", "wait for the first round")
    record = SweepRecord(
        run_id=sweep.run.run_id,
        started_at=sweep.run.started_at.isoformat(timespec="seconds"),
        host=host,
        plan=msgspec.to_builtins(sweep.plan) | {"size_bytes": None},
        planned_sizes_bytes=list(sweep.sizes),
        passes=sweep.passes,
        rounds=sweep.rounds_a_visit,
        is_complete=sweep.is_done,
        sizes=sizes,
        crossovers=sweep.crossovers(),
    )
    return msgspec.json.encode(record).decode() + "\n"
