"""What the tab Host says of a machine whose cores differ, and of a limit."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from tests.records import written
from tests.scripted import make_round
from tests.tui.driving import SIZE, settle, text_of
from udstui.host.facts import Host
from udstui.host.topology import Core
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.recording.read import read_record_of, read_to_replay
from udstui.results.segment import Segment
from udstui.tui.app import UdstuiApp
from udstui.tui.replay import Replay
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


async def test_the_json_beside_the_file_tells_the_settings_of_the_sockets(folder: Path) -> None:
    measured = make_round(Plan())
    sizes = (64 * 1024, 512 * 1024)
    lanes = [
        replace(each, client_socket=SocketSettings(size, size, None))
        for each, size in zip(measured.intervals, sizes, strict=True)
    ]
    path, _ = written(folder, "run", [(Plan(), [replace(measured, intervals=tuple(lanes))])])
    recorded = read_to_replay(path)
    app = UdstuiApp(Replay(recorded, path.name, read_record_of(recorded.rounds_of, path)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("6")
        await settle(app)
        told = text_of(app, "#host-lines")
        assert "UDS client  SO_SNDBUF 64 KiB" in told and "TCP client  SO_SNDBUF 512 KiB" in told
        assert "UDS server  –" in told
