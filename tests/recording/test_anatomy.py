from __future__ import annotations

import itertools
import json
import random
import re

import pytest

from tests.records import HOST
from tests.tui.fake_probe import make_round
from udstui.errors import RecordingError, UsageError
from udstui.experiments.anatomy import ROUNDS, Anatomy
from udstui.plan import Plan, Round, SocketCalls, SocketCallsRequest
from udstui.recording.anatomy_json import SIGNATURE, to_json
from udstui.text.anatomy import anatomy_report, anatomy_rows, anatomy_sentence, difference_sentences

MEDIANS_NS: dict[str, tuple[float, float]] = {
    "same": (11_000, 17_000),
    "split": (52_000, 78_000),
    "spin": (5_000, 9_000),
}


Medians = dict[str, tuple[float, float]]


class Probe:
    """Rounds with these medians; each generation has a luck of its own, of up to so many percent."""

    def __init__(self, medians_ns: Medians, luck_percent: float) -> None:
        self._medians_ns = medians_ns
        self._luck = itertools.cycle([1 + luck_percent / 100 * share for share in (0.1, -1, 0.6, -0.4, 1)])
        self._rounds = 0
        self._factor = 1.0
        self.steal_percent = 0.0
        self.wild_round: int | None = None

    async def measure(self, plan: Plan) -> Round:
        step = "same" if plan.cores == "same" else "spin" if plan.wait == "spin" else "split"
        if self._rounds % ROUNDS == 0:
            self._factor = next(self._luck)
        factor = self._factor * (40 if self._rounds == self.wild_round else 1)
        self._rounds += 1
        medians = [median * factor for median in self._medians_ns[step]]
        return make_round(plan, medians_ns=medians, steal_percent=self.steal_percent)


async def calls(request: SocketCallsRequest) -> SocketCalls:
    return SocketCalls(
        [100.0] * request.rounds, [800.0] * request.rounds, [[4_100.0] * request.rounds, [9_100.0] * request.rounds]
    )


async def measured(
    cores: tuple[int, ...] = (0, 1), changes: Medians | None = None, luck_percent: float = 0.0, **probe: object
) -> Anatomy:
    anatomy, asked = Anatomy(Plan(), cores, random.Random(1)), Probe(MEDIANS_NS | (changes or {}), luck_percent)
    for name, value in probe.items():
        setattr(asked, name, value)
    while not anatomy.is_done:
        await anatomy.advance(asked, calls)
    return anatomy


async def test_every_step_is_what_it_adds() -> None:
    uds, tcp = (await measured()).lanes()
    assert uds.clock and uds.clock.ns == pytest.approx(100)
    assert uds.empty_calls and uds.empty_calls.ns == pytest.approx(700)
    assert uds.transport_itself and uds.transport_itself.ns == pytest.approx(3_300)
    assert uds.switching and uds.switching.ns == pytest.approx(6_900, rel=0.01)
    assert uds.waking and uds.waking.ns == pytest.approx(41_000, rel=0.01)
    assert tcp.spin is not None and tcp.spin.ns == pytest.approx(9_000, rel=0.02)
    assert anatomy_sentence(uds) == (
        "UDS: of 52.0 µs, 700 ns are empty calls in Python, 3.30 µs the transport itself, 6.90 µs switching, "
        "41.0 µs waking the other core; spinning on two cores it takes 5.00 µs"
    )


async def test_what_one_transport_takes_longer_is_named_step_by_step() -> None:
    lanes = (await measured()).lanes()
    assert difference_sentences(lanes) == [
        "TCP takes 27.3 µs longer than UDS: "
        "5.00 µs in the transport itself, 1.28 µs switching, 21.0 µs waking the other core"
    ]
    assert difference_sentences(lanes[::-1]) == difference_sentences(lanes)
    assert difference_sentences(Anatomy(Plan(), (0, 1)).lanes()) == []


async def test_one_wild_round_moves_no_step() -> None:
    """It would lift a mean of 15 rounds by a quarter."""
    uds, _ = (await measured(wild_round=4)).lanes()
    quiet, _ = (await measured()).lanes()
    for step in ("same", "split", "spin"):
        assert getattr(uds, step).ns == pytest.approx(getattr(quiet, step).ns)


