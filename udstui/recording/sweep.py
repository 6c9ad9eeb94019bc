"""A sweep: the same plan over a ladder of sizes, one segment a size, visited in random order in several passes."""

from __future__ import annotations

import random

import msgspec
from msgspec import Struct

from udstui.errors import RecordingError
from udstui.host import Host
from udstui.plan import Plan, Round
from udstui.recording.json_file import LaneRecord, lane_record
from udstui.recording.run import Run, Segment
from udstui.stats.caveats import Caveat
from udstui.stats.crossover import Crossover, find_crossovers
from udstui.stats.verdict import Verdict

SCHEMA = "udstui.sweep/1"
SIGNATURE = '{"schema":"udstui.sweep/'
DEFAULT_SIZES = tuple(4**power for power in range(13))  # 1 B to 16 MiB
DEFAULT_PASSES = 3
DEFAULT_ROUNDS = 5
"""A visit. Three passes make 15 rounds a size, of which a verdict needs ten."""
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
        self.rounds_in_all = passes * rounds * len(self.sizes)
        self.rounds = 0
        self._segments = {
            size: Segment(msgspec.structs.replace(plan, size_bytes=size), clock_step_ns) for size in self.sizes
        }
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
        """The headline verdict of every size that has one."""
        found = [(size, segment.verdict(baseline)) for size, segment in self.measured()]
        return [(size, verdict) for size, verdict in found if verdict is not None]

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
    verdicts: list[Verdict]
    caveats: list[Caveat]


class SweepRecord(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    run_id: str
    started_at: str
    host: Host
    plan: Plan
    """Its size is that of no particular visit."""
    sizes: list[SizeRecord]
    crossovers: list[Crossover]


def to_json(sweep: Sweep, host: Host) -> str:
    """One line, with its line end. Raises RecordingError when nothing was measured."""
    sizes = [
        SizeRecord(
            size_bytes=size,
            lanes=[lane_record(segment.plan, lane, lane.spreads()) for lane in segment.lanes],
            verdict=segment.verdict(),
            verdicts=segment.verdicts(),
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
        plan=sweep.plan,
        sizes=sizes,
        crossovers=sweep.crossovers(),
    )
    return msgspec.json.encode(record).decode() + "\n"
