"""Who else keeps the machine busy."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scripted import HOST, make_round
from udstui.plan import Plan
from udstui.tui.busiest import Busiest, Process, busiest, processes
from udstui.tui.session import Session

BEFORE = {
    1: Process("init", 0, 100),
    10: Process("udstui", 1, 50),
    11: Process("probe", 10, 50),
    20: Process("firefox", 1, 10),
    21: Process("idle", 1, 10),
    22: Process("make", 1, 10),
    23: Process("old", 1, 10),
}


def test_the_two_that_took_most_are_named_and_never_ourselves() -> None:
    after = {pid: process._replace(ticks=process.ticks + 10 * pid) for pid, process in BEFORE.items()}
    after[21] = BEFORE[21]
    after[23] = Process("new", 1, 10_000)  # another one under the number of one that has ended
    assert busiest(BEFORE, after, 10) == ["make (22)", "firefox (20)"]
    assert busiest({}, after, 10) == []


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    place = tmp_path / "7"
    place.mkdir()
    (place / "stat").write_bytes(b"7 (a) b\x1b[31m) S 1 " + b"0 " * 9 + b"5 6 0 0")
    (tmp_path / "8").mkdir()
    assert processes(tmp_path)[7][1:] == (1, 11)
    assert "\x1b" not in processes(tmp_path)[7].name
    assert set(processes(tmp_path)) == {7}
    assert processes(tmp_path / "none") == {}


def test_a_caveat_of_others_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Plan(), HOST)
    round_ = make_round(Plan())
    busy = [replace(one, other_cpu_ns=10**9, watched_ns=2 * 10**9) for one in round_.intervals]
    session.add(replace(round_, intervals=tuple(busy)))
    assert [caveat.remedy for caveat in session.caveats() if caveat.code == "busy"] == ["stop what else is running"]
    monkeypatch.setattr(Busiest, "names", lambda *_: ["make (22)", "firefox (20)"])
    assert "stop make (22) and firefox (20)" in [caveat.remedy for caveat in session.caveats()]
