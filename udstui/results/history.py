"""What a run found, for the history; and which runs of the history are of this machine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from msgspec import structs

from udstui.plan import Plan
from udstui.results.earlier import Earlier, FoundFigure, FoundRatio, FoundRun, Here
from udstui.results.recorded import settings_of
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.verdict import Verdict


class KnownRuns:
    """All runs that have left a line."""

    def __init__(self, runs: Sequence[FoundRun] = ()) -> None:
        self._runs = runs

    def beside(self, run_ids: Collection[str], plan: Plan) -> Earlier:
        """Other runs of this plan on the machine of these runs; none where not all that are known are of one."""
        places = [run.here for run in self._runs if run.run_id in run_ids]
        if not places or not all(is_same(one, places[0]) for one in places):
            return Earlier()
        wanted = settings_of(kept(plan))
        return Earlier(
            run
            for run in self._runs
            if run.run_id not in run_ids and is_same(run.here, places[0]) and settings_of(run.plan) == wanted
        )


class Before:
    """The runs of before, of all plans."""

    def __init__(self, runs: Sequence[FoundRun] = (), here: Here | None = None) -> None:
        """`here` is where it is measured now; without it no run is of this machine."""
        self._here = here
        self._runs = [run for run in runs if here is not None and is_same(run.here, here)]

    def add(self, run: Run) -> None:
        """One more, measured here."""
        if self._here is not None:
            self._runs += found_of(run, self._here)

    def of(self, plan: Plan) -> Earlier:
        wanted = settings_of(kept(plan))
        return Earlier(run for run in self._runs if settings_of(run.plan) == wanted)


def kept(plan: Plan) -> Plan:
    """The plan as it is remembered: with a digest in the place of what may hold a password, and of long requests.

    Of a path that is what is behind its `?`, of SQL a text that has a literal string.
    """
    path, _, asked = plan.path.partition("?")
    return structs.replace(
        plan,
        header=_digest(plan.header),
        request=_digest(plan.request),
        key=_digest(plan.key),
        path=f"{path}?{_digest(asked)}" if asked else plan.path,
        query=_digest(plan.query) if {*"'$"} & {*plan.query} else plan.query,
    )


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()[:16]}" if text else ""


def is_same(one: Here, other: Here) -> bool:
    """Whether two runs were measured on one machine, with one udstui, and nothing that counts was set otherwise."""
    hosts = [structs.replace(each.host, clock_cost_ns=None, clock_step_ns=None, load_1m=None) for each in (one, other)]
    return hosts[0] == hosts[1] and (one.name, one.udstui) == (other.name, other.udstui)


def found_of(run: Run, here: Here) -> list[FoundRun]:
    """What a run found of each of its plans, of the last segment of each; nothing of plans without an interval."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    by_plan: dict[Plan, FoundRun] = {}
    for segment in run.segments:
        ratios = [one for one in map(_short, segment.verdicts()) if one]
        if ratios:
            by_plan[segment.plan] = FoundRun(
                run_id=run.run_id, at=at, here=here, plan=kept(segment.plan), ratios=ratios, figures=_figures(segment)
            )
    return list(by_plan.values())


def _figures(segment: Segment) -> list[FoundFigure]:
    return [
        FoundFigure(lane.name, one.metric, one.middle, one.error, one.generations)
        for index, lane in enumerate(segment.lanes)
        for one in segment.spreads(index)
        if one.error is not None
    ]


def _short(verdict: Verdict) -> FoundRatio | None:
    """None of a verdict without an interval."""
    if not verdict.ratio or not verdict.ci_low or not verdict.ci_high or verdict.error is None:
        return None
    return FoundRatio(
        verdict.candidate, verdict.baseline, verdict.metric, verdict.ratio, verdict.ci_low, verdict.ci_high,
        verdict.error, verdict.generations, verdict.rounds,
    )  # fmt: skip
