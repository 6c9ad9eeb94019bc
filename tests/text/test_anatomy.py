from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from tests.dissected import dissected
from tests.told import report_of
from udstui.experiments.anatomy import Anatomy
from udstui.plan import Plan
from udstui.text.anatomy import (
    Step,
    anatomy_rows,
    anatomy_sentence,
    difference_sentences,
    once_sentence,
    python_sentence,
    side_by_side,
)


async def test_the_sentence_has_every_step() -> None:
    uds, _ = (await dissected()).lanes()
    assert anatomy_sentence(uds) == (
        "UDS: of 52.0 µs, 700 ns are calls that do nothing, 3.30 µs the transport itself, 6.90 µs switching, "
        "41.0 µs waking the other core; spinning on two cores it takes 5.00 µs"
    )


async def test_what_python_adds_is_a_sentence_and_a_bar_behind_the_whole() -> None:
    uds, _ = (await dissected()).lanes()
    said = python_sentence(uds)
    assert said.startswith("UDS in Python: 600 ns more for the socket calls alone, ")
    assert said.endswith(" more spinning")
    rows = anatomy_rows([uds], bar_width=40)
    whole, added = (next(bar for name, _, bar in rows if name.strip().startswith(start)) for start in ("= one", "+ in"))
    assert len(added) - len(added.lstrip()) == pytest.approx(len(whole), abs=1)


async def test_what_a_connection_takes_once_is_told_apart() -> None:
    uds, _ = (await dissected()).lanes()
    assert once_sentence(uds) == "UDS, once for each connection: 8.00 µs connecting, 2.00 µs closing"
    rows = [row for row in anatomy_rows([uds], bar_width=40) if row[0].endswith("once")]
    assert [row[:2] for row in rows] == [("  connecting, once", "8.00 µs"), ("  closing, once", "2.00 µs")]
    assert len(rows[0][2]) == pytest.approx(len(rows[1][2]) - len(rows[1][2].strip()), abs=1)


async def test_what_one_transport_takes_longer_is_named_step_by_step() -> None:
    lanes = (await dissected()).lanes()
    assert difference_sentences(lanes) == [
        "TCP takes 27.3 µs longer than UDS: "
        "5.00 µs in the transport itself, 1.28 µs switching, 21.0 µs waking the other core"
    ]
    assert difference_sentences(lanes[::-1]) == difference_sentences(lanes)
    assert difference_sentences(Anatomy(Plan(), (0, 1)).lanes()) == []


async def test_a_step_lost_in_the_noise_is_not_known() -> None:
    """Waking adds 200 ns to 11 µs that vary by 5 %."""
    lanes = (await dissected(changes={"split": (11_200, 78_000)}, luck_percent=5.0)).lanes()
    said = anatomy_sentence(lanes[0])
    assert re.search(r"waking the other core not known \(−\d+ ns to \d+ ns\)", said), said
    assert "-" not in said
    row = next(row for row in anatomy_rows(lanes) if "waking" in row[0])
    assert row == ("  waking the other core", "not known", "")
    assert "waking the other core not known" not in difference_sentences(lanes)[0]


async def test_a_step_that_takes_less_is_never_drawn_as_more() -> None:
    lanes = (await dissected(changes={"split": (9_000, 14_000)})).lanes()
    assert "no waking cost seen" in anatomy_sentence(lanes[0])
    assert [row[1:] for row in anatomy_rows(lanes) if "waking" in row[0]] == [("none seen", "")] * 2


async def test_equals_are_not_said_to_differ() -> None:
    lanes = (await dissected(changes={"split": (52_000, 52_100), "same": (11_000, 11_010)}, luck_percent=3.0)).lanes()
    (said,) = difference_sentences(lanes)
    assert said.startswith("Whether TCP takes longer than UDS on two cores is not known (−")


async def test_doubts_about_its_steps_are_shown() -> None:
    anatomy = await dissected(steal_percent=7.0)
    assert (
        "Caveat at one core, block; two cores, block; two cores, spin: the hypervisor gave 7.0 % of the CPU to others; "
        "measure when the host is quieter"
    ) in report_of(anatomy)


async def test_steps_that_were_left_out_are_told_with_the_reason() -> None:
    anatomy = await dissected(cores=(0,))
    assert "Left out: two cores, block, because only one core is available" in report_of(anatomy)
    assert "of 11.0 µs" in anatomy_sentence(anatomy.lanes()[0])


async def test_bars_start_where_the_last_part_ended_and_share_one_scale() -> None:
    rows = anatomy_rows((await dissected()).lanes(), bar_width=40)
    bars = {(index, name.strip()): bar for index, (name, _, bar) in enumerate(rows)}
    uds, tcp = bars[7, "waking the other core"], bars[21, "waking the other core"]
    assert len(bars[23, "+ in Python"]) == 40
    assert len(tcp) == pytest.approx(40 * 78 / 79.5, abs=1.01)
    assert len(uds) == pytest.approx(40 * 52 / 79.5, abs=1.01)
    assert len(bars[4, "switching"]) == pytest.approx(len(uds) - len(uds.strip()), abs=1)


async def test_a_step_many_times_as_long_as_all_others_is_cut_and_does_not_squeeze_them() -> None:
    anatomy = await dissected(changes={"spin": (4_000_000, 5_000_000)})
    rows = anatomy_rows(anatomy.lanes(), bar_width=40)
    cut = [(name.strip(), bar) for name, _, bar in rows if bar.endswith("▶")]
    assert [bar for name, bar in cut if name == "two cores, spin"] == [f"{'█' * 39}▶"] * 2
    assert next(bar for name, bar in cut if name != "two cores, spin") == f"{' ' * 39}▶"
    assert max(len(bar) for *_, bar in rows if not bar.endswith("▶")) == pytest.approx(40 / 1.1, abs=1)
    assert "step by step (▶ off the scale)\n" in report_of(anatomy)
    assert "▶" not in report_of(await dissected())


def test_what_is_not_measured_is_not_guessed() -> None:
    anatomy = Anatomy(Plan(), (0, 1))
    assert anatomy_sentence(anatomy.lanes()[0]) == "UDS: not measured yet"


def names_and_differences(rows: list[list[Step | None]]) -> dict[str, str]:
    return {more.name: more.differs_by(less) for less, more in rows if more}


async def test_every_step_of_a_lane_is_set_against_that_of_the_first() -> None:
    lanes = (await dissected(changes={"spin": (9_000, 9_000)}, luck_percent=3.0)).lanes()
    found = names_and_differences(side_by_side(lanes))
    assert (found["clock and loop"], found["empty calls"]) == ("–", "–")
    assert found["transport itself"] == "+5.00 µs"
    assert found["= one core, block"].startswith("+6.")
    assert found["two cores, spin"] == "not known"
    turned = names_and_differences(side_by_side(lanes[::-1]))
    assert turned["transport itself"] == "−5.00 µs"


async def test_a_step_that_the_first_lane_has_not_differs_from_nothing() -> None:
    uds, tcp = (await dissected()).lanes()
    rows = side_by_side([replace(uds, connect=None), tcp])
    assert names_and_differences(rows)["connecting, once"] == "–"
    assert len(rows) == len(side_by_side([uds, tcp]))
