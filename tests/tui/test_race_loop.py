"""The loop that asks the probe, without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.scripted import HOST, Script
from udstui.errors import ProbeError, UsageError
from udstui.experiments.layers import Layers
from udstui.experiments.sweep import Sweep
from udstui.measured import Round
from udstui.plan import Plan
from udstui.tui import race_loop
from udstui.tui.kept_rows import KeptRows
from udstui.tui.race_loop import RaceLoop
from udstui.tui.session import Session
from udstui.tui.state import State
from udstui.tui.tabs.log import log_lines

LAST = 12
"""The request at which a test leaves the loop."""


class Left(Exception):
    """The loop was left by the test."""


class Story:
    """A probe and a view that write down what happens, in one list."""

    def __init__(self, at: dict[int, Callable[[], object]] | None = None) -> None:
        """`at` is what a user does while a request is under way, by its number."""
        self.events: list[str] = []
        self.said: list[str] = []
        self._script = Script()
        self._at = at or {}

    async def measure(self, plan: Plan) -> Round:
        self.events.append("measure")
        number = self.events.count("measure")
        if number == LAST:
            raise Left
        if number in self._at:
            self._at[number]()
        return await self._script.measure(plan)

    async def measure_for(self, plan: Plan, at_once_ns: int) -> list[Round]:
        return [await self.measure(plan)]

    async def measure_socket_calls(self, request: Any) -> Any:
        raise AssertionError("no anatomy here")

    def tell(self, text: str, kind: str = "", *, about: str = "") -> None:
        self.events.append("tell")
        self.said.append(text)

    def unsay(self, about: str) -> None: ...

    def show_state(self) -> None:
        self.events.append("state")

    def draw_round(self) -> None:
        self.events.append("round")

    def draw_experiment(self) -> None:
        self.events.append("experiment")

    async def draw_plan(self) -> None:
        self.events.append("plan")

    async def drawn(self) -> None:
        self.events.append("drawn")
        await asyncio.sleep(0)

    def hang_up(self) -> None: ...


async def play(story: Story, loop: RaceLoop, kept_rows: KeptRows) -> None:
    with kept_rows:
        try:
            await loop.run(story)
        except Left:
            return


def a_loop(story: Story) -> tuple[RaceLoop, Session, State, KeptRows]:
    session, state, kept_rows = Session(Plan(), HOST), State(), KeptRows()
    return RaceLoop(story, session, state, kept_rows), session, state, kept_rows


async def test_all_that_was_drawn_is_on_the_screen_before_more_is_measured(folder: object) -> None:
    story = Story()
    loop, session, state, kept_rows = a_loop(story)
    sweep = Sweep(Plan(), (64, 128), passes=1, rounds=2)
    story._at[3] = lambda: loop.begin(sweep)
    await play(story, loop, kept_rows)
    before = [story.events[at - 1] for at, event in enumerate(story.events) if event == "measure"]
    assert before == ["drawn"] * LAST
    assert story.events.count("round") == session.segment.rounds
    assert story.events.count("experiment") == 4
    assert sweep.next() is None and state.experiment is None
    assert session.segment.rounds == LAST - 1 - 4


async def test_short_rounds_are_drawn_together(folder: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race_loop, "DRAW_EVERY_NS", 170 * 10**6)  # a scripted round measures 65 ms
    story = Story()
    loop, session, state, kept_rows = a_loop(story)
    state.waiting_rounds = 0
    story._at[9] = session.new_segment
    await play(story, loop, kept_rows)
    drawn = [story.events[:at].count("measure") for at, event in enumerate(story.events) if event == "round"]
    assert drawn == [1, 4, 7, 10], "the first round of each segment, and then every third"
    assert state.waiting_rounds == kept_rows.rounds_not_exported == LAST - 1
    assert all(before in ("drawn", "measure") for before, event in pairwise(story.events) if event == "measure")


async def test_rounds_of_one_request_have_a_row_each_and_are_drawn_together(folder: object) -> None:
    class Several(Story):
        async def measure_for(self, plan: Plan, at_once_ns: int) -> list[Round]:
            first = await self.measure(plan)
            return [first, *[await self._script.measure(plan) for _ in range(4)]]

    story = Several()
    loop, session, _, kept_rows = a_loop(story)
    await play(story, loop, kept_rows)
    requests = LAST - 1
    assert session.segment.rounds == kept_rows.rounds_not_exported == 1 + 5 * (requests - 1)
    assert story.events.count("round") == requests


async def test_rows_of_an_experiment_are_its_own_and_those_of_the_layers_the_runs(folder: object) -> None:
    story = Story()
    loop, session, _, kept_rows = a_loop(story)
    sweep = Sweep(Plan(), (64,), passes=1, rounds=2)
    layers = Layers(Plan(), 1, check=lambda _: None, run=session.run)
    story._at = {2: lambda: loop.begin(sweep), 6: lambda: loop.begin(layers)}
    await play(story, loop, kept_rows)
    assert kept_rows.rounds_not_exported == LAST - 1 - 2
    assert set(session.files()) == {".json", "-sweep.csv", "-sweep.json", "-layers.json"}
    assert session.files()["-sweep.csv"]().count("\n") == 1 + 2 * 2


@pytest.fixture
def now_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of the loop, in one item, which only the test changes."""
    now_s = [100.0]
    monkeypatch.setattr(race_loop, "_now_s", lambda: now_s[0])
    monkeypatch.setattr(race_loop, "RETRY_AFTER_S", 0.0)
    return now_s


