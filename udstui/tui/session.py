"""What the dashboard knows, without a widget: the plan, the run, its history, and its rows on disk."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType

from udstui.errors import RecordingError, reason
from udstui.experiments.race import Race
from udstui.host import Host, read_host
from udstui.plan import Plan, Round
from udstui.recording.csv_file import header, rows
from udstui.recording.experiments import Kept
from udstui.recording.files import append, new_file
from udstui.recording.run_json import to_json
from udstui.results.history import History, Point
from udstui.results.log import Entry
from udstui.results.run import Run
from udstui.results.segment import Segment, main_figure
from udstui.stats.caveats import Caveat
from udstui.tui.plan_editor import PlanEditor

RECENT_ROUNDS = 200
_COPY_BYTES = 2**20


class Session:
    """A context manager: the rows live in a file without a name until they are exported."""

    def __init__(self, plan: Plan, host: Host | None = None) -> None:
        self.editor = PlanEditor(plan)
        self.host = host or read_host()
        self.race = Race(plan, host=self.host)
        self.history = History()
        self.recent: list[Round] = []
        """The last rounds of this segment, for the sparklines."""
        self.experiments: dict[str, Kept] = {}
        """The last of each kind, for its tab."""
        self.elapsed_s = 0.0
        self.restarts_s: list[float] = []
        """When a lane or the probe was started again."""
        self.rounds_not_exported = 0
        self._caveats_of: Segment | None = None
        self._caveat_codes: tuple[set[str], set[str]] = (set(), set())
        """Seen in the segment before, and in this one."""
        self._files = ExitStack()
        self._rows: io.FileIO | None = None

    def __enter__(self) -> Session:
        try:
            self._rows = self._files.enter_context(tempfile.TemporaryFile(buffering=0))
            append(self._rows.fileno(), header().encode())
        except OSError as error:
            raise RecordingError(
                f"no place for the rows: {reason(error)}", "set TMPDIR to a folder that you may write to"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the rows that were not exported. Harmless when there are none."""
        self._files.close()

    def clear(self, plan: Plan) -> None:
        """Forget all rounds: a replay goes back to its start."""
        self.editor.plan = plan
        log = self.run.log
        self.race = Race(plan, host=self.host)
        self.run.log = log
        self.history = History()
        self.recent.clear()
        self.restarts_s.clear()

    @property
    def run(self) -> Run:
        return self.race.run

    @property
    def segment(self) -> Segment:
        """The one that the next round of the race is asked for. It joins the run with its first round."""
        return self.race.segment

    @property
    def plan(self) -> Plan:
        return self.editor.plan

    def change(self, **settings: object) -> bool:
        """Change settings of the plan; a change begins a segment. True when anything changed.

        Raises UsageError when the new plan cannot be measured.
        """
        changed = self.editor.change(**settings)
        if changed:
            self.new_segment()
        return changed

    def note(self, kind: str, text: str) -> None:
        """Put what happened into the log."""
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        self.run.note(Entry(round(self.elapsed_s, 3), at, kind, text))
        if kind == "restart":
            self.restarts_s.append(self.elapsed_s)

    def new_caveats(self, segment: Segment) -> list[Caveat]:
        """Those that the log does not have yet, or that a whole segment was free of since."""
        if segment is not self._caveats_of:
            self._caveats_of = segment
            self._caveat_codes = (self._caveat_codes[1], set())
        before, now = self._caveat_codes
        found = [caveat for caveat in segment.caveats() if caveat.code not in before | now]
        now.update(caveat.code for caveat in segment.caveats())
        return found

    def new_segment(self) -> None:
        self.race.begin(self.plan)
        self.recent.clear()

    def add(self, segment: Segment, round_: Round) -> None:
        """Record a round in the segment that was open when it was asked for.

        A plan that was changed meanwhile does not lose it. Raises RecordingError when the rows cannot be
        written; everything else is recorded then.
        """
        self.run.add(segment, round_)
        self.keep(segment, round_)

    def keep(self, segment: Segment, round_: Round) -> None:
        """Remember a round that is in the run already; raises RecordingError as add() does."""
        last = max(round_.intervals, key=lambda interval: interval.started_ns)
        self.elapsed_s = self.run.seconds(last) + last.elapsed_ns / 1e9
        if segment is self.segment:
            if segment.rounds == 1:
                self.recent.clear()
            self.recent.append(round_)
            del self.recent[:-RECENT_ROUNDS]
        self.history.add(segment.number or 0, self._point(segment.plan, round_))
        self.rounds_not_exported += 1
        if self._rows is not None:
            try:
                append(self._rows.fileno(), rows(self.run, segment, round_).encode())
            except OSError as error:
                raise RecordingError(f"cannot keep the rows: {reason(error)}") from error

    def _point(self, plan: Plan, round_: Round) -> Point:
        first = min(round_.intervals, key=lambda interval: interval.started_ns)
        figures = tuple(main_figure(plan, interval) for interval in round_.intervals)
        return Point(
            self.run.seconds(first),
            1,
            figures,
            figures,
            tuple(interval.durations.p99_ns for interval in round_.intervals),
        )

    def export(self, stem: Path, *, overwrite: bool = False) -> Iterator[float]:
        """Write the run as `STEM.csv` and `STEM.json`, and experiments beside it; yield the share done, up to 1.

        Raises RecordingError when nothing was measured yet, a file is there already (unless it may be
        overwritten), or cannot be written. No half-written file is left then.
        """
        texts = [to_json(self.run, self.host)] + [text for _, text in self._experiment_files()]
        assert self._rows is not None, "export() is for an entered session"
        csv_path, *others = self.export_paths(stem)
        exported = self.rounds_not_exported  # more may come meanwhile
        handle = self._rows.fileno()
        with new_file(csv_path, overwrite=overwrite) as copy:
            done, size = 0, os.fstat(handle).st_size
            while piece := os.pread(handle, min(_COPY_BYTES, size - done), done):
                copy.write(piece)
                done += len(piece)
                yield min(0.99, done / size)
        for path, text in zip(others, texts, strict=True):
            with new_file(path, overwrite=overwrite) as file:
                file.write(text.encode())
        self.rounds_not_exported -= exported
        yield 1.0

    def export_paths(self, stem: Path) -> list[Path]:
        """The files that an export of this name writes, as full paths. A suffix that was typed along is dropped.

        Raises RecordingError for a name in a current folder that is gone.
        """
        if stem.suffix in (".csv", ".json"):
            stem = stem.with_suffix("")
        try:
            full = Path(os.path.expanduser(stem)).absolute()  # noqa: PTH111 - Path's raises for a user that is not there
        except OSError as error:
            raise RecordingError("the current folder is gone", "write a whole path, like /tmp/run") from error
        endings = [".csv", ".json"] + [ending for ending, _ in self._experiment_files()]
        return [full.with_name(f"{full.name}{ending}") for ending in endings]

    def _experiment_files(self) -> list[tuple[str, str]]:
        """Of every experiment that measured anything: the ends of file names, and what belongs there."""
        return [file for experiment in self.experiments.values() for file in experiment.files(self.host)]
