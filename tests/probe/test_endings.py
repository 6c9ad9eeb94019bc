"""Ends of a probe and of its processes: killed, stopped, or told to leave; real processes, real sockets."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from tests.helpers import PATIENCE_S, is_running, running, wait_until
from tests.probe.asking import MS, QUICK, change, servers_of, worker_of
from udstui.errors import ProbeError, ServiceError
from udstui.plan import Plan
from udstui.probe import client
from udstui.probe.client import Probe

pytestmark = pytest.mark.usefixtures("no_process_is_replaced")


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
    monkeypatch.setattr("udstui.children.child._STOP_WITHIN_S", 0.1)
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


async def test_a_probe_that_is_stopped_while_it_measures_says_so() -> None:
    async with Probe() as probe:
        await probe.measure(Plan())
        measuring = asyncio.create_task(probe.measure(msgspec.structs.replace(Plan(), interval_ns=10**9)))
        await asyncio.sleep(0)
        await probe.stop()
        with pytest.raises(ProbeError, match="was stopped while it measured"):
            await measuring
        assert (await probe.measure(Plan())).intervals