async def test_what_a_step_adds_lies_within_what_the_visits_allow() -> None:
    uds, _ = (await measured(luck_percent=1.0)).lanes()
    waking = uds.waking
    assert waking and waking.ci_low_ns and waking.ci_high_ns
    assert waking.ci_low_ns < 41_000 < waking.ci_high_ns
    assert waking.ci_high_ns - waking.ci_low_ns == pytest.approx(2 * 520, rel=0.3)


async def test_a_step_lost_in_the_noise_is_not_known() -> None:
    """Waking adds 200 ns to 11 µs that vary by 5 %."""
    lanes = (await measured(changes={"split": (11_200, 78_000)}, luck_percent=5.0)).lanes()
    said = anatomy_sentence(lanes[0])
    assert re.search(r"waking the other core not known \(−\d+ ns to \d+ ns\)", said), said
    assert "-" not in said
    row = next(row for row in anatomy_rows(lanes) if "waking" in row[0])
    assert row == ("  waking the other core", "not known", "")
    assert "waking the other core not known" not in difference_sentences(lanes)[0]


async def test_a_step_that_takes_less_is_never_drawn_as_more() -> None:
    lanes = (await measured(changes={"split": (9_000, 14_000)})).lanes()
    assert "no waking cost seen" in anatomy_sentence(lanes[0])
    assert [row[1:] for row in anatomy_rows(lanes) if "waking" in row[0]] == [("none seen", "")] * 2


async def test_equals_are_not_said_to_differ() -> None:
    lanes = (await measured(changes={"split": (52_000, 52_100), "same": (11_000, 11_010)}, luck_percent=3.0)).lanes()
    (said,) = difference_sentences(lanes)
    assert said.startswith("Whether TCP takes longer than UDS is not known (−")


async def test_doubts_about_its_steps_are_shown_and_recorded() -> None:
    anatomy = await measured(steal_percent=7.0)
    assert (
        "Caveat at one core, block; two cores, block; two cores, spin: the hypervisor gave 7.0 % of the CPU to others; "
        "measure when the host is quieter"
    ) in anatomy_report(anatomy)
    assert json.loads(to_json(anatomy, HOST))["caveats"]["same"][0]["code"] == "steal"


async def test_with_one_core_the_steps_over_two_are_left_out_with_the_reason() -> None:
    anatomy = await measured(cores=(0,))
    (uds, _) = anatomy.lanes()
    assert uds.split is uds.spin is uds.waking is None
    report = anatomy_report(anatomy)
    assert "Left out: two cores, block, because only one core is available" in report
    assert "of 11.0 µs" in anatomy_sentence(uds)


async def test_bars_start_where_the_last_part_ended_and_share_one_scale() -> None:
    rows = anatomy_rows((await measured()).lanes(), bar_width=40)
    bars = {(index, name.strip()): bar for index, (name, _, bar) in enumerate(rows)}
    uds, tcp = bars[5, "waking the other core"], bars[13, "waking the other core"]
    assert len(tcp) == 40
    assert len(uds) == pytest.approx(40 * 52 / 78, abs=1.01)
    assert len(bars[4, "switching"]) == pytest.approx(len(uds) - len(uds.strip()), abs=1)


async def test_the_json(tmp_path: object) -> None:
    text = to_json(await measured(), HOST)
    assert text.startswith(SIGNATURE)
    record = json.loads(text)
    assert [lane["transport"] for lane in record["lanes"]] == ["uds", "tcp"]
    assert record["lanes"][0]["same"]["rounds"] == 15
    with pytest.raises(RecordingError, match="nothing was measured"):
        to_json(Anatomy(Plan(), (0,)), HOST)


def test_what_is_not_measured_is_not_guessed() -> None:
    anatomy = Anatomy(Plan(), (0, 1))
    assert anatomy_sentence(anatomy.lanes()[0]) == "UDS: not measured yet"


def test_a_size_that_one_thread_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="choose at most 64 KiB"):
        Anatomy(Plan(size_bytes=128 * 1024), (0, 1))
