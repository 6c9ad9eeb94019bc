"""From what a file holds to the parts of a report."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from msgspec import Struct
from msgspec.structs import replace

from udstui.host.facts import Host
from udstui.recording.run_json import RunRecord, SegmentRecord
from udstui.report import plots
from udstui.report.checks import check_lanes
from udstui.report.plots import Plot
from udstui.report.read import Found
from udstui.report.segments import Curves
from udstui.stats.metrics import Metric
from udstui.text.experiments import words_of
from udstui.text.part import Part, known, metric_of
from udstui.text.race import aside
from udstui.text.segment_table import heading_of, part_of
from udstui.text.verdict_sentence import verdict_sentence


class Shown(Struct, frozen=True):
    """A part of a report: what is told of one segment or experiment, and the plots of a page."""

    part: Part
    plots: Sequence[Plot] = ()


class Report(Struct, frozen=True):
    source: str
    """The path of the file."""
    host: Host | None
    started_at: str
    """Empty where the file does not tell."""
    parts: Sequence[Shown]
    notes: Sequence[str] = ()
    """What is to be known of the file."""


def report_of(found: Found) -> Report:
    """Raises RecordingError for a plan that this version does not know."""
    told = found.told
    host, started_at = (told.host, told.started_at) if told else (None, "")
    if found.experiment:
        of_it = import_module(f"udstui.report.{found.experiment}")
        of_it.check(told, found.path)
        part = words_of(found.experiment).part_of(told)
        return Report(found.path, host, started_at, [Shown(part, of_it.plots_of(told))])
    for segment in found.segments:
        check_lanes(found.path, segment.plan, [lane.transport for lane in segment.lanes], segment.verdicts)
    notes = [] if told else ["Without the JSON beside it, percentiles over all rounds are estimates."]
    notes += aside(told.ending) if isinstance(told, RunRecord) else []
    segments = [_of_segment(segment, found, host) for segment in found.segments]
    return Report(found.path, host, started_at, [*_summary(found.segments), *segments], notes)


def _of_segment(segment: SegmentRecord, found: Found, host: Host | None) -> Shown:
    part = part_of(segment, host)
    if len(found.segments) > 1:
        part = replace(part, heading=f"Segment {segment.segment}: {part.heading}")
    verdicts = known(segment.verdicts)
    metric = metric_of(segment.plan, segment.lanes, verdicts)
    rounds = _rounds(segment, found.curves.get(segment.segment), metric)
    drawn = [plots.ratios_plot(verdicts), *plots.main_plots(segment.lanes, metric), rounds]
    return Shown(part, [plot for plot in drawn if plot])


def _rounds(segment: SegmentRecord, curves: Curves | None, metric: Metric) -> Plot | None:
    if curves is None or metric.name not in curves.figures:
        return None
    series = map(plots.thinned, curves.began_s, curves.figures[metric.name])
    return plots.rounds_plot(segment.plan.lane_names(), list(series), metric)


def _summary(segments: Sequence[SegmentRecord]) -> list[Shown]:
    """Of a run of several segments one part that sets their answers side by side."""
    if len(segments) < 2:
        return []
    rows = [["segment", "what", "answer"]]
    for segment in segments:
        verdicts = known(segment.verdicts)
        answer = verdict_sentence(verdicts[0]) if verdicts else "One lane only"
        rows.append([str(segment.segment), heading_of(segment), answer])
    part = Part(heading="All segments", answers=[rows[1][2]], settings="", command="", table=rows, text_columns=3)
    return [Shown(part)]
