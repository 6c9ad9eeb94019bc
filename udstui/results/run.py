"""The run: everything from start to quit, by segments, in memory that hardly grows.

Every round ends up in three places: as rows in the CSV file (recording.csv_file), merged into the histograms of
its segment, and as one number per lane that the verdict is made from.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import structs

from udstui.measured import Interval, Round
from udstui.plain import plain
from udstui.results.doubts import Surroundings
from udstui.results.log import MOST_ENTRIES, Entry
from udstui.results.segment import Segment


class Run:
    """Owns the segments and the clock: everything is told in seconds from the first interval on."""

    def __init__(self) -> None:
        self.run_id = f"r-{uuid.uuid4().hex[:12]}"
        """No program that reads a file takes it for a number."""
        self.started_at = datetime.now(UTC)
        self.started_ns: int | None = None
        self.segments: list[Segment] = []
        """Those that have a round."""
        self.log: list[Entry] = []
        self.busiest: Callable[[], Sequence[str]] = tuple
        """Who else is busy, for the caveats; nobody where that is not looked for."""
        self._began_at: datetime | None = None
        """Wall clock at the start of the first interval; None where rounds come from a file."""

    def add(self, segment: Segment, round_: Round) -> None:
        """Record a round in the segment that it was measured for."""
        if self.started_ns is None:
            self.started_ns = min(interval.started_ns for interval in round_.intervals)
            ended_ns = max(interval.started_ns + interval.elapsed_ns for interval in round_.intervals)
            self._began_at = datetime.now(UTC) - timedelta(microseconds=(ended_ns - self.started_ns) / 1e3)
        if segment.number is None:
            segment.surroundings = Surroundings(self.started_ns, self._began_at, self.busiest)
            self.segments.append(segment)
            segment.number = len(self.segments)
        segment.add(round_)

    def note(self, entry: Entry) -> None:
        """Add to the log; of very many entries the oldest are given up."""
        self.log.append(structs.replace(entry, text=plain(entry.text)))
        del self.log[:-MOST_ENTRIES]

    def put_log_back(self, seconds: float) -> None:
        """The first interval began so long after the time from which the log was counted until then."""
        self.log = [structs.replace(entry, time_s=round(entry.time_s - seconds, 3)) for entry in self.log]

    def seconds(self, interval: Interval) -> float:
        """When an interval began, from the first one on."""
        return 0.0 if self.started_ns is None else (interval.started_ns - self.started_ns) / 1e9
