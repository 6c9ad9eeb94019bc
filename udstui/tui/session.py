"""What the dashboard knows, without a widget: the plan, the run, its history, and the experiments beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from udstui.experiments.race import Race
from udstui.host.busiest import Busiest
from udstui.host.facts import Host
from udstui.measured import Round
from udstui.plan import Plan
from udstui.recording.experiments import Kept
from udstui.recording.run_json import to_json
from udstui.results.history import Before
from udstui.results.log import Entry
from udstui.results.run import Run
from udstui.results.segment import Segment, main_figure
from udstui.results.timeline import Point, Timeline
from udstui.stats.caveats import Caveat
from udstui.stats.verdict import Verdict
from udstui.tui.plan_editor import PlanEditor

RECENT_ROUNDS = 200
MOST_TAKEN_BACK = 100
MOST_JUDGED = 600
MOST_SEEN = 10
_KEY_REMEDIES = {"drift": "; r starts anew"}
"""By code of a caveat, what a key does about it."""


class Seen(Struct, frozen=True):
    """Of one segment, what a screen shows of the past."""

    recent: list[tuple[float, ...]]
    judged: list[tuple[float, Verdict]]


class Session:
    def __init__(self, plan: Plan, host: Host, *, before: Before | None = None, is_recorded: bool = False) -> None:
        """`before` are the runs that tell what is expected of this one.

        `is_recorded` tells that the rounds come from a file: then nothing is measured.
        """
        self.editor = PlanEditor(plan)
        self.host = host
        self.is_recorded = is_recorded
        self.before = before
        self.race = Race(plan, host=host, before=before)
        self.timeline = Timeline()
        self.recorded_cores: tuple[tuple[int, ...], tuple[int, ...]] | None = None
        """Of client and server, for the rounds of this segment; None where they are to be measured."""
        self._seen: dict[Segment, Seen] = {}
        """Of the last few segments, that of now last: one that is taken back to goes on as it was left."""
        self.experiments: dict[str, Kept] = {}
        """The last of each kind, for its tab."""
        self.elapsed_s = 0.0
        """When the last round ended."""
        self.now_s: Callable[[], float] = lambda: self.elapsed_s
        """The time of the run, for what happens between two rounds."""
        self._earlier: list[Segment] = []
        """That were changed to another plan, or begun anew, the last one last."""
        if not is_recorded:
            self.run.busiest = Busiest().names
        self._caveats_of: Segment | None = None
        self._caveat_codes: tuple[set[str], set[str]] = (set(), set())
        """Found in the segment before, and in this one."""
        self._look_at_segment()

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

    @property
    def recent(self) -> list[tuple[float, ...]]:
        """The figures of all lanes in the last rounds of this segment, for the sparklines."""
        return self._seen[self.segment].recent

    @property
    def judged(self) -> list[tuple[float, Verdict]]:
        """When the answer of this segment was what; of very many every second one is kept."""
        return self._seen[self.segment].judged

    @property
    def restarts_s(self) -> list[float]:
        """When a lane or the probe was started again."""
        return [entry.time_s for entry in self.run.log if entry.kind == "restart"]

    def new_segment(self) -> None:
        """Begin a segment of the plan; take_back() goes on with the one of now."""
        self._earlier.append(self.segment)
        del self._earlier[:-MOST_TAKEN_BACK]
        self.begin(self.plan)

    def begin(self, plan: Plan) -> None:
        """Begin a segment of this plan."""
        self.editor.plan = plan
        self.race.begin(plan)
        self._look_at_segment()

    def resume(self, segment: Segment) -> None:
        """Go on with an earlier segment, and its plan."""
        self.editor.plan = segment.plan
        self.race.resume(segment)
        self._look_at_segment()

    def _look_at_segment(self) -> None:
        """What is seen from now on is of the segment of now."""
        self._seen[self.segment] = self._seen.pop(self.segment, Seen([], []))
        if len(self._seen) > MOST_SEEN:
            del self._seen[next(iter(self._seen))]

    def take_back(self) -> bool:
        """Go on with the segment before the last change; return whether there was one."""
        if not self._earlier:
            return False
        self.resume(self._earlier.pop())
        return True

    def start_over(self) -> None:
        """Forget all rounds; keep the log."""
        log = self.run.log
        self.race = Race(self.plan, host=self.host, before=self.before)
        self.run.log = log
        self.timeline = Timeline()
        self._seen.clear()
        self._look_at_segment()

    def add(self, round_: Round) -> None:
        """Record a round of the race."""
        self.race.next()
        self.remember(self.race.add(round_), round_)

    def remember(self, segment: Segment, round_: Round) -> None:
        """Take note of a round that the run has got."""
        last = max(round_.intervals, key=lambda interval: interval.started_ns)
        self.elapsed_s = self.run.seconds(last) + last.elapsed_ns / 1e9
        point = self._point(segment.plan, round_)
        if seen := self._seen.get(segment):
            seen.recent.append(point.middle)
            del seen.recent[:-RECENT_ROUNDS]
        self.timeline.add(segment.number or 0, point)

    def judge(self, verdict: Verdict) -> None:
        """Remember the answer of now, once."""
        if self.judged and self.judged[-1][1] == verdict:
            return
        if self.judged and self.judged[-1][1].baseline != verdict.baseline:
            self.judged.clear()
        self.judged.append((self.elapsed_s, verdict))
        if len(self.judged) > MOST_JUDGED:
            del self.judged[::2]

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

    def note(self, kind: str, text: str) -> None:
        """Put what happened into the log."""
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        self.run.note(Entry(round(self.now_s(), 3), at, kind, text))

    def caveats(self) -> list[Caveat]:
        """Of the segment of now, their remedies with the key for it where something is measured."""
        found = self.segment.caveats()
        if self.is_recorded:
            return found
        return [replace(one, remedy=one.remedy + _KEY_REMEDIES.get(one.code, "")) for one in found]

    def new_caveats(self, segment: Segment) -> list[Caveat]:
        """Those that the log does not have yet, or that a whole segment was free of since."""
        if segment is not self._caveats_of:
            self._caveats_of = segment
            self._caveat_codes = (self._caveat_codes[1], set())
        before, now = self._caveat_codes
        caveats = segment.caveats()
        found = [caveat for caveat in caveats if caveat.code not in before | now]
        now.update(caveat.code for caveat in caveats)
        return found

    def files(self) -> dict[str, Callable[[], str]]:
        """What an export writes beside the rows: the end of each file's name, and what makes its text."""
        found: dict[str, Callable[[], str]] = {".json": partial(to_json, self.run, self.host)}
        for kept in self.experiments.values():
            found |= kept.files(self.host)
        return found
