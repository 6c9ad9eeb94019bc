"""A sweep as JSON, schema `udstui.sweep/1`."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from udstui.experiments.sweep import Sweep
from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.recording.experiments import Format
from udstui.recording.json_file import Record, beginning
from udstui.results.lane_figures import LaneFigures, figures_of_lanes
from udstui.stats.caveats import Caveat
from udstui.stats.crossover import Crossover, sure_winner
from udstui.stats.verdict import Verdict

SCHEMA = "udstui.sweep/1"


class SizeRecord(Struct, frozen=True):
    size_bytes: int
    lanes: list[LaneFigures]
    verdict: Verdict | None
    """Conclusive if it is sure for all sizes together: its interval decides that, and is null where it is too early."""
    sure_winner: str | None
    """The lane that is better; None while that is not sure."""
    verdicts: list[Verdict]
    caveats: list[Caveat]


class SweepRecord(Record, frozen=True, kw_only=True):
    schema: str = SCHEMA
    plan: dict[str, Any]
    """As of a run; its size is null, for it is that of no one of them."""
    planned_sizes_bytes: list[int]
    passes: int
    """How often every size was to be measured."""
    rounds: int
    """Of each size in a pass."""
    is_complete: bool
    """False when it was stopped before."""
    sizes: list[SizeRecord]
    crossovers: list[Crossover]

    @property
    def first_plan(self) -> Plan:
        """That of the smallest size. Raises msgspec.ValidationError where a file has none."""
        return msgspec.convert(self.plan | {"size_bytes": self.sizes[0].size_bytes}, Plan)


def record_of(sweep: Sweep, host: Host) -> SweepRecord:
    sizes = [
        SizeRecord(
            size_bytes=size,
            lanes=figures_of_lanes(segment),
            verdict=sweep.verdict(segment),
            sure_winner=sure_winner(verdict) if (verdict := sweep.verdict(segment)) else None,
            verdicts=sweep.all_verdicts(segment),
            caveats=segment.caveats(),
        )
        for size, segment in sweep.measured()
    ]
    return SweepRecord(
        **beginning(sweep.run, host),
        plan=msgspec.to_builtins(sweep.plan) | {"size_bytes": None},
        planned_sizes_bytes=list(sweep.sizes),
        passes=sweep.passes,
        rounds=sweep.rounds_a_generation,
        is_complete=sweep.is_done,
        sizes=sizes,
        crossovers=sweep.crossovers(),
    )


FORMAT = Format(SCHEMA, SweepRecord, record_of, ("-sweep.csv", "-sweep.json"))
