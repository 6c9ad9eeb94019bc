"""The probe end to end: real processes, real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import psutil
import pytest
import pytest_asyncio

from tests.helpers import PATIENCE_S, is_running, running, wait_until
from udstui.errors import ProbeError, ServiceError, UsageError
from udstui.plan import Plan
from udstui.probe import client, generations
from udstui.probe.client import Probe

MS = 10**6
QUICK = Plan(interval_ns=5 * MS, warmup_ns=1)
two_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core only")


@pytest.fixture(autouse=True)
def no_process_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine two rounds take longer than a first generation."""
    monkeypatch.setattr(generations, "FIRST_NS", generations.LONGEST_NS)


@pytest_asyncio.fixture
async def probe(folder: Path) -> AsyncIterator[Probe]:
    """In a TMPDIR of its own, which must be empty afterwards."""
    async with Probe() as running:
        yield running
    assert list(folder.iterdir()) == []


def change(**settings: object) -> Plan:
    return msgspec.structs.replace(QUICK, **settings)


def worker_of(probe: Probe) -> psutil.Process:
    """The process of the generation that is measuring."""
    (worker,) = psutil.Process(probe.pid).children()
    return worker


def servers_of(probe: Probe) -> list[psutil.Process]:
    """Of whichever generations there are; none of a worker that has just ended."""
    found: list[psutil.Process] = []
    for worker in psutil.Process(probe.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += worker.children()
    return found


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


@pytest.mark.parametrize("wait", ["block", "spin"])
async def test_a_killed_server_is_started_anew(probe: Probe, wait: str) -> None:
    plan = change(wait=wait, cores="free")
    await probe.measure(plan)
    servers_of(probe)[0].kill()
    with pytest.raises(ServiceError) as caught:
        await probe.measure(plan)
    assert "killed by signal 9" in str(caught.value)
    await probe.measure(plan)
    assert len(servers_of(probe)) == 1


async def test_a_server_killed_in_the_middle_of_an_interval(probe: Probe) -> None:
    plan = change(interval_ns=5000 * MS, transports=("uds",))
    round_ = asyncio.create_task(probe.measure(plan))
    while not round_.done() and not servers_of(probe):
        await asyncio.sleep(0.01)
    server = servers_of(probe)[0]
    while not round_.done() and server.cpu_times().system < 0.1:
        await asyncio.sleep(0.01)
    server.kill()
    with pytest.raises(ServiceError, match=r"measure again|still running"):
        await round_
    await probe.measure(QUICK)


async def test_a_killed_probe_is_started_anew(probe: Probe, folder: Path) -> None:
    await probe.measure(QUICK)
    killed, orphans = probe.pid, servers_of(probe)
    assert killed
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(ProbeError, match="killed by signal 9"):
        await probe.measure(QUICK)
    for orphan in orphans:
        wait_until(lambda pid=orphan.pid: not is_running(pid), "the servers of a killed probe to leave")  # type: ignore[misc]
    await probe.measure(QUICK)
    assert probe.pid != killed
    assert len(list(folder.iterdir())) == 1  # the killed one's folder is gone


async def test_a_probe_that_does_not_answer_is_stopped(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_longest_s", lambda *_, **__: 0.2)
    monkeypatch.setattr("udstui.child._STOP_WITHIN_S", 0.1)
    assert probe.pid
    stopped = probe.pid
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(ProbeError, match="did not answer"):
        await probe.measure(QUICK)
    assert not is_running(stopped)


async def test_a_probe_that_was_stopped_is_ended_and_said_to_have_been(probe: Probe) -> None:
    await probe.measure(QUICK)
    assert probe.pid
    os.kill(probe.pid, signal.SIGSTOP)
    with pytest.raises(ProbeError, match="had been stopped by a signal"):
        await probe.measure(QUICK)
    assert (await probe.measure(QUICK)).intervals


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


@pytest.mark.parametrize(("number", "said"), [(signal.SIGKILL, "killed by signal 9"), (signal.SIGSTOP, "stopped by a")])
async def test_what_happens_to_the_worker_is_told_of_the_probe(
    probe: Probe, number: signal.Signals, said: str, folder: Path
) -> None:
    await probe.measure(QUICK)
    worker_of(probe).send_signal(number)
    with pytest.raises(ProbeError, match=said):
        await probe.measure(QUICK)
    assert (await probe.measure(QUICK)).intervals
    await probe.stop()
    assert list(folder.iterdir()) == []


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


async def test_stop_leaves_nothing_and_measure_starts_again(folder: Path) -> None:
    probe = Probe()
    await probe.stop()  # harmless
    await probe.measure(QUICK)
    assert probe.pid
    processes = [probe.pid, worker_of(probe).pid, *(server.pid for server in servers_of(probe))]
    assert len(processes) == 3
    assert len(list(folder.iterdir())) == 1
    await probe.stop()
    assert probe.pid is None
    for pid in processes:
        wait_until(lambda pid=pid: not is_running(pid), "the processes to leave")  # type: ignore[misc]
    assert list(folder.iterdir()) == []
    await probe.measure(QUICK)
    await probe.stop()


async def test_stop_in_the_middle_of_a_measurement_does_not_wait_for_it(probe: Probe) -> None:
    task = asyncio.create_task(probe.measure(change(warmup_ns=60_000 * MS)))
    while not servers_of(probe):
        await asyncio.sleep(0.01)
    processes = [probe.pid, *(server.pid for server in servers_of(probe))]
    task.cancel()
    await asyncio.wait_for(probe.stop(), PATIENCE_S)
    for pid in processes:
        wait_until(lambda pid=pid: not is_running(pid), "the processes to leave")  # type: ignore[misc]


async def test_stop_ends_a_server_that_cannot_leave_by_itself(probe: Probe) -> None:
    await probe.measure(QUICK)
    server = servers_of(probe)[0]
    server.suspend()
    await probe.stop()
    wait_until(lambda: not is_running(server.pid), "the stopped server to be ended")


OWNER = """
import asyncio
from udstui.plan import Plan
from udstui.probe.client import Probe

async def main():
    async with Probe() as probe:
        await probe.measure(Plan(interval_ns=5_000_000))
        print(probe.pid, flush=True)
        await probe.measure(Plan(interval_ns=5_000_000_000))

asyncio.run(main())
"""


def test_nothing_outlives_an_owner_that_was_killed(folder: Path) -> None:
    with running(sys.executable, "-c", OWNER, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        probe = psutil.Process(int(owner.stdout.readline()))
        processes = [probe, *probe.children(recursive=True)]
        owner.kill()
    for process in processes:
        wait_until(lambda pid=process.pid: not is_running(pid), "the probe and its servers to leave")  # type: ignore[misc]
    wait_until(lambda: not list(folder.iterdir()), "the folder to be removed")


async def test_the_current_folder_is_not_a_place_to_import_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("msgspec", "numpy", "socket", "udstui"):
        (folder / f"{name}.py").write_text("raise SystemExit('wrong module')")
    monkeypatch.chdir(folder)
    async with Probe() as probe:
        await probe.measure(QUICK)


async def test_a_probe_that_is_stopped_while_it_measures_says_so() -> None:
    async with Probe() as probe:
        await probe.measure(Plan())
        measuring = asyncio.create_task(probe.measure(msgspec.structs.replace(Plan(), interval_ns=10**9)))
        await asyncio.sleep(0)
        await probe.stop()
        with pytest.raises(ProbeError, match="was stopped while it measured"):
            await measuring
        assert (await probe.measure(Plan())).intervals


async def test_what_was_prepared_is_not_taken_for_an_answer() -> None:
    async with Probe() as probe:
        probe.prepare(Plan(size_bytes=1))
        round_ = await probe.measure(Plan(size_bytes=1000))
        assert all(interval.bytes == 1000 * interval.operations for interval in round_.intervals)
        probe.prepare(Plan(cores="77,78"))
        assert (await probe.measure(Plan())).intervals
