from __future__ import annotations

import msgspec
import pytest

from tests.records import FIRST, PLAN, SECOND
from tests.told import table_of
from udstui.host.facts import Host
from udstui.host.topology import Core
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label

TABLE = """\
ping-pong · 128 B · runtime: python · server: process · cores: same (both on 1) · wait: block

round trip                    UDS        TCP
min                       10.0 ns    20.0 ns
p50                       10.0 ns    20.0 ns
p90                             –          –
p99                             –          –
p99.9                           –          –
max                       20.0 ns    40.0 ns
mean                      15.0 ns    30.0 ns
one way (half the mean)   7.50 ns    15.0 ns
operations                     20         20
rate                     62.5 M/s   31.2 M/s
throughput               8.00 GB/s  4.00 GB/s
CPU client                   31 %       31 %
CPU server                   25 %       25 %

Too early to compare UDS and TCP in median (1 of 10 rounds, UDS 2.00x so far)"""


def test_the_table() -> None:
    segment = Segment(PLAN)
    Run().add(segment, FIRST)
    assert [line.split() for line in table_of(segment).splitlines()] == [line.split() for line in TABLE.splitlines()]
    columns = [line for line in table_of(segment).splitlines()[2:-2] if line]
    assert len({len(line) for line in columns}) == 1  # right-aligned


def test_the_duration_of_a_send_is_not_told_as_what_was_compared() -> None:
    plan = msgspec.structs.replace(PLAN, workload="bulk-send")
    segment, run = Segment(plan), Run()
    for _ in range(10):
        run.add(segment, FIRST)
    said = table_of(segment)
    assert "UDS carries 2.00x as much as TCP" in said
    assert "UDS is 2.00x faster than TCP at the send p50" in said
    assert "one way" not in said


def test_one_lane_alone_has_no_verdict() -> None:
    plan = msgspec.structs.replace(PLAN, transports=("uds",))
    segment = Segment(plan)
    Run().add(segment, msgspec.structs.replace(SECOND, intervals=SECOND.intervals[:1]))
    assert table_of(segment).splitlines()[-1] == "One lane only: nothing to compare"


def test_lanes_plans_and_placements_as_text() -> None:
    assert [lane_label(name) for name in ("uds", "tcp", "tcp:2")] == ["UDS", "TCP", "TCP 2"]
    assert plan_sentence(PLAN) == "ping-pong · 128 B · runtime: python · server: process · cores: same · wait: block"


@pytest.mark.parametrize(
    ("plan", "client", "server", "cores"),
    [
        (Plan(), (1,), (1,), "auto (same: both on 1)"),
        (Plan(), (0,), (1,), "auto (split: client on 0, server on 1)"),
        (Plan(), (0, 1), (0, 1), "auto (free)"),
        (Plan(cores="split"), (0,), (1,), "split (client on 0, server on 1)"),
        (Plan(cores="free"), (0, 1), (0, 1), "free"),
        (Plan(cores="split"), (0, 1), (0, 1), "split (not held there)"),
        (Plan(), (0,), (), "auto (client on 0)"),  # as an edited file may tell
        (Plan(cores="0,1"), (0,), (1,), "0,1 (client on 0, server on 1)"),
        (Plan(("uds", "unix:/x")), (0, 1), (0, 1), "auto (free)"),
        (Plan(("uds", "unix:/x")), (1,), (1,), "auto (free: client on 1)"),  # where the server is nobody knows
    ],
)
def test_the_sentence_tells_where_both_sides_are_as_far_as_it_is_known(
    plan: Plan, client: tuple[int, ...], server: tuple[int, ...], cores: str
) -> None:
    assert f" · cores: {cores} · wait" in plan_sentence(plan, client, server)


@pytest.mark.parametrize(
    ("client", "server", "where"),
    [
        (3, 3, "both on 3, node 0, fastest kind"),
        (1, 3, "client on 1, server on 3, node 0, fastest kind"),
        (2, 3, "client on 2, server on 3, node 0, fastest kind, threads of one physical core"),
        (3, 5, "client on 3, server on 5, nodes 0 and 1, a kind of 70 % speed"),
    ],
)
def test_where_cores_differ_their_node_and_kind_are_named(client: int, server: int, where: str) -> None:
    cores = [Core(n, frozenset({n // 2 * 2, n // 2 * 2 + 1})) for n in range(4)]
    slow = [Core(n, frozenset({n}), 1, 0.7) for n in (4, 5)]
    host = Host("Linux 6", None, 6, "3.12", None, cores=(*cores, *slow))
    assert f"cores: split ({where}) ·" in plan_sentence(Plan(cores="split"), (client,), (server,), host=host)


def test_what_goes_without_saying_or_is_told_elsewhere_is_left_out() -> None:
    plan = Plan(("unix:/x", "unix:/y"), connections=4)
    assert plan_sentence(plan, without=("size_bytes",)) == (
        "ping-pong · server: not ours · cores: auto · wait: block · connections: 4"
    )
