"""The ladder of rates against scripted lanes that carry so much and no more."""

from __future__ import annotations

import json
import math
import random
import re
from array import array
from typing import Any

import pytest
from msgspec.structs import replace

from tests.loaded import PLAN, Lanes, S
from tests.told import json_of, record_of, report_of
from udstui.errors import UsageError
from udstui.experiments.driver import drive
from udstui.experiments.load import CLOSED_ROUNDS, Limit, Load, ladder, parse_limit
from udstui.experiments.schedule import START_S
from udstui.measured import Round, SocketCallsRequest
from udstui.plan import Plan
from udstui.settings.load import MOST_PER_S, parse_rates
from udstui.stats.held import Held
from udstui.stats.summary import summarise
from udstui.text.experiments import progress_words
from udstui.text.load import held_words, load_answer, part_of


async def measured(**options: Any) -> Load:
    load = Load(PLAN, order=random.Random(1), **options)
    await drive(load, Lanes())
    return load


async def test_the_ladder_is_made_from_what_a_closed_loop_carries() -> None:
    load, lanes = Load(PLAN, passes=2, rounds=2), Lanes()
    assert progress_words(load.progress()) == "round 1 of 49, a closed loop, to find the rates, 00:25 left"
    await drive(load, lanes)
    rates = [plan.rate_per_s for plan in lanes.asked if not isinstance(plan, SocketCallsRequest)]
    assert rates[:CLOSED_ROUNDS] == [0] * CLOSED_ROUNDS
    assert (
        load.rates_per_s
        == ladder(100_000)
        == (10_000, 20_000, 35_000, 50_000, 65_000, 80_000, 90_000, 100_000, 110_000, 120_000)
    )
    first, second = rates[CLOSED_ROUNDS:][:22:2], rates[CLOSED_ROUNDS:][22::2]
    assert sorted(first) == sorted(second) == [0, *load.rates_per_s] and first != second
    assert load.closed.rounds == CLOSED_ROUNDS + 4 and load.progress().done == len(rates)
    assert load.is_done and load.next() is None


async def test_a_machine_that_was_busy_meanwhile_does_not_cut_the_ladder() -> None:
    load, lanes = Load(PLAN, passes=1, rounds=1), Lanes()
    for number in range(CLOSED_ROUNDS):
        answer = await lanes.measure(load.closed.plan)
        slower = 1 if number == 1 else 5
        intervals = (replace(one, elapsed_ns=one.elapsed_ns * slower) for one in answer.intervals)
        load.add(replace(answer, intervals=tuple(intervals)))
    assert load.rates_per_s == ladder(100_000)


async def test_what_each_lane_holds_is_found_in_every_pass() -> None:
    load = await measured()
    held = [load.held(lane) for lane in range(2)]
    assert held[0] and held[0].per_s == pytest.approx(100_000, rel=0.02) and held[0].passes == 3
    assert held[1] and held[1].per_s == pytest.approx(60_000, rel=0.02) and not held[1].is_at_least
    limited = load.held(0, Limit("p99", 200_000))
    assert limited and 50_000 < limited.per_s < held[0].per_s


async def test_the_answer_is_a_sentence() -> None:
    load = await measured()
    said = load_answer(record_of(load))
    assert re.match(
        r"At 20.0 k/s UDS answers within (\S+ µs) in 99 of 100 cases \(\S+ µs to \S+ µs in 3 passes\), TCP within ",
        said,
    )
    assert "; UDS holds 100 k/s (100 k/s to 100 k/s in 3 passes), TCP 60.0 k/s" in said
    limited = load_answer(record_of(await measured(limit=Limit("p99", 200_000))))
    assert limited.endswith("with p99 up to 200 µs")
    assert "no lane is seen to keep p99 up to 1.00 µs" in load_answer(
        record_of(await measured(limit=Limit("p99", 1000)))
    )


def test_a_rate_that_not_every_pass_holds_is_told_so() -> None:
    assert held_words(Held(20e3, 20e3, 20e3, 1, True), 2) == "at least 20.0 k/s (in 1 of 2 passes)"
    assert held_words(Held(20e3, 10e3, 30e3, 2, False), 3) == "20.0 k/s (10.0 k/s to 30.0 k/s in 2 of 3 passes)"
    assert held_words(Held(20e3, 10e3, 30e3, 2, False), 2) == "20.0 k/s (10.0 k/s to 30.0 k/s in 2 passes)"


@pytest.mark.parametrize("passes", [1, 2])
async def test_a_rate_of_which_few_passes_are_known_is_too_early(passes: int) -> None:
    said = load_answer(record_of(await measured(passes=passes)))
    assert f"Too early to tell how fast answers are at 20.0 k/s: {passes} of 3 passes hold the 1,000 operations" in said


