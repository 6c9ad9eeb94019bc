"""A run as CSV: RFC 4180, UTF-8, one header line, one row for every interval, on disk as soon as it is measured."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import TracebackType

from udstui.errors import RecordingError
from udstui.plan import Interval, Round
from udstui.recording.files import OurFile
from udstui.results.run import Run
from udstui.results.segment import Segment

COLUMNS = (
    "run_id", "segment", "round", "order", "time_s", "transport", "workload", "size_bytes", "server", "cores",
    "wait", "connections", "operations", "bytes", "elapsed_ns", "op_min_ns", "op_p50_ns", "op_p90_ns", "op_p99_ns",
    "op_p99_9_ns", "op_max_ns", "op_mean_ns", "operations_per_s", "gb_per_s", "client_cpu_ns", "server_cpu_ns",
    "voluntary_switches", "involuntary_switches", "steal_percent",
)  # fmt: skip


def header() -> str:
    return _line(COLUMNS)


def rows(run: Run, segment: Segment, round_: Round) -> str:
    """The rows of the round that was recorded last, in the order in which its lanes had their turns."""
    in_turn = sorted(round_.intervals, key=lambda interval: interval.order)
    return "".join(_line(_cells(run, segment, interval)) for interval in in_turn)


def _cells(run: Run, segment: Segment, interval: Interval) -> tuple[object, ...]:
    plan, durations = segment.plan, interval.durations
    server = None if plan.lanes()[interval.lane].is_target else plan.server
    return (
        run.run_id, segment.number, segment.rounds, interval.order, f"{run.seconds(interval):.6f}",
        segment.lanes[interval.lane].name, plan.workload, plan.size_bytes, server, plan.cores, plan.wait,
        plan.connections, interval.operations, interval.bytes, interval.elapsed_ns, durations.min_ns,
        _whole(durations.p50_ns),
        _whole(durations.p90_ns), _whole(durations.p99_ns), _whole(durations.p99_9_ns), durations.max_ns,
        f"{durations.mean_ns:.1f}", f"{interval.operations_per_s:.1f}", f"{interval.gb_per_s:.6g}",
        interval.client_cpu_ns, interval.server_cpu_ns, interval.voluntary_switches, interval.involuntary_switches,
        None if interval.steal_percent is None else f"{interval.steal_percent:.2f}",
    )  # fmt: skip


def _whole(nanoseconds: float | None) -> int | None:
    return None if nanoseconds is None else round(nanoseconds)


def _line(cells: tuple[object, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # None becomes an empty cell
    return text.getvalue()


class CsvFile:
    """Opened before anything is measured, so that a bad path fails at once; a killed run keeps its rows.

    An older run that is in the file stays until the first rows replace it.
    """

    def __init__(self, path: Path) -> None:
        """Raise RecordingError if the file cannot be written, or holds what udstui did not write."""
        self._file = OurFile(path, header())
        if not self._file.holds_older:
            try:
                self._file.write(header())
            except RecordingError:
                self.close()
                raise

    def add(self, run: Run, segment: Segment, round_: Round) -> None:
        """Raise RecordingError when the rows cannot be written."""
        text = rows(run, segment, round_)
        self._file.write(header() + text if self._file.holds_older else text)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
