from __future__ import annotations

import json
import random

import pytest

from tests.recording.test_json_file import HOST
from tests.tui.fake_probe import make_round
from udstui.commands.anatomy_report import anatomy_report, anatomy_rows, anatomy_sentence, difference_sentences
from udstui.errors import RecordingError, UsageError
from udstui.plan import Plan, Round
from udstui.recording.anatomy import SIGNATURE, Anatomy, to_json
from udstui.workloads.calls import CallsAnswer, CallsRequest

MEDIANS_NS = {"same": (11_000, 17_000), "split": (52_000, 78_000), "spin": (5_000, 9_000)}


class Probe:
    def __init__(self) -> None:
        self.plans: list[Plan] = []

    async def measure(self, plan: Plan) -> Round:
        self.plans.append(plan)
        step = "same" if plan.cores == "same" else "spin" if plan.wait == "spin" else "split"
        return make_round(plan, medians_ns=MEDIANS_NS[step])


async def calls(request: CallsRequest) -> CallsAnswer:
    return CallsAnswer([100.0] * request.rounds, [[4_100.0] * request.rounds, [9_100.0] * request.rounds])


async def measured(cores: tuple[int, ...] = (0, 1)) -> Anatomy:
    anatomy, probe = Anatomy(Plan(), cores, random.Random(1)), Probe()
    while not anatomy.is_done:
        await anatomy.advance(probe, calls)
    return anatomy


async def test_every_step_is_what_it_adds() -> None:
    uds, tcp = (await measured()).lanes()
    assert uds.calls_ns == pytest.approx(4_000)
    assert uds.switching_ns == pytest.approx(6_900, rel=0.01)
    assert uds.waking_ns == pytest.approx(41_000, rel=0.01)
    assert tcp.spin is not None and tcp.spin.middle == pytest.approx(9_000, rel=0.02)
    assert anatomy_sentence(uds) == (
        "UDS: of 52.0 µs, 4.00 µs are the socket calls, 6.90 µs switching, 41.0 µs waking the other core; "
        "spinning on two cores it takes 5.00 µs"
    )


async def test_what_one_transport_takes_longer_is_named_step_by_step() -> None:
    lanes = (await measured()).lanes()
    assert difference_sentences(lanes) == [
        "TCP takes 27.3 µs longer than UDS: "
        "5.00 µs in the socket calls, 1.29 µs switching, 21.0 µs waking the other core"
    ]
    assert difference_sentences(lanes[::-1]) == difference_sentences(lanes)
    assert difference_sentences(Anatomy(Plan(), (0, 1)).lanes()) == []


async def test_with_one_core_the_steps_over_two_are_left_out_with_the_reason() -> None:
    anatomy = await measured(cores=(0,))
    (uds, _) = anatomy.lanes()
    assert uds.split is uds.spin is uds.waking_ns is None
    report = anatomy_report(anatomy.lanes(), anatomy.left_out)
    assert "Left out: two cores, block, because only one core is available" in report
    assert "of 11.0 µs" in anatomy_sentence(uds)


async def test_bars_start_where_the_last_part_ended_and_share_one_scale() -> None:
    rows = anatomy_rows((await measured()).lanes(), bar_width=40)
    bars = {(index, name.strip()): bar for index, (name, _, bar) in enumerate(rows)}
    uds, tcp = bars[4, "waking the other core"], bars[11, "waking the other core"]
    assert len(tcp) == 40
    assert len(uds) == pytest.approx(40 * 52 / 78, abs=1.01)
    assert len(bars[3, "switching"]) == pytest.approx(len(uds) - len(uds.strip()), abs=1)


async def test_the_json(tmp_path: object) -> None:
    text = to_json(await measured(), HOST)
    assert text.startswith(SIGNATURE)
    record = json.loads(text)
    assert [lane["transport"] for lane in record["lanes"]] == ["uds", "tcp"]
    assert record["lanes"][0]["same"]["rounds"] == 12
    with pytest.raises(RecordingError, match="nothing was measured"):
        to_json(Anatomy(Plan(), (0,)), HOST)


def test_what_is_not_measured_is_not_guessed() -> None:
    anatomy = Anatomy(Plan(), (0, 1))
    assert anatomy_sentence(anatomy.lanes()[0]) == "UDS: not measured yet"


def test_a_size_that_one_thread_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="choose at most 64 KiB"):
        Anatomy(Plan(size_bytes=128 * 1024), (0, 1))
