"""An anatomy as JSON, schema `udstui.anatomy/2`."""

from __future__ import annotations

from udstui.experiments.anatomy import Anatomy, LaneAnatomy
from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.recording.experiments import Format
from udstui.recording.json_file import Record, beginning
from udstui.stats.caveats import Caveat

SCHEMA = "udstui.anatomy/2"


class AnatomyRecord(Record, frozen=True, kw_only=True):
    schema: str = SCHEMA
    run_id: str = ""
    started_at: str = ""
    """Empty in the files of versions that did not tell them."""
    plan: Plan
    lanes: list[LaneAnatomy]
    left_out: dict[str, str]
    caveats: dict[str, list[Caveat]]
    """By step."""


def record_of(anatomy: Anatomy, host: Host) -> AnatomyRecord:
    return AnatomyRecord(
        **beginning(anatomy.run, host),
        plan=anatomy.plan,
        lanes=anatomy.lanes(),
        left_out=anatomy.left_out,
        caveats=anatomy.caveats(),
    )


FORMAT = Format(SCHEMA, AnatomyRecord, record_of, ("-anatomy.json",))
