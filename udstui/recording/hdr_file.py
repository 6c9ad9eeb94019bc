"""Histograms of every interval as an HdrHistogram log (Gil Tene; V2 histograms, log format 1.3), for other viewers."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

from udstui.errors import UsageError
from udstui.measured import Durations, Round
from udstui.recording.files import OurFile
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.stats.summary import BITS

SIGNATURE = "#[Histogram log format version 1.3]\n"
_LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n'
_LARGEST_NS = 2**44
_DIGITS = 2
"""As many as our own buckets have, which are narrower than 0.8 %."""


class HdrFile:
    """A line a lane and interval, tagged with the lane, times in ns and their maximum in ms. A killed run keeps its
    lines."""

    def __init__(self, path: Path) -> None:
        """Raise UsageError without hdrhistogram, RecordingError if the file cannot be written or is not ours."""
        self._hdr = _module()
        self._file = OurFile(path, SIGNATURE)
        self._is_begun = False

    def add(self, run: Run, segment: Segment, number: int, round_: Round) -> None:
        """Raise RecordingError when the lines cannot be written."""
        names = segment.plan.lane_names()
        lines = [] if self._is_begun else [self._head(run)]
        self._is_begun = True
        for interval in sorted(round_.intervals, key=lambda one: one.order):
            started_s, length_s = run.seconds(interval), interval.elapsed_ns / 1e9
            maximum_ms = interval.durations.max_ns / 1e6
            encoded = self._encoded(interval.durations)
            lines.append(
                f"Tag={tag_of(names[interval.lane])},{started_s:.3f},{length_s:.3f},{maximum_ms:.3f},{encoded}\n"
            )
        self._file.write("".join(lines))

    def _head(self, run: Run) -> str:
        since_epoch = run.started_at.timestamp()
        start = (
            f"#[StartTime: {since_epoch:.3f} (seconds since epoch), {run.started_at.isoformat(timespec='seconds')}]\n"
        )
        return f"{SIGNATURE}#[udstui {run.run_id}; times in ns, tags are lanes]\n{start}{_LEGEND}"

    def _encoded(self, durations: Durations) -> str:
        histogram = self._hdr.HdrHistogram(1, _LARGEST_NS, _DIGITS)
        for bucket, count in zip(durations.buckets, durations.counts, strict=True):
            histogram.record_value(max(1, min(_middle_ns(bucket), _LARGEST_NS)), count)
        text: str = histogram.encode().decode("ascii")
        return text

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> HdrFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def tag_of(lane: str) -> str:
    """A tag holds no commas, spaces and line ends: each of them becomes `_`."""
    return re.sub(r"[,\s\x00-\x1f]", "_", lane)


def _middle_ns(bucket: int) -> int:
    """Of what lies in a bucket of ours (stats.histogram)."""
    shift = max((bucket >> BITS) - 1, 0)
    return ((bucket - (shift << BITS)) << shift) + ((1 << shift) >> 1)


def _module() -> ModuleType:
    try:
        from hdrh import histogram
    except ImportError:
        raise UsageError("--hdr needs the package hdrhistogram", "pip install 'udstui[hdr]'") from None
    module: ModuleType = histogram
    return module
