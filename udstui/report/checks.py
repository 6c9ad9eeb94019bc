"""What a file has to hold to be told: lanes and metrics that this version can name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from udstui.errors import RecordingError
from udstui.plan import Plan
from udstui.recording.known_plans import check_known
from udstui.stats.verdict import Verdict


def check_lanes(path: str, plan: Plan, lanes: Sequence[str], verdicts: Sequence[Verdict]) -> None:
    """Raise RecordingError unless these lanes are those of the plan, and the verdicts are about them."""
    names = plan.lane_names()
    if tuple(lanes) != names or any({one.candidate, one.baseline} - set(names) for one in verdicts):
        raise other_lanes(path)


def other_lanes(path: str) -> RecordingError:
    return RecordingError(f"{path} tells of other lanes than its plan has", "was it edited?")


def checked_plan(make: Callable[[], Plan], path: str) -> Plan:
    """What is made. Raises RecordingError for a plan that this version does not know."""
    try:
        plan = make()
    except msgspec.ValidationError as error:
        raise RecordingError(f"{path} is not as its schema says: {error}", "was it edited?") from error
    check_known(plan, path)
    return plan
