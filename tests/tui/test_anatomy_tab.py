"""The anatomy in its tab: every step of all lanes beside each other, and the race above them."""

from __future__ import annotations

import re

import pytest
from textual.content import Content

from tests.dissected import dissected
from tests.scripted import Script, make_round
from tests.told import record_of
from udstui.experiments.anatomy import Anatomy
from udstui.experiments.driver import drive
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.tui.tabs.anatomy import anatomy_content


async def test_an_anatomy_to_the_character() -> None:
    anatomy = Anatomy(Plan(transports=("uds",)), (0, 1))
    await drive(anatomy, Script(is_steady=True))
    answer = (
        "UDS: of 12.0 µs, 700 ns are calls that do nothing, 3.30 µs the transport itself, 7.90 µs switching, "
        "waking the other core not known (0.00 ns to 0.00 ns); spinning on two cores it takes 12.0 µs"
    )
    caveat = (
        "Caveat at two cores, spin: both sides spin on one core and wait for each other's time slice to end; "
        "choose cores split, or wait block"
    )
    python = (
        "UDS in Python: 600 ns more for the socket calls alone, 6.30 µs more on one core, 6.30 µs more on two, "
        "6.30 µs more spinning"
    )
    segment = Segment(Plan())
    assert shown(anatomy_content(record_of(anatomy), 58, segment)) == [
        "                             UDS",
        "race: no round yet             –",
        "clock and loop            100 ns  ▏",
        "empty calls               700 ns  █",
        "transport itself         3.30 µs  ████▉",
        "switching                7.90 µs      ██████████▍",
        "= one core, block        12.0 µs  ██████████████▍",
        "+ in Python              6.30 µs                ████████",
        "waking the other core  not known",
        "= two cores, block       12.0 µs  ██████████████▍",
        "+ in Python              6.30 µs                ████████",
        "two cores, spin          12.0 µs  ██████████████▍",
        "+ in Python              6.30 µs                ████████",
        "",
        answer,
        python,
        caveat,
    ]
    for width, blocks in ((20, 0), (120, 55), (200, 107)):
        lines = shown(anatomy_content(record_of(anatomy), width, segment))
        assert max(line.count("█") for line in lines) == blocks


def shown(content: Content) -> list[str]:
    return [line.rstrip() for line in content.plain.splitlines()]


def raced(plan: Plan) -> Segment:
    segment = Segment(plan)
    segment.add(make_round(plan, 0, (12_000, 18_000)))
    return segment


async def test_both_transports_and_their_difference_are_beside_each_other_at_every_step() -> None:
    anatomy = await dissected()
    race, segment = "race: one core, block  12.0 µs", raced(Plan())
    narrow = shown(anatomy_content(record_of(anatomy), 60, segment))
    assert narrow[0].split() == ["UDS", "TCP", "TCP", "−", "UDS"]
    assert narrow[1] == f"{race}  18.2 µs   +6.24 µs"
    assert narrow[4:6] == [
        "transport itself       3.30 µs  8.30 µs   +5.00 µs",
        "switching              6.90 µs  8.18 µs   +1.28 µs",
    ]
    wide = shown(anatomy_content(record_of(anatomy), 80, segment))
    assert wide[1] == f"{race}  █▊            18.2 µs  ██▊            +6.24 µs"
    assert wide[6] == "= one core, block      11.0 µs  █▋            17.3 µs  ██▋            +6.29 µs"
    for width in (60, 80, 120, 200):
        table = shown(anatomy_content(record_of(anatomy), width, segment))[: len(narrow) - 9]
        assert max(map(len, table)) <= width - 2


@pytest.mark.parametrize(
    ("plan", "name", "figures"),
    [
        (Plan(transports=("tcp", "uds")), "race: one core, block", ["18.2 µs", "12.0 µs", "−6.24 µs"]),
        (Plan(transports=("uds", "pipe")), "race: one core, block", ["12.0 µs", "–", "–"]),
        (Plan(runtime="python", wait="spin"), "race: one core, spin, python", ["12.0 µs", "18.2 µs", "+6.24 µs"]),
        (Plan(size_bytes=256), "race: other settings", ["–", "–", "–"]),
        (Plan(server="thread"), "race: other settings", ["–", "–", "–"]),
        (Plan(workload="rpc"), "race: other settings", ["–", "–", "–"]),
    ],
)
async def test_the_row_of_the_race_is_that_of_now(plan: Plan, name: str, figures: list[str]) -> None:
    line = shown(anatomy_content(record_of(await dissected()), 60, raced(plan)))[1]
    assert line.startswith(name)
    assert re.split(r"  +", line.removeprefix(name).strip()) == figures


async def test_where_a_bar_is_cut_the_corner_says_what_its_sign_means() -> None:
    anatomy, segment = await dissected(changes={"spin": (4_000_000, 5_000_000)}), raced(Plan())
    wide, narrow = (shown(anatomy_content(record_of(anatomy), width, segment)) for width in (120, 60))
    assert wide[0].startswith("▶ off the scale  ")
    assert sum("▶" in line for line in wide[1:]) == 2
    assert not any("▶" in line for line in narrow)


async def test_where_there_is_no_room_the_differences_of_many_lanes_are_in_the_sentences() -> None:
    anatomy = Anatomy(Plan(transports=("uds", "tcp", "pipe", "uds")), (0, 1))
    await drive(anatomy, Script(is_steady=True))
    segment = Segment(anatomy.plan)
    assert "TCP − UDS" in shown(anatomy_content(record_of(anatomy), 120, segment))[0]
    narrow = shown(anatomy_content(record_of(anatomy), 80, segment))
    assert "TCP − UDS" not in narrow[0]
    assert max(map(len, narrow[:12])) <= 78
    assert any(line.startswith("TCP takes ") for line in narrow)
