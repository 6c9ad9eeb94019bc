"""A run as JSON, schema `udstui.run/2`."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import asdict

from udstui.errors import RecordingError
from udstui.experiments.until import Ending
from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.recording.experiments import Format
from udstui.recording.json_file import Record, beginning, in_one_line
from udstui.results.lane_figures import LaneFigures, figures_of_lanes
from udstui.results.log import Entry
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.caveats import Caveat
from udstui.stats.verdict import Verdict

SCHEMA = "udstui.run/2"


class SegmentRecord(Struct, frozen=True):
    segment: int
    plan: Plan
    lanes: list[LaneFigures]
    verdict: Verdict | None
    """The first lane against the second, by the metric that is compared."""
    verdicts: list[Verdict]
    """The first lane against every other: by that metric, then by median, p99 and throughput where they are known."""
    caveats: list[Caveat]


class RunRecord(Record, frozen=True, kw_only=True):
    """The last segment stands at the top, where a run without a dashboard has its only one."""

    schema: str = SCHEMA
    segment: int
    plan: Plan
    lanes: list[LaneFigures]
    verdict: Verdict | None
    verdicts: list[Verdict]
    caveats: list[Caveat]
    earlier_segments: list[SegmentRecord]
    log: list[Entry]
    """What happened beside the measuring; empty without a dashboard."""
    ending: Ending | None = None
    """Of a run that was to end once it knew enough."""


def to_json(run: Run, host: Host) -> str:
    """One line, with its line end. Raises RecordingError when nothing was measured."""
    return in_one_line(record_of(run, host))


def record_of(run: Run, host: Host, ending: Ending | None = None) -> RunRecord:
    """Raises RecordingError when nothing was measured."""
    segments = [segment_record(number, segment) for number, segment in enumerate(run.segments, start=1)]
    if not segments:
        raise RecordingError("nothing was measured yet", "wait for the first round")
    last = segments[-1]
    before = segments[:-1]
    return RunRecord(**beginning(run, host), **asdict(last), earlier_segments=before, log=run.log, ending=ending)


def segment_record(number: int, segment: Segment) -> SegmentRecord:
    """What is written of a segment of this number."""
    return SegmentRecord(
        segment=number,
        plan=segment.plan,
        lanes=figures_of_lanes(segment),
        verdict=segment.verdict(),
        verdicts=segment.verdicts(),
        caveats=segment.caveats(),
    )


def last_segment(run: RunRecord) -> SegmentRecord:
    return SegmentRecord(run.segment, run.plan, run.lanes, run.verdict, run.verdicts, run.caveats)


FORMAT = Format(SCHEMA, RunRecord, lambda race, host: record_of(race.run, host, race.ending()))
