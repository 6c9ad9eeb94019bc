from __future__ import annotations

import msgspec

from udstui.measured import Durations, Interval
from udstui.plan import Plan


def test_lanes_of_the_same_transport_are_numbered() -> None:
    assert Plan(transports=("uds", "tcp")).lane_names() == ("uds", "tcp")
    assert Plan(transports=("uds", "tcp", "uds", "uds")).lane_names() == ("uds", "tcp", "uds:2", "uds:3")


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
