"""What happens on the cores under test, on a machine of 64 that is not this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from udstui.probe import usage
from udstui.probe.cores import Placement
from udstui.probe.surroundings import Seen, Surroundings, seen_between
from udstui.probe.usage import ClientUsageReader

_ALL = tuple(range(64))
_SECOND = 100
"""In ticks."""


class _Nothing(ClientUsageReader):
    """The lane itself uses no CPU time."""

    def all_cpu_ns(self) -> int:
        return 0


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Placement, int, int], Seen]:
    """What is seen on these cores when of each second so many ticks of core 1 are stolen, and of the others used."""
    monkeypatch.setattr(usage, "_STAT", tmp_path / "stat")
    monkeypatch.setattr(usage, "_TICKS_A_SECOND", _SECOND)

    def tell(stolen: int, used: int) -> None:
        """User, nice, system, idle, io_wait, irq, soft_irq and steal of each core."""
        lines = [
            f"cpu{core} 0 0 0 {_SECOND - stolen} 0 0 0 {stolen}"
            if core == 1
            else f"cpu{core} {used} 0 0 {_SECOND - used} 0 0 0 0"
            for core in _ALL
        ]
        (tmp_path / "stat").write_text("\n".join(["cpu  1 1 1 1", *lines, "intr 5"]))

    def look_twice(placement: Placement, stolen: int, used: int) -> Seen:
        surroundings = Surroundings(placement, _Nothing())
        (tmp_path / "stat").write_text("\n".join(f"cpu{core} 0 0 0 0 0 0 0 0" for core in _ALL))
        before = surroundings.look()
        tell(stolen, used)
        return seen_between(before, surroundings.look())

    return look_twice


@pytest.mark.parametrize(
    ("placement", "stolen_percent", "busy_s"),
    [
        (Placement((1,), (1,)), 50.0, 0.0),
        (Placement((1,), (2,)), 25.0, 1.0),
        (Placement(_ALL, _ALL), 50.0 / 64, 63.0),
    ],
)
def test_half_of_a_core_stolen_is_half_and_who_is_busy_elsewhere_does_not_count(
    seen: Callable[[Placement, int, int], Seen], placement: Placement, stolen_percent: float, busy_s: float
) -> None:
    """The whole machine counts only where the scheduler may put both sides on any core."""
    found = seen(placement, 50, _SECOND)
    assert found.steal_percent == pytest.approx(stolen_percent)
    assert found.other_cpu_ns == pytest.approx(busy_s * 1e9)