def fails_after(now_s: list[float], passed_s: float) -> Callable[[], None]:
    def fail() -> None:
        now_s[0] += passed_s
        raise ProbeError("gone")

    return fail


async def test_each_entry_of_the_log_has_the_time_at_which_it_was_said(
    folder: object, now_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    loop, session, _, kept_rows = a_loop(story)
    sweep = Sweep(Plan(), (64,), passes=1, rounds=30)

    def begin() -> None:
        now_s[0] += 2.0
        loop.begin(sweep)
        session.note("sweep", "begins")

    story._at = {2: fails_after(now_s, 5.0), 3: fails_after(now_s, 30.0), 4: begin, 6: fails_after(now_s, 60.0)}
    monkeypatch.setattr(story, "tell", lambda text, kind, about="": session.note(kind, text))
    await play(story, loop, kept_rows)
    at_s = [entry.time_s for entry in session.run.log]
    assert [entry.kind for entry in session.run.log] == ["restart", "restart", "sweep", "error"]
    assert at_s[1] - at_s[0] == pytest.approx(30.0, abs=0.01)
    assert at_s[2] - at_s[1] == pytest.approx(2.0, abs=0.01)
    assert at_s[3] > 60.0


async def test_what_fails_before_the_first_round_is_told_with_its_time_since_the_start(
    folder: object, now_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    loop, session, _, kept_rows = a_loop(story)
    seen: list[list[str]] = []

    def look() -> None:
        now_s[0] += 2.0
        seen.append([line[:18] for line in log_lines(session.run.log)])

    story._at = {1: fails_after(now_s, 5.0), 2: fails_after(now_s, 30.0), 3: look, 4: look, 5: fails_after(now_s, 7.0)}
    monkeypatch.setattr(story, "tell", lambda text, kind, about="": session.note(kind, text))
    session.note("plan", "udstui run")
    await play(story, loop, kept_rows)
    first = [line.rjust(18) for line in ("00:00  plan    ", "00:05  restart ", "00:35  restart ")]
    assert seen == [first, first], "before the first round and after it"
    assert [round(entry.time_s) for entry in session.run.log] == [-37, -32, -2, 7], "from the first interval on"


async def test_the_answer_to_a_sweep_that_was_stopped_is_not_one_of_the_next_sweep(folder: object) -> None:
    story = Story()
    loop, session, _, kept_rows = a_loop(story)
    first, second = (Sweep(Plan(), (64,), passes=1, rounds=3) for _ in range(2))

    def again() -> None:
        loop.stop()
        loop.begin(second)

    story._at = {1: lambda: loop.begin(first), 3: again}
    await play(story, loop, kept_rows)
    assert second.next() is None
    assert {row.split(",")[0] for row in session.files()["-sweep.csv"]().splitlines()[1:]} == {second.run.run_id}


async def test_a_failure_of_an_experiment_that_was_stopped_ends_nothing_else(folder: object) -> None:
    story = Story()
    loop, _, state, kept_rows = a_loop(story)
    first, second = (Sweep(Plan(), (64,), passes=1, rounds=30) for _ in range(2))

    def fail() -> None:
        loop.stop()
        loop.begin(second)
        raise UsageError("no such size", "choose another")

    story._at = {1: lambda: loop.begin(first), 3: fail}
    await play(story, loop, kept_rows)
    assert state.experiment is second
    assert story.said == []
