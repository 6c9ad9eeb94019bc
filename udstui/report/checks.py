"""What a file has to hold to be told: lanes and metrics that this version can name."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.recording.known_plans import check_known
from udstui.stats.metrics import METRICS
from udstui.stats.verdict import Verdict


def check_lanes(path: str, plan: Plan, lanes: Sequence[str], verdicts: Sequence[Verdict]) -> None:
    """Raise RecordingError unless these lanes are those of the plan, and the verdicts are about them."""
    names = plan.lane_names()
    if tuple(lanes) != names or any({one.candidate, one.baseline} - set(names) for one in verdicts):
        raise other_lanes(path)


def other_lanes(path: str) -> RecordingError:
    return RecordingError(f"{path} tells of other lanes than its plan has", "was it edited?")


def known(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those by metrics that this version knows."""
    return [verdict for verdict in verdicts if verdict.metric in METRICS]


def against(verdicts: Sequence[Verdict], baseline: str) -> Verdict | None:
    """The first lane against this one, by what is compared."""
    return next((one for one in known(verdicts) if one.baseline == baseline), None)


def plan_from(fields: dict[str, object], path: str) -> Plan:
    """Raises RecordingError for a plan that this version does not know."""
    try:
        plan = msgspec.convert(fields, Plan)
    except msgspec.ValidationError as error:
        raise RecordingError(f"{path} is not as its schema says: {error}", "was it edited?") from error
    check_known(plan, path)
    return plan
