from __future__ import annotations

import itertools
import os

import pytest

from udstui.host import facts as host_module
from udstui.host.facts import measure_clock, read_host


def test_this_host_can_be_read() -> None:
    host = read_host()
    assert host.cores_available >= 1
    assert host.clock_cost_ns is not None and host.clock_cost_ns > 0
    assert host.clock_step_ns is not None and host.clock_step_ns > 0
    assert host.gil is not None


def test_cores_are_those_of_the_system_whatever_python_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """PYTHON_CPU_COUNT changes what os.cpu_count() says."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4711)
    assert read_host().cores_online == os.sysconf("SC_NPROCESSORS_ONLN")


def test_what_cannot_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "_read", lambda path: "")
    host = read_host()
    for fact in ("cpu", "hypervisor", "clock_source", "governor", "idle_driver", "idle_governor"):
        assert getattr(host, fact) is None


@pytest.mark.parametrize(
    ("durations", "cost_ns", "step_ns"),
    [
        ([60, 61, 62, 60, 75], 61.0, 1.0),  # a reading takes many steps of a fine clock: its cost is not its step
        ([100, 0, 0, 100, 0, 0], 100 / 3, 100.0),  # the clock stands still for several readings
        ([140, 210, 209, 140, 279], 209.0, 69.0),  # steps of 69.8 ns, rounded
        ([400, 500, 500, 700], 500.0, 100.0),
        ([10_000_000], 10_000_000.0, 10_000_000.0),
    ],
)
def test_the_cost_and_the_step_of_a_clock(
    monkeypatch: pytest.MonkeyPatch, durations: list[int], cost_ns: float, step_ns: float
) -> None:
    ticks = itertools.accumulate(itertools.cycle(durations))
    monkeypatch.setattr(host_module, "perf_counter_ns", lambda: next(ticks))
    assert measure_clock() == (pytest.approx(cost_ns, rel=1e-3), step_ns)


def test_a_clock_that_stands_still_has_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "perf_counter_ns", lambda: 7)
    assert measure_clock() == (0.0, None)
