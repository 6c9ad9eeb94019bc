"""What every experiment promises to whoever drives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.scripted import Script
from udstui.errors import ProbeError
from udstui.experiments import EXPERIMENTS, Experiment
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.driver import Measured, advance, drive
from udstui.experiments.layers import Layers
from udstui.experiments.load import Load
from udstui.experiments.race import Race
from udstui.experiments.sweep import Sweep
from udstui.measured import Round
from udstui.plan import Plan

MAKERS: dict[str, Callable[[], Experiment]] = {
    "race": lambda: Race(Plan(), duration_ns=10**9),
    "sweep": lambda: Sweep(Plan(), (64, 1024), passes=2, rounds=2),
    "layers": lambda: Layers(Plan(), 10**9, check=lambda _: None),
    "load": lambda: Load(Plan(), passes=1, rounds=1),
    "anatomy": lambda: Anatomy(Plan(), (0, 1)),
}


@pytest.fixture(params=list(MAKERS))
def experiment(request: pytest.FixtureRequest) -> Experiment:
    return MAKERS[request.param]()


def test_every_experiment_is_here() -> None:
    assert {make().name for make in MAKERS.values()} == set(EXPERIMENTS)


async def test_everything_is_told_recorded_and_counted_until_it_is_done(experiment: Experiment) -> None:
    script, told = Script(), list[Measured]()
    assert experiment.progress().done == 0
    assert (experiment.progress().seconds_left or 0) > 0
    await drive(experiment, script, told.append)
    assert len(told) == len(script.asked)
    rounds = [measured for measured in told if isinstance(measured.answer, Round)]
    assert sum(segment.rounds for segment in experiment.run.segments) == len(rounds)
    assert all(measured.segment in experiment.run.segments for measured in rounds)
    progress = experiment.progress()
    assert progress.every in (None, progress.done)
    assert progress.seconds_left == 0
    assert await advance(experiment, script) == []


async def test_all_of_an_answer_is_told_though_it_is_over_and_no_more_is_asked_for(experiment: Experiment) -> None:
    class Several(Script):
        async def measure_for(self, plan: Plan, at_once_ns: int) -> list[Round]:
            return [await self.measure(plan) for _ in range(2)]

    script, told = Several(), list[Measured]()
    await drive(experiment, script, told.append, lambda: len(told) > 1)
    assert len(told) == len(script.asked)
    assert len(told) == (3 if experiment.name == "race" else 2)


async def test_what_failed_is_asked_for_again_and_leaves_no_trace(experiment: Experiment) -> None:
    script = Script()
    script.fails_at = 3
    with pytest.raises(ProbeError):
        await drive(experiment, script)
    done = experiment.progress().done
    await drive(experiment, script)
    assert script.asked[3] == script.asked[4]
    assert 0 < done < experiment.progress().done


async def test_what_was_cancelled_is_asked_for_again(experiment: Experiment) -> None:
    class Slow(Script):
        async def measure(self, plan: Plan) -> Round:
            if self.rounds == 2:
                self.asked.append(plan)
                waiting.set()
                await asyncio.Event().wait()
            return await super().measure(plan)

    waiting, script = asyncio.Event(), Slow()
    driving = asyncio.create_task(drive(experiment, script))
    await waiting.wait()
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving
    asked = script.asked[-1]
    assert experiment.next() == asked
    await drive(experiment, Script())
    assert experiment.next() is None


async def test_a_tell_that_fails_ends_the_drive_with_the_round_recorded(experiment: Experiment) -> None:
    def fail(measured: Measured) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it is the very one
        await drive(experiment, Script(), fail)
    assert experiment.progress().done > 0
