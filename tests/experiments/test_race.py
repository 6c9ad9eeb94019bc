from __future__ import annotations

from tests.scripted import Script
from udstui.experiments.driver import advance, drive
from udstui.experiments.race import AT_ONCE_NS, Race
from udstui.measured import Round
from udstui.plan import Plan


async def test_a_race_lasts_as_long_as_it_was_told() -> None:
    """Rounds of 100 ms, with the last operation a little after."""
    race = Race(Plan(), duration_ns=950 * 10**6)
    await drive(race, Script())
    assert race.segment.rounds == 10
    assert race.run.segments == [race.segment]
    assert race.progress() == (10, None, "", 0.0)
    assert race.ending() is None


def test_progress_tells_the_time_left() -> None:
    assert Race(Plan(), duration_ns=10**9).progress() == (0, None, "", 1.0)
    assert Race(Plan()).progress().seconds_left is None


async def test_a_race_ends_before_its_time_once_it_knows_enough() -> None:
    race = Race(Plan(), duration_ns=10**12, until=50.0)
    await drive(race, Script())
    assert 10 <= race.segment.rounds < 100
    ending = race.ending()
    assert ending and ending.is_reached


async def test_a_race_whose_time_is_over_before_says_that_it_knows_too_little() -> None:
    race = Race(Plan(), duration_ns=1, until=50.0)
    await drive(race, Script())
    ending = race.ending()
    assert ending and not ending.is_reached


async def test_another_plan_begins_a_segment_and_a_round_that_was_asked_for_before_keeps_its_own() -> None:
    class Changing(Script):
        async def measure(self, plan: Plan):  # type: ignore[no-untyped-def]
            if not self.asked:
                race.begin(Plan(wait="spin"))
            return await super().measure(plan)

    race, script = Race(Plan()), Changing()
    (first,) = await advance(race, script)
    (second,) = await advance(race, script)
    assert first.segment and first.segment.plan == Plan()
    assert second.segment and second.segment.plan == Plan(wait="spin")
    assert [segment.number for segment in race.run.segments] == [1, 2]


class Together(Script):
    """Three rounds in one go, and what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once_ns: list[int] = []

    async def measure_for(self, plan: Plan, at_once_ns: int) -> list[Round]:
        self.at_once_ns.append(at_once_ns)
        return [await self.measure(plan) for _ in range(3)]


async def test_after_its_first_round_a_segment_gets_several_in_one_go_each_with_its_number() -> None:
    race, script = Race(Plan()), Together()
    numbers = [[measured.number for measured in await advance(race, script)] for _ in range(3)]
    race.begin(Plan(wait="spin"))
    numbers += [[measured.number for measured in await advance(race, script)] for _ in range(2)]
    assert numbers == [[1], [2, 3, 4], [5, 6, 7], [1], [2, 3, 4]]
    assert script.at_once_ns == [AT_ONCE_NS] * 3
    assert [segment.rounds for segment in race.run.segments] == [7, 4]


async def test_no_more_is_asked_for_in_one_go_than_is_left_of_the_time() -> None:
    race, script = Race(Plan(), duration_ns=AT_ONCE_NS * 3 // 2), Together()
    await drive(race, script)
    (asked,) = script.at_once_ns
    assert 0 < asked < AT_ONCE_NS
    assert race.segment.rounds == 4


async def test_a_race_that_ends_once_it_knows_enough_looks_at_each_round() -> None:
    race, script = Race(Plan(), duration_ns=10**12, until=50.0), Together()
    await drive(race, script)
    assert not script.at_once_ns
