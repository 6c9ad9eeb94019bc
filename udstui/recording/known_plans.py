"""Whether this version knows what a recorded plan names."""

from __future__ import annotations

from udstui.errors import RecordingError, UsageError
from udstui.plan import Plan
from udstui.settings.of_plan import check_settings


def check_known(plan: Plan, where: str) -> None:
    """Raise RecordingError, which says `where` it stands, for a plan with a name or a figure that no plan may have."""
    try:
        check_settings(plan)
    except UsageError as error:
        raise RecordingError(f"{where}: {error.what}", "use a newer udstui") from error
