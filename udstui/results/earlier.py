"""What earlier runs found, in a few figures each: kept from run to run, they tell where the next run will come out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct, structs

from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.stats.across_runs import RunCentre, expected_next
from udstui.stats.sequence import ENOUGH_GENERATIONS
from udstui.stats.verdict import OnThisMachine, Positive, Verdict, bounded_exp

MOST_RUNS = 50
"""Of one plan that count, the newest: what a machine was like a hundred runs ago tells little of the next."""
Error = Annotated[float, Meta(ge=0)]


class Here(Struct, frozen=True):
    """What has to be the same for runs to be of this machine: the machine, and all that measures on it."""

    name: str
    """Of the machine, in its network."""
    udstui: str
    """Its version."""
    host: Host


class FoundRatio(Struct, frozen=True):
    """A verdict in short."""

    candidate: str
    baseline: str
    metric: str
    ratio: Positive
    ci_low: Positive
    ci_high: Positive
    error: Error
    """Standard error of the logarithm of the ratio."""
    generations: Error
    rounds: int

    @property
    def centre(self) -> RunCentre:
        return _centre(self.ratio, self.error, self.generations)


class FoundFigure(Struct, frozen=True):
    """What a run found of one figure of a lane."""

    lane: str
    metric: str
    middle: Positive
    error: Error
    """Standard error of the logarithm of the middle."""
    generations: Error

    @property
    def centre(self) -> RunCentre:
        return _centre(self.middle, self.error, self.generations)


class FoundRun(Struct, frozen=True, kw_only=True):
    """One plan of a run."""

    schema: str = "udstui.history/1"
    run_id: str
    at: str
    """When it had been measured: wall clock, ISO 8601."""
    here: Here
    plan: Plan
    ratios: list[FoundRatio]
    """Those of its verdicts that have an interval; the first one is of the metric that is compared."""
    figures: list[FoundFigure] = []
    """Of every lane, as far as they are known: what runs are compared by."""


class Earlier:
    """The earlier runs of one plan.

    A run counts once for two lanes, with the longest of its segments (of most generations, and of equal ones the
    last): a dashboard that went on with more lanes, or with other intervals, has left a line for each of these plans.
    """

    def __init__(self, runs: Iterable[FoundRun] = ()) -> None:
        """From the oldest to the newest."""
        self._ratios: dict[tuple[str, str, str], dict[str, RunCentre]] = defaultdict(dict)
        self._figures: dict[tuple[str, str], dict[str, RunCentre]] = defaultdict(dict)
        """By run."""
        run_ids: set[str] = set()
        for run in runs:
            run_ids.add(run.run_id)
            for one in run.ratios:
                _keep_the_longer(self._ratios[one.candidate, one.baseline, one.metric], run.run_id, one.centre)
            for figure in run.figures:
                _keep_the_longer(self._figures[figure.lane, figure.metric], run.run_id, figure.centre)
        self.runs = len(run_ids)

    def ratios(self, key: tuple[str, str, str]) -> list[RunCentre]:
        """Those of these lanes, candidate and baseline, by this metric."""
        return [*self._ratios.get(key, {}).values()][-MOST_RUNS:]

    def figures(self, lane: str, metric: str) -> list[RunCentre]:
        return [*self._figures.get((lane, metric), {}).values()][-MOST_RUNS:]

    def told(self, verdict: Verdict) -> Verdict:
        """The verdict of one more run, with what all of them say; as it is where they are too few."""
        runs = self.ratios((verdict.candidate, verdict.baseline, verdict.metric))
        if not runs or verdict.ratio is None or verdict.error is None:
            return verdict
        this = _centre(verdict.ratio, verdict.error, verdict.generations)
        return structs.replace(verdict, on_this_machine=on_this_machine([*runs, this]))


def _keep_the_longer(by_run: dict[str, RunCentre], run_id: str, found: RunCentre) -> None:
    by_run[run_id] = max(found, by_run.get(run_id, found), key=lambda centre: centre.generations)


def _centre(ratio: float, error: float, generations: float) -> RunCentre:
    """An error that was raised because there were too few generations says nothing of how the run scatters."""
    return RunCentre(
        math.log(ratio), error if generations >= ENOUGH_GENERATIONS else 0.0, generations, max(1.0, generations - 1)
    )


def on_this_machine(runs: list[RunCentre]) -> OnThisMachine | None:
    """What runs of one plan say of the next; None of too few."""
    found = expected_next(runs)
    if found is None:
        return None
    ratio, low, high = (float(f"{bounded_exp(one):.7g}") for one in (found.centre, found.low, found.high))
    return OnThisMachine(ratio, low, high, found.runs)
