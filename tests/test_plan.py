from __future__ import annotations

import msgspec
import pytest

from udstui.errors import UsageError
from udstui.plan import Durations, Interval, Plan


def test_lanes_of_the_same_transport_are_numbered() -> None:
    assert Plan(transports=("uds", "tcp")).lane_names() == ("uds", "tcp")
    assert Plan(transports=("uds", "tcp", "uds", "uds")).lane_names() == ("uds", "tcp", "uds:2", "uds:3")


def test_the_default_plan_is_sound() -> None:
    Plan().check()


@pytest.mark.parametrize(
    "change",
    [
        {"transports": ()},
        {"transports": ("uds",) * 5},
        {"size_bytes": 0},
        {"size_bytes": -1},
        {"size_bytes": 64 * 2**20 + 1},
        {"server": "elsewhere"},
        {"wait": "sleep"},
        {"interval_ns": 0},
        {"interval_ns": 10**10},
        {"warmup_ns": -1},
        {"warmup_ns": 10**12},
    ],
)
def test_a_plan_out_of_range_is_refused_with_a_remedy(change: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        msgspec.structs.replace(Plan(), **change).check()
    assert caught.value.remedy


def test_a_plan_survives_the_way_to_the_probe() -> None:
    plan = Plan(transports=("tcp", "tcp"), size_bytes=3, cores="0,1", wait="spin")
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan


def test_figures_of_an_interval() -> None:
    durations = Durations(4, 10, 40, 100, None, None, None, None, (10, 40), (3, 1))
    interval = Interval(
        lane=0, order=1, started_ns=0, operations=4, bytes=512, elapsed_ns=2000, durations=durations,
        client_cpu_ns=None, server_cpu_ns=None, voluntary_switches=None, involuntary_switches=None, steal_percent=None,
    )  # fmt: skip
    assert interval.operations_per_s == 2e6
    assert interval.gb_per_s == 0.256
    assert durations.mean_ns == 25