async def test_a_pass_that_was_stopped_has_no_p99_of_its_own() -> None:
    load, lanes = Load(PLAN, (1000,), passes=2, rounds=3), Lanes()
    for rounds in range(1, 5):
        plan = load.next()
        assert plan
        load.add(await lanes.measure(plan))
        assert [len(load.by_pass("p99", 1000, lane)) for lane in range(2)] == [rounds // 3] * 2


@pytest.mark.parametrize(
    ("rate", "limit", "rounds", "interval_ms"),
    [
        (20_000, None, 3, 100),
        (2000, None, 3, 184),
        (2000, None, 1, 550),
        (2000, Limit("p50", 1000), 3, 184),
        (2000, Limit("p99.9", 1000), 3, 1000),
        (10, None, 3, 1000),
    ],
)
def test_the_intervals_of_a_rate_grow_until_a_pass_holds_enough(
    rate: int, limit: Limit | None, rounds: int, interval_ms: int
) -> None:
    load = Load(PLAN, (rate,), limit=limit, passes=2, rounds=rounds)
    plan = load.next()
    assert plan and math.ceil(plan.interval_ns / 10**6) == interval_ms
    left_s = load.progress().seconds_left
    assert left_s == pytest.approx(2 * (START_S + PLAN.warmup_ns / 1e9 + rounds * 2 * plan.interval_ns / 1e9))


class Slow(Lanes):
    """Not more operations in an interval than are due in it."""

    async def measure(self, plan: Plan) -> Round:
        made = await super().measure(plan)
        if not plan.rate_per_s:
            return made
        count = plan.rate_per_s * plan.interval_ns // S
        intervals = [replace(one, durations=summarise(array("q", range(1000, 1000 + count)))) for one in made.intervals]
        return replace(made, intervals=tuple(intervals))


@pytest.mark.parametrize(
    ("rate", "begins"),
    [
        (500, r"At 500 /s UDS answers within \S+ µs in 99 of 100 cases \("),
        (100, r"At 100 /s, too few for p99 \(more --rounds\), UDS answers within \S+ µs in half of the cases \("),
        (2, "Too early to tell how fast answers are at 2.00 /s: 0 of 3 passes hold the 1,000 operations"),
    ],
)
async def test_a_slow_lane_is_told_by_the_percentile_that_its_passes_hold(rate: int, begins: str) -> None:
    load = Load(PLAN, (rate,))
    await drive(load, Slow())
    assert re.match(begins, load_answer(record_of(load)))
    assert "Intervals of low rates are longer" in report_of(load)


async def test_the_table_has_a_line_for_each_lane_at_every_rate_and_says_what_is_not_held() -> None:
    load = await measured()
    header, *lines = part_of(record_of(load)).table
    assert header == ["rate", "lane", "p50", "p99", "p99.9", "holds"]
    assert len(lines) == 2 * 10 and lines[-1][-1] == "60.0 k/s"
    said = report_of(load)
    assert "A closed loop carries: UDS 100 k/s, TCP 60.0 k/s" in said and load_answer(record_of(load)) in said


@pytest.mark.parametrize("rounds", [1, CLOSED_ROUNDS, CLOSED_ROUNDS + 4, CLOSED_ROUNDS + 30])
async def test_what_was_measured_until_it_was_stopped_is_told(rounds: int) -> None:
    load, lanes = Load(PLAN, order=random.Random(2)), Lanes()
    for _ in range(rounds):
        plan = load.next()
        assert plan
        load.add(await lanes.measure(plan))
    assert report_of(load)
    assert rounds <= CLOSED_ROUNDS or load_answer(record_of(load)).endswith("(partial)")
    assert "--rounds" not in load_answer(record_of(load)), "to go on is the remedy"
    record = json.loads(json_of(load))
    assert record["schema"] == "udstui.load/1" and not record["is_complete"]


async def test_the_json_has_all_that_is_told() -> None:
    record = json.loads(json_of(await measured(limit=Limit("p99", 200_000))))
    assert record["is_complete"] and record["plan"]["rate_per_s"] is None
    assert [lane["transport"] for lane in record["lanes"]] == ["uds", "tcp"]
    assert record["lanes"][1]["closed_loop_per_s"] == pytest.approx(60_000)
    assert record["lanes"][1]["held"]["per_s"] == pytest.approx(60_000, rel=0.02)
    assert len(record["rates"]) == 10 and record["rates"][0]["lanes"][0]["open_loop"]["is_held"]


async def test_rates_may_be_given() -> None:
    load = Load(PLAN, (1000, 5000), passes=1, rounds=1)
    await drive(load, Lanes())
    assert load.rates_per_s == (1000, 5000) and not load.closed.rounds
    held = load.held(0)
    assert held and held.is_at_least
    assert "at least 5.00 k/s" in load_answer(record_of(load))


def test_a_ladder_is_within_what_can_be_offered() -> None:
    assert ladder(3) == (1, 2, 3, 4)
    assert max(ladder(10**9)) == MOST_PER_S
    assert all(low < high for low, high in zip(ladder(12_345), ladder(12_345)[1:], strict=False))


@pytest.mark.parametrize(
    "text", ["p99", "p98=5us", "p99=", "p99=5", "p99=0us", "p99=-1us", "p99=1000h", "mean=5us", ""]
)
def test_a_limit_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(UsageError):
        parse_limit(text)


def test_limits_and_rates_are_read() -> None:
    assert parse_limit("p99=100us") == Limit("p99", 100_000)
    assert parse_limit(" p99.9 = 1.5ms ") == Limit("p99.9", 1_500_000)
    assert parse_rates("50k/s,1k,1k/s") == (1000, 50_000)
    for text in ("", "0", "1k,,2k", "-1k", "99M/s"):
        with pytest.raises(UsageError):
            parse_rates(text)


async def test_how_many_passes_fit_a_duration_is_told_anew_once_the_rates_are_known() -> None:
    load, lanes = Load(PLAN, rounds=1, duration_ns=60 * S), Lanes()
    assert load.passes == 6
    while not load.rates_per_s:
        plan = load.next()
        assert plan
        slow = (await lanes.measure(plan)).intervals
        load.add(Round(tuple(replace(one, elapsed_ns=one.elapsed_ns * 100) for one in slow), (0,), (1,)))
    assert load.rates_per_s[0] == 100 and load.passes == 2
