"""The probe end to end: real processes, real sockets."""

from __future__ import annotations

import asyncio
import itertools
import os
from pathlib import Path

import msgspec
import pytest

from tests.probe.asking import QUICK, change, servers_of, two_cores, worker_of
from tests.records import FIRST
from udstui.errors import ServiceError, UsageError
from udstui.measured import Interval
from udstui.plan import Plan
from udstui.probe import client, generations, worker
from udstui.probe.client import Probe
from udstui.probe.messages import Question, RoundsAnswer
from udstui.transports.private_folder import PrivateFolder

pytestmark = pytest.mark.usefixtures("no_process_is_replaced")


@two_cores
@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
@pytest.mark.parametrize("server", ["process", "thread"])
async def test_every_way_to_measure_gives_a_round(probe: Probe, workload: str, server: str) -> None:
    for cores, wait in itertools.product(("auto", "same", "split", "free"), ("block", "spin")):
        plan = change(workload=workload, server=server, cores=cores, wait=wait, size_bytes=100)
        round_ = await probe.measure(plan)
        assert [interval.lane for interval in round_.intervals] == [0, 1]
        assert sorted(interval.order for interval in round_.intervals) == [1, 2]
        assert all(interval.operations >= 1 for interval in round_.intervals)
        assert all(interval.bytes == 100 * interval.operations for interval in round_.intervals)
        if cores == "same":
            assert round_.client_cores == round_.server_cores
            assert len(round_.client_cores) == 1
        if cores == "split":
            assert round_.client_cores != round_.server_cores


@two_cores
async def test_processes_run_where_the_round_says(probe: Probe) -> None:
    first, second = sorted(os.sched_getaffinity(0))[:2]
    for cores in (f"{first},{second}", f"{second},{first}", "same", "free"):
        round_ = await probe.measure(change(cores=cores))
        assert probe.pid
        assert os.sched_getaffinity(worker_of(probe).pid) == set(round_.client_cores)
        for server in servers_of(probe):
            assert os.sched_getaffinity(server.pid) == set(round_.server_cores)
        if "," in cores:
            assert (round_.client_cores, round_.server_cores) == tuple((int(core),) for core in cores.split(","))


@pytest.mark.parametrize("size_bytes", [1, 64 * 2**20])
@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
async def test_the_extremes_of_size(probe: Probe, workload: str, size_bytes: int) -> None:
    round_ = await probe.measure(change(workload=workload, size_bytes=size_bytes))
    assert all(interval.bytes == size_bytes * interval.operations > 0 for interval in round_.intervals)


async def test_the_order_of_the_lanes_is_drawn_anew(probe: Probe) -> None:
    orders = set()
    for _ in range(40):  # both orders, but for one run in 2^39
        round_ = await probe.measure(QUICK)
        orders.add(tuple(interval.order for interval in round_.intervals))
    assert orders == {(1, 2), (2, 1)}


async def test_servers_live_on_while_the_plan_is_the_same_and_change_with_it(probe: Probe) -> None:
    await probe.measure(QUICK)
    before = {server.pid for server in servers_of(probe)}
    await probe.measure(QUICK)
    assert {server.pid for server in servers_of(probe)} == before
    await probe.measure(change(transports=("tcp", "tcp", "uds")))
    after = {server.pid for server in servers_of(probe)}
    assert len(after) == 1, "one process for all lanes"
    assert not before & after


async def test_servers_in_threads_are_no_processes(probe: Probe) -> None:
    await probe.measure(change(server="thread"))
    assert servers_of(probe) == []


