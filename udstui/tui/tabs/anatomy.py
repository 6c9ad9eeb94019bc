"""Anatomy: where the microseconds of one round trip go, step by step, all transports beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from udstui.experiments.anatomy import Anatomy
from udstui.host.affinity import available_cores
from udstui.plan import Plan
from udstui.recording.anatomy_json import AnatomyRecord, record_of
from udstui.results.lane_figures import lane_figures
from udstui.results.segment import Segment
from udstui.stats.estimate import Estimate
from udstui.text.anatomy import OFF_SCALE, Step, scale_of, sentences, side_by_side
from udstui.transports import lane_label
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.line import Line
from udstui.tui.widgets.scroll import Scroll
from udstui.tui.widgets.start_button import StartButton

_HOW = "g measures one round trip step by step"
_GAP = "  "
_SCROLLBAR_COLUMNS = 2
"""Long sentences bring it up."""
_LEAST_BAR_COLUMNS = 5
_NO_ROW = "–"

_NAMED_OR_OF_NO_EFFECT = ("transports", "cores", "wait", "runtime", "interval_ns", "warmup_ns")
"""Settings of the race in which the anatomy is the same, or of which the row of the race tells."""

Row = tuple[str, Sequence[Step | None]]
"""A step's name, and the step in every lane."""


def anatomy_content(anatomy: AnatomyRecord, width: int, segment: Segment) -> Content:
    """A row a step: each lane's figure and bar beside each other, and how much longer than the first it takes.

    Above them is what is raced now, on the same scale; below are the sentences.
    """
    lanes = anatomy.lanes
    labels = [lane_label(lane.transport) for lane in lanes]
    rows: list[Row] = [_race(anatomy, segment)]
    rows += [(next(step.name for step in row if step), row) for row in side_by_side(lanes)]
    table = [["", *labels, *(f"{label} − {labels[0]}" for label in labels[1:])]]
    table += [[name, *map(_figure, row), *_differences(row)] for name, row in rows]
    return Content.assemble(*_table(rows, table, width), *(f"{line}\n" for line in ("", *sentences(anatomy))))


def _table(rows: Sequence[Row], table: list[list[str]], width: int) -> Iterator[str | tuple[str, str]]:
    """Where there is no room, the differences are left to the sentences, and bars are left out."""
    lanes = len(rows[0][1])
    if _columns(table) > width - _SCROLLBAR_COLUMNS:
        table = [texts[: 1 + lanes] for texts in table]
    bar_columns = (width - _SCROLLBAR_COLUMNS - _columns(table)) // lanes - len(_GAP)
    if bar_columns < _LEAST_BAR_COLUMNS:
        bar_columns = 0
    scale_ns, is_cut = scale_of(row for _, row in rows)
    widths = _widths(table)
    for line, texts in enumerate(table):
        step = [None] * lanes if line == 0 else rows[line - 1][1]
        yield (texts[0] if line or not (is_cut and bar_columns) else OFF_SCALE).ljust(widths[0])
        for lane, of in enumerate(step, start=1):
            text = texts[lane].rjust(widths[lane])
            yield f"{_GAP}{text}" if line else (f"{_GAP}{text}", f"bold $lane-{lane}")
            if bar_columns:
                bar = of.bar(scale_ns, bar_columns) if of else ""
                yield f"{_GAP}{bar.ljust(bar_columns)}", f"$lane-{lane}"
        for text, columns in zip(texts[1 + lanes :], widths[1 + lanes :], strict=True):
            yield f"{_GAP}{text.rjust(columns)}"
        yield "\n"


def _columns(table: Sequence[Sequence[str]]) -> int:
    widths = _widths(table)
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _widths(table: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*table, strict=True)]


def _figure(step: Step | None) -> str:
    return step.figure if step else _NO_ROW


def _differences(row: Sequence[Step | None]) -> list[str]:
    return [step.differs_by(row[0]) if step else _NO_ROW for step in row[1:]]


def _race(anatomy: AnatomyRecord, segment: Segment) -> Row:
    """The medians that the panels show, and where they are raced: `race: one core, block`.

    There are none where the race is of something that the steps do not add up to.
    """
    plan, raced = anatomy.plan, segment.plan
    free = {setting: getattr(raced, setting) for setting in _NAMED_OR_OF_NO_EFFECT}
    if replace(Plan(size_bytes=plan.size_bytes), **free) != raced:
        return "race: other settings", [None] * len(plan.transports)
    if not segment.rounds:
        return "race: no round yet", [None] * len(plan.transports)
    name = f"race: {_cores(segment)}, {raced.wait}"
    if raced.runtime != anatomy.lanes[0].runtime:
        name += f", {raced.runtime}"
    medians = {lane.name: lane_figures(segment, index).op_p50_ns for index, lane in enumerate(segment.lanes)}
    return name, [_raced(name, medians.get(lane)) for lane in plan.lane_names()]


def _raced(name: str, p50_ns: float | None) -> Step | None:
    return None if p50_ns is None else Step(("", name), Estimate(ns=p50_ns, ci_low_ns=None, ci_high_ns=None))


def _cores(segment: Segment) -> str:
    """As the steps call it."""
    client, server = segment.client_cores, segment.server_cores
    if len(client) != 1 or len(server) != 1:
        return "free cores"
    return "one core" if client == server else "two cores"


class AnatomyTab(SessionTab):
    TITLE = "Anatomy"
    SHORT_TITLE = "Anat."
    ID = "anatomy"
    EXPERIMENT = Anatomy.name
    EXPLAINS = ("ping-pong",)
    IS_OF_ROUNDS = False

    def compose(self) -> ComposeResult:
        yield Line(_HOW)
        yield StartButton("g  Start the anatomy")
        with Scroll():
            yield Static("", id="anatomy-bars", markup=False)

    def experiment(self, session: Session) -> Anatomy:
        """Raises UsageError for a size that has no anatomy."""
        return Anatomy(session.plan, available_cores(), host=session.host)

    def draw(self, session: Session) -> None:
        how_long = self.how_long(session)
        self.query_one(Line).show(f"{_HOW}{how_long}; the race waits meanwhile", f"{_HOW}{how_long}", _HOW)
        kept = session.experiments.get(self.EXPERIMENT)
        if kept and isinstance(kept.experiment, Anatomy) and kept.experiment.progress().done:
            record = record_of(kept.experiment, session.host)
            bars = self.query_one("#anatomy-bars", Static)
            bars.update(anatomy_content(record, self.size.width, session.segment))
