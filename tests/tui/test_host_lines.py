"""What the tab Host says of a machine whose cores differ, and of a limit."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scripted import make_round
from udstui.host.facts import Host
from udstui.host.topology import Core
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.tui.tabs.host import host_lines


def lines(**facts: object) -> dict[str, str]:
    host = Host("Linux 6", "a CPU", 6, "3.12", None, **facts)  # type: ignore[arg-type]
    return {line[:12].strip(): line[12:].strip() for line in host_lines(host, Segment(Plan()))}


def test_kinds_nodes_and_threads_are_told_where_cores_differ() -> None:
    fast = [Core(n, frozenset({n // 2 * 2, n // 2 * 2 + 1})) for n in range(4)]
    slow = [Core(n, frozenset({n}), 1, 0.7) for n in (4, 5)]
    assert lines(cores=(*fast, *slow))["cores"] == "6 available · 4 physical · 2 nodes · kinds of 100, 70 % speed"
    assert lines()["cores"] == "6 available"


def test_a_quota_is_told_where_there_is_one() -> None:
    assert lines(cpu_quota_cores=0.5)["quota"] == "0.5 cores' time, by a control group"
    assert "quota" not in lines()


def test_the_program_that_answers_is_told() -> None:
    segment = Segment(Plan(workload="redis"))
    round_ = make_round(segment.plan)
    segment.add(replace(round_, intervals=[replace(one, server_version="redis 7\x1b[2J") for one in round_.intervals]))
    said = host_lines(Host("Linux 6", "a CPU", 6, "3.12", None), segment)
    assert [line.split() for line in said if "program" in line] == [
        ["UDS", "program", "redis", "7\\x1b[2J"], ["TCP", "program", "redis", "7\\x1b[2J"]
    ]  # fmt: skip
