"""A load as JSON, schema `udstui.load/1`."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from udstui.experiments.load import Limit, Load
from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.recording.experiments import Format
from udstui.recording.json_file import Record, beginning
from udstui.results.lane_figures import LaneFigures, figures_of_lanes
from udstui.stats.caveats import Caveat
from udstui.stats.held import Held
from udstui.stats.verdict import Verdict

SCHEMA = "udstui.load/1"


class RateRecord(Struct, frozen=True):
    rate_per_s: int
    lanes: list[LaneFigures]
    verdict: Verdict | None
    """By the median of the times since operations were due."""
    caveats: list[Caveat]
    p99_by_pass: list[list[float]] | None = None
    """For each lane, the ns of each pass in which enough was measured to know it; None in files that tell no passes."""
    p50_by_pass: list[list[float]] | None = None


class HeldRecord(Struct, frozen=True):
    """How much a lane holds."""

    transport: str
    closed_loop_per_s: float | None
    """What the closed loop carried; None where the rates were given."""
    held: Held | None
    """The most that it answers, whatever is offered."""
    held_at_limit: Held | None
    """The highest rate at which it kept to the limit; None without a limit, or where it never did."""


class LoadRecord(Record, frozen=True, kw_only=True):
    schema: str = SCHEMA
    plan: dict[str, Any]
    """As of a run; its rate is null, for it is that of no one of them."""
    planned_rates_per_s: list[int]
    passes: int
    """How often every rate was to be measured."""
    rounds: int
    """Of each rate in a pass."""
    limit: Limit | None
    is_complete: bool
    """False when it was stopped before."""
    lanes: list[HeldRecord]
    rates: list[RateRecord]

    @property
    def closed_plan(self) -> Plan:
        """That of the closed loop. Raises msgspec.ValidationError where a file has none."""
        return msgspec.convert(self.plan | {"rate_per_s": 0}, Plan)


def record_of(load: Load, host: Host) -> LoadRecord:
    return LoadRecord(
        **beginning(load.run, host),
        plan=msgspec.to_builtins(load.plan) | {"rate_per_s": None},
        planned_rates_per_s=list(load.rates_per_s),
        passes=load.passes,
        rounds=load.rounds_a_generation,
        limit=load.limit,
        is_complete=load.is_done,
        lanes=[
            HeldRecord(
                transport=lane.name,
                closed_loop_per_s=lane.operations_per_s,
                held=load.held(index),
                held_at_limit=load.held(index, load.limit) if load.limit else None,
            )
            for index, lane in enumerate(load.closed.lanes)
        ],
        rates=[
            RateRecord(
                rate,
                figures_of_lanes(segment),
                segment.verdict(),
                segment.caveats(),
                *([load.by_pass(one, rate, lane) for lane in range(len(segment.lanes))] for one in ("p99", "p50")),
            )
            for rate, segment in load.measured()
        ],
    )


FORMAT = Format(SCHEMA, LoadRecord, record_of, ("-load.csv", "-load.json"))
