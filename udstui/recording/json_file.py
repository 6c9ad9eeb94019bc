"""A run as JSON, schema `udstui.run/1`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec
from msgspec import Struct

from udstui.errors import RecordingError
from udstui.host import Host
from udstui.plan import Plan, SocketSettings
from udstui.recording.files import OurFile
from udstui.recording.log import Entry
from udstui.recording.run import LaneTotals, Run, Segment
from udstui.recording.until import Ending
from udstui.stats.caveats import Caveat
from udstui.stats.spread import Spread
from udstui.stats.verdict import Verdict
from udstui.workloads import workload_named

SCHEMA = "udstui.run/1"
SIGNATURE = '{"schema":"udstui.run/'


class LaneRecord(Struct, frozen=True):
    transport: str
    rounds: int
    operations: int
    bytes: int
    op_min_ns: int | None
    op_p50_ns: float | None
    op_p90_ns: float | None
    op_p99_ns: float | None
    op_p99_9_ns: float | None
    op_max_ns: int | None
    op_mean_ns: float | None
    one_way_mean_ns: float | None
    operations_per_s: float | None
    gb_per_s: float | None
    client_cpu_percent: float | None
    server_cpu_percent: float | None
    client_socket: SocketSettings | None
    server_socket: SocketSettings | None
    """As the last round left them."""
    spreads: list[Spread] = []
    """How median, p99 and throughput vary from round to round: what two runs are compared by."""


class SegmentRecord(Struct, frozen=True):
    segment: int
    plan: Plan
    lanes: list[LaneRecord]
    verdict: Verdict | None
    """The first lane against the second, in the workload's headline."""
    verdicts: list[Verdict]
    """The first lane against every other: the headline, median, p99 and throughput, as far as they are known."""
    caveats: list[Caveat]


class RunRecord(Struct, frozen=True, kw_only=True):
    """The last segment stands at the top, where a run without a dashboard has its only one."""

    schema: str = SCHEMA
    run_id: str
    started_at: str
    host: Host
    segment: int
    plan: Plan
    lanes: list[LaneRecord]
    verdict: Verdict | None
    verdicts: list[Verdict]
    caveats: list[Caveat]
    earlier_segments: list[SegmentRecord]
    log: list[Entry]
    """What happened beside the measuring; empty without a dashboard."""
    ending: Ending | None = None
    """Of a run that was to end once it knew enough."""


def to_json(run: Run, host: Host, ending: Ending | None = None) -> str:
    """One line, with its line end. Raises RecordingError when nothing was measured."""
    segments = [_segment_record(number, segment) for number, segment in enumerate(run.segments, start=1)]
    if not segments:
        raise RecordingError("nothing was measured yet", "wait for the first round")
    last = segments[-1]
    record = RunRecord(
        run_id=run.run_id,
        started_at=run.started_at.isoformat(timespec="seconds"),
        host=host,
        segment=last.segment,
        plan=last.plan,
        lanes=last.lanes,
        verdict=last.verdict,
        verdicts=last.verdicts,
        caveats=last.caveats,
        earlier_segments=segments[:-1],
        log=run.log,
        ending=ending,
    )
    return msgspec.json.encode(record).decode() + "\n"


def _segment_record(number: int, segment: Segment) -> SegmentRecord:
    return SegmentRecord(
        segment=number,
        plan=segment.plan,
        lanes=[lane_record(segment.plan, lane, lane.spreads()) for lane in segment.lanes],
        verdict=segment.verdict(),
        verdicts=segment.verdicts(),
        caveats=segment.caveats(),
    )


def lane_record(plan: Plan, lane: LaneTotals, spreads: Sequence[Spread] = ()) -> LaneRecord:
    """The figures of a lane. Its spreads go through all rounds, so only files are given them."""
    p50, p90, p99, p99_9 = lane.histogram.percentiles()
    mean_ns = lane.histogram.mean_ns
    is_round_trip = workload_named(plan.workload).operation == "round trip"
    return LaneRecord(
        transport=lane.name,
        rounds=lane.intervals,
        operations=lane.operations,
        bytes=lane.bytes,
        op_min_ns=lane.histogram.min_ns,
        op_p50_ns=p50,
        op_p90_ns=p90,
        op_p99_ns=p99,
        op_p99_9_ns=p99_9,
        op_max_ns=lane.histogram.max_ns,
        op_mean_ns=mean_ns,
        one_way_mean_ns=mean_ns / 2 if is_round_trip and mean_ns is not None else None,
        operations_per_s=lane.operations_per_s,
        gb_per_s=lane.gb_per_s,
        client_cpu_percent=lane.cpu_percent(lane.client_cpu_ns),
        server_cpu_percent=lane.cpu_percent(lane.server_cpu_ns),
        client_socket=lane.client_socket,
        server_socket=lane.server_socket,
        spreads=list(spreads),
    )


class JsonFile:
    """Opened before anything is measured, written once at the end; a new one that nothing came into is removed."""

    def __init__(self, path: Path, signature: str = SIGNATURE) -> None:
        """Raise RecordingError if the file cannot be written, or holds what udstui did not write."""
        self._is_new = not os.path.lexists(path)
        self._is_written = False
        self._file = OurFile(path, signature)

    def write(self, text: str) -> None:
        self._file.write(text)
        self._is_written = True
        self.close()

    def close(self) -> None:
        """Harmless when it is closed."""
        if self._is_new and not self._is_written:
            with contextlib.suppress(OSError):
                if not self._file.path.stat().st_size:
                    self._file.path.unlink()
            self._is_new = False
        self._file.close()

    def __enter__(self) -> JsonFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
