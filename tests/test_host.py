from __future__ import annotations

import itertools

import pytest

from udstui import host as host_module
from udstui.host import measure_clock, read_host


def test_this_host_can_be_read() -> None:
    host = read_host()
    assert host.cores_available >= 1
    assert host.clock_cost_ns is not None and host.clock_cost_ns > 0
    assert host.clock_step_ns is not None and host.clock_step_ns > 0
    assert host.gil is not None


def test_what_cannot_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "_read", lambda path: "")
    host = read_host()
    for fact in ("cpu", "hypervisor", "clock_source", "governor", "idle_driver", "idle_governor"):
        assert getattr(host, fact) is None


def test_the_cost_and_the_step_of_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.accumulate(itertools.cycle([50, 50, 30]))
    monkeypatch.setattr(host_module, "perf_counter_ns", lambda: next(ticks))
    assert measure_clock() == (50.0, 30.0)


def test_a_clock_that_stands_still_has_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "perf_counter_ns", lambda: 7)
    assert measure_clock() == (0.0, None)
