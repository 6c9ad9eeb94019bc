"""From what a file holds to the parts of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from msgspec import Struct

from udstui.host.facts import Host
from udstui.plan import Plan
from udstui.recording.run_json import SegmentRecord
from udstui.report import plots
from udstui.report.checks import check_lanes, known
from udstui.report.part import Part, Plot
from udstui.report.read import Found
from udstui.report.segments import Curves
from udstui.stats.metrics import Metric
from udstui.text.caveats import caveat_sentence
from udstui.text.command_line import command_line
from udstui.text.plan import plan_sentence
from udstui.text.segment_table import figure_rows
from udstui.text.verdict_sentence import verdict_sentence
from udstui.units import describe_size


class Report(Struct, frozen=True):
    source: str
    """The path of the file."""
    host: Host | None
    started_at: str
    """Empty where the file does not tell."""
    parts: Sequence[Part]
    notes: Sequence[str] = ()
    """What is to be known of the file."""


def report_of(found: Found) -> Report:
    """Raises RecordingError for a plan that this version does not know."""
    told = found.told
    host, started_at = (told.host, told.started_at) if told else (None, "")
    if found.experiment:
        of_it = import_module(f"udstui.report.{found.experiment}")
        return Report(found.path, host, started_at, [of_it.part_of(told, found.path)])
    for segment in found.segments:
        check_lanes(found.path, segment.plan, [lane.transport for lane in segment.lanes], segment.verdicts)
    notes = [] if told else ["Without the JSON beside it, percentiles over all rounds are estimates."]
    segments = [_of_segment(segment, found.curves, len(found.segments) > 1) for segment in found.segments]
    return Report(found.path, host, started_at, [*_summary(found.segments), *segments], notes)


def _of_segment(segment: SegmentRecord, curves: Mapping[int, Curves], is_one_of_several: bool) -> Part:
    verdicts = known(segment.verdicts)
    metric = plots.known_metric(verdicts)
    lane = segment.lanes[0] if segment.lanes else None
    cores = (lane.client_cores or (), lane.server_cores or ()) if lane else ((), ())
    settings = plan_sentence(segment.plan, *(cores if all(cores) else ((), ())))
    rounds = _rounds(segment, curves.get(segment.segment), metric)
    drawn = [plots.ratios_plot(verdicts), *plots.main_plots(segment.lanes, metric), rounds]
    return Part(
        heading=f"Segment {segment.segment}: {_what(segment.plan)}" if is_one_of_several else _what(segment.plan),
        answers=list(dict.fromkeys(verdict_sentence(verdict, metric) for verdict in verdicts))
        or ["One lane only: nothing to compare"],
        settings=settings,
        command=command_line(segment.plan),
        table=figure_rows(segment.plan, segment.lanes),
        plots=[plot for plot in drawn if plot],
        caveats=[caveat_sentence(caveat) for caveat in segment.caveats],
    )


def _what(plan: Plan) -> str:
    return f"{plan.workload}, {describe_size(plan.size_bytes)}"


def _rounds(segment: SegmentRecord, curves: Curves | None, metric: Metric) -> Plot | None:
    if curves is None or metric.name not in curves.figures:
        return None
    series = map(plots.thinned, curves.began_s, curves.figures[metric.name])
    return plots.rounds_plot(segment.plan.lane_names(), list(series), metric)


def _summary(segments: Sequence[SegmentRecord]) -> list[Part]:
    """Of a run of several segments one part that sets their answers side by side."""
    if len(segments) < 2:
        return []
    rows = [["segment", "what", "answer"]]
    for segment in segments:
        verdicts = known(segment.verdicts)
        answer = verdict_sentence(verdicts[0]) if verdicts else "One lane only"
        rows.append([str(segment.segment), _what(segment.plan), answer])
    return [Part(heading="All segments", answers=[rows[1][2]], settings="", command="", table=rows, text_columns=3)]