@pytest.mark.parametrize(
    "settings",
    [{"cores": "0,4711"}, {"cores": "x"}, {"size_bytes": 0}, {"workload": "?"}, {"transports": ("?", "uds")}],
)
async def test_a_plan_that_cannot_be_measured_is_the_asker_s_fault(probe: Probe, settings: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        await probe.measure(change(**settings))
    await probe.measure(QUICK)  # and nothing else is harmed


@pytest.mark.parametrize("runtime", ["native", "python"])
async def test_each_generation_has_new_processes(probe: Probe, runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "FIRST_NS", 1)
    plan = change(runtime=runtime)
    seen: dict[int | None, set[int]] = {}
    for _ in range(3):
        round_ = await probe.measure(plan)
        worker = worker_of(probe)
        seen[round_.generation] = {worker.pid, *(server.pid for server in servers_of(probe))}
        is_new_python = "udstui.probe.worker" in worker.cmdline()
        assert is_new_python == (runtime == "python"), "its hashes have another seed"
        assert worker.name() == "udstui-probe"
    assert [len(pids) for pids in seen.values()] == [2, 2, 2]
    assert len(set().union(*seen.values())) == 6


async def test_rounds_in_one_go_follow_each_other_for_so_long(probe: Probe) -> None:
    await probe.measure(QUICK)
    at_once_ns = 60 * len(QUICK.transports) * QUICK.interval_ns
    rounds = await probe.measure_for(QUICK, at_once_ns)
    assert 1 < len(rounds) <= 60
    assert len({round_.generation for round_ in rounds}) == 1
    starts_ns = [min(interval.started_ns for interval in round_.intervals) for round_ in rounds]
    assert starts_ns == sorted(starts_ns)
    assert starts_ns[-2] - starts_ns[0] < at_once_ns, "the last one was begun before it was over"
    assert len(await probe.measure_for(QUICK, 1)) == 1


async def test_rounds_in_one_go_end_with_their_generation(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "FIRST_NS", 1)
    together = [await probe.measure_for(QUICK, 10**9) for _ in range(3)]
    assert [[round_.generation for round_ in rounds] for rounds in together] == [[1], [2], [3]]


async def test_a_failure_in_the_middle_takes_no_round_away_and_is_told_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another plan is asked for: that has nothing to do with it."""

    class Answering:
        """A child that measures two rounds of three."""

        pid = 1

        def send(self, question: object) -> None: ...

        async def stop(self) -> None: ...

        async def receive(self, *_: object) -> RoundsAnswer:
            return RoundsAnswer((FIRST, FIRST), "TCP: the server is gone", "start it")

    monkeypatch.setattr(client, "AsyncChild", lambda *_: Answering())
    async with Probe() as probe:
        assert len(await probe.measure_for(QUICK, 10**9)) == 2
        with pytest.raises(ServiceError, match="TCP: the server is gone; start it"):
            await probe.measure_for(QUICK, 10**9)
        assert len(await probe.measure_for(QUICK, 10**9)) == 2
        assert len(await probe.measure_for(change(size_bytes=7), 10**9)) == 2


def test_the_rounds_before_a_failure_are_answered_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        """Lanes whose server is gone after two rounds."""

        def __init__(self, *_: object) -> None:
            self.left, self.is_closed = 2, False
            made.append(self)

        def warm_up(self, *_: object) -> None: ...

        def measure(self, interval_ns: int) -> tuple[Interval, ...]:
            self.left -= 1
            if self.left < 0:
                raise ServiceError("the server is gone", "start it")
            return FIRST.intervals

        def close(self) -> None:
            self.is_closed = True

    made: list[Failing] = []
    monkeypatch.setattr(worker, "Lanes", Failing)
    with PrivateFolder() as private:
        asked = worker.Worker(private)
        for number in (1, 2):
            answer = asked.answer(msgspec.json.encode(Question(QUICK, 1, at_once_ns=10**12)))
            assert [round_.intervals for round_ in answer.measured or ()] == [FIRST.intervals] * 2
            assert (answer.problem, answer.remedy) == ("the server is gone", "start it")
            assert [lanes.is_closed for lanes in made] == [True] * number, "and then there are new ones"


async def test_a_cancelled_question_does_not_answer_the_next(probe: Probe) -> None:
    await probe.measure(QUICK)
    for _ in range(3):
        unwanted = asyncio.create_task(probe.measure(change(size_bytes=7)))
        await asyncio.sleep(0)  # it has asked
        unwanted.cancel()
        await asyncio.wait([unwanted])
    round_ = await probe.measure(change(size_bytes=11))
    for interval in round_.intervals:
        assert interval.bytes == 11 * interval.operations


async def test_the_current_folder_is_not_a_place_to_import_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("msgspec", "numpy", "socket", "udstui"):
        (folder / f"{name}.py").write_text("raise SystemExit('wrong module')")
    monkeypatch.chdir(folder)
    async with Probe() as probe:
        await probe.measure(QUICK)


async def test_what_was_prepared_is_not_taken_for_an_answer() -> None:
    async with Probe() as probe:
        probe.prepare(Plan(size_bytes=1))
        round_ = await probe.measure(Plan(size_bytes=1000))
        assert all(interval.bytes == 1000 * interval.operations for interval in round_.intervals)
        probe.prepare(Plan(cores="77,78"))
        assert (await probe.measure(Plan())).intervals
