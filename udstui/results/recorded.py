"""What recorded runs are compared by, whichever kind of file they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from udstui.host.facts import Host
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.settings import SETTINGS
from udstui.stats.caveats import Caveat
from udstui.stats.metrics import METRICS
from udstui.stats.spread import Spread, merge_spreads
from udstui.stats.verdict import Verdict

RATIO = "ratio"
"""The metric of a spread that is one of ratios."""
COMPARED_SETTINGS = tuple(setting.name for setting in SETTINGS if not setting.may_differ)
"""In which two segments have to be alike to be compared."""


class RecordedLane(Struct, frozen=True):
    name: str
    spreads: dict[str, Spread]
    """By metric; what is not known in every round is left out."""
    client_socket: SocketSettings | None = None
    server_socket: SocketSettings | None = None
    """None, both of them, from a CSV file, which does not tell, and the latter where the server is not ours."""


class RecordedRatio(Struct, frozen=True):
    """How many times better the first lane is than another, paired by round: what slows both down drops out of it."""

    candidate: str
    baseline: str
    metric: str
    """What it is the ratio of."""
    spread: Spread


class RecordedPlan(Struct, frozen=True):
    """The rounds of one segment, or of several of the same settings."""

    plan: Plan
    lanes: list[RecordedLane]
    ratios: list[RecordedRatio]
    caveats: list[Caveat]
    untold: frozenset[str] = frozenset()
    """Settings that the file does not tell; the plan has the usual ones."""
    segments: int = 1


class Recorded(Struct, frozen=True):
    path: str
    host: Host | None
    """None from a CSV file, which does not tell."""
    run_id: str
    plans: list[RecordedPlan]
    """At least one, each of other settings; that of the last segment of the run is the last."""


def settings_of(plan: Plan) -> tuple[object, ...]:
    """What has to be the same for two segments to be compared."""
    return tuple(getattr(plan, name) for name in COMPARED_SETTINGS)


def of_segment(segment: Segment, untold: frozenset[str] = frozenset()) -> RecordedPlan:
    """A segment as it is compared."""
    lanes = [
        recorded_lane(lane.name, segment.spreads(index), lane.client_socket, lane.server_socket)
        for index, lane in enumerate(segment.lanes)
    ]
    return RecordedPlan(segment.plan, lanes, ratios_of(segment.verdicts()), segment.caveats(), untold)


def recorded_lane(name: str, spreads: Iterable[Spread], *sockets: SocketSettings | None) -> RecordedLane:
    """A lane by the spreads of its metrics, without those that this version does not know."""
    return RecordedLane(name, {one.metric: one for one in spreads if one.metric in METRICS}, *sockets)


def ratios_of(verdicts: Sequence[Verdict]) -> list[RecordedRatio]:
    """The ratios of the first lane to each of the others, where they have an interval; the first verdict counts."""
    first_of_each = {verdict.baseline: verdict for verdict in reversed(verdicts)}
    return [
        RecordedRatio(
            verdict.candidate,
            verdict.baseline,
            verdict.metric,
            Spread(
                RATIO,
                verdict.rounds,
                verdict.ratio,
                verdict.ci_low,
                verdict.ci_high,
                verdict.error,
                verdict.generations,
            ),
        )
        for verdict in first_of_each.values()
        if verdict.ratio and verdict.ci_low and verdict.ci_high
    ]


def merged(plans: Iterable[RecordedPlan]) -> list[RecordedPlan]:
    """Those of the same settings taken together, in the order of the last of each."""
    by_settings: dict[tuple[object, ...], list[RecordedPlan]] = {}
    for one in plans:
        key = settings_of(one.plan)
        by_settings[key] = [*by_settings.pop(key, []), one]
    return [_merge(same) if len(same) > 1 else same[0] for same in by_settings.values()]


def _merge(plans: Sequence[RecordedPlan]) -> RecordedPlan:
    lanes: dict[str, list[RecordedLane]] = {}
    ratios: dict[tuple[str, str, str], list[RecordedRatio]] = {}
    for one in plans:
        for lane in one.lanes:
            lanes.setdefault(lane.name, []).append(lane)
        for ratio in one.ratios:
            ratios.setdefault((ratio.candidate, ratio.baseline, ratio.metric), []).append(ratio)
    return RecordedPlan(
        plan=plans[-1].plan,
        lanes=[
            RecordedLane(
                name, _merge_metrics([lane.spreads for lane in same]), same[-1].client_socket, same[-1].server_socket
            )
            for name, same in lanes.items()
        ],
        ratios=[
            RecordedRatio(*names, merge_spreads([ratio.spread for ratio in same])) for names, same in ratios.items()
        ],
        caveats=list({caveat.code: caveat for one in plans for caveat in one.caveats}.values()),
        untold=frozenset().union(*(one.untold for one in plans)),
        segments=sum(one.segments for one in plans),
    )


def _merge_metrics(spreads: Sequence[dict[str, Spread]]) -> dict[str, Spread]:
    """Of the metrics that all have: those that lack one would differ from those that have it.

    A segment of one round has no spread at all, and nothing to add.
    """
    known = [each for each in spreads if each]
    return {
        metric: merge_spreads([each[metric] for each in known])
        for metric in METRICS
        if known and all(metric in each for each in known)
    }
