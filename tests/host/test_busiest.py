"""Who else keeps the machine busy."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scripted import HOST, Script, make_round
from udstui.commands import measure as room
from udstui.commands.outputs import Outputs
from udstui.experiments.race import Race
from udstui.host.busiest import Busiest, Process, busiest, processes
from udstui.measured import Round
from udstui.plan import Plan
from udstui.tui.session import Session

BEFORE = {
    1: Process("init", 0, 100, 1),
    10: Process("udstui", 1, 50, 1),
    11: Process("probe", 10, 50, 1),
    20: Process("firefox", 1, 10, 1),
    21: Process("idle", 1, 10, 1),
    22: Process("make", 1, 10, 1),
    23: Process("old", 1, 10_000, 1),
}


def test_the_two_that_took_most_are_named_and_never_ourselves() -> None:
    after = {pid: process._replace(ticks=process.ticks + 10 * pid) for pid, process in BEFORE.items()}
    after[21] = BEFORE[21]
    del after[23]
    assert busiest(BEFORE, after, 10) == ["make (22)", "firefox (20)"]
    after[23] = Process("new", 1, 9_000, 2)  # under the number of one that has ended
    after[24] = Process("newer", 1, 8_000, 3)
    after[25] = Process("ours", 11, 10_000, 3)
    assert busiest(BEFORE, after, 10) == ["new (23)", "newer (24)"]
    assert busiest({}, after, 10) == []


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    place = tmp_path / "7"
    place.mkdir()
    (place / "stat").write_bytes(b"7 (a) b\x1b[31m) S 1 " + b"0 " * 9 + b"5 6 " + b"0 " * 6 + b"9 0")
    (tmp_path / "8").mkdir()
    assert processes(tmp_path)[7][1:] == (1, 11, 9)
    assert "\x1b" not in processes(tmp_path)[7].name
    assert set(processes(tmp_path)) == {7}
    assert processes(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("names", "is_recorded", "remedy"),
    [
        (["make (22)", "firefox (20)"], False, "stop make (22) and firefox (20)"),
        (["make (22)"], False, "stop make (22)"),
        ([], False, "stop what else is running"),
        (["make (22)"], True, "stop what else is running"),  # it was another's business when that was measured
    ],
)
def test_a_caveat_of_others_names_them(
    names: list[str], is_recorded: bool, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Busiest, "names", lambda _: names)
    session = Session(Plan(), HOST, is_recorded=is_recorded)
    session.add(make_busy(make_round(Plan())))
    assert [caveat.remedy for caveat in session.caveats() if caveat.code == "busy"] == [remedy]


def test_the_table_of_a_run_names_them(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Busy(Script):
        async def measure(self, plan: Plan) -> Round:
            return make_busy(await super().measure(plan))

    monkeypatch.setattr(room, "Probe", lambda: contextlib.nullcontext(Busy()))
    monkeypatch.setattr(room, "hold_signals", lambda: None)  # they are pytest's
    monkeypatch.setattr(room, "busiest_since", lambda _: ["make (22)"])
    assert room.measure(lambda _: Race(Plan(), 10**9), Outputs(None, None)) == 0
    assert "Caveat: other processes used 50 % of a core; stop make (22)\n" in capsys.readouterr().out


def make_busy(round_: Round) -> Round:
    busy = [replace(one, other_cpu_ns=10**9, watched_ns=2 * 10**9) for one in round_.intervals]
    return replace(round_, intervals=tuple(busy))
