from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from udstui.probe.usage import CpuTimes, UsageReader, steal_percent


def burn_until(event: threading.Event) -> None:
    while not event.is_set():
        pass


def test_the_cpu_time_of_another_process_is_read() -> None:
    with subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1) as other:
        assert other.stdout and other.stdin
        other.stdout.readline()
        usage = UsageReader(other.pid)()
        other.stdin.close()
    assert usage.server_cpu_ns is not None and usage.server_cpu_ns > 0
    assert usage.voluntary_switches is not None and usage.voluntary_switches > 0


def test_the_usage_of_a_process_that_is_gone_is_unknown_and_not_0() -> None:
    other = subprocess.Popen([sys.executable, "-c", ""])
    other.wait()
    usage = UsageReader(other.pid)()
    assert (usage.server_cpu_ns, usage.voluntary_switches, usage.involuntary_switches) == (None, None, None)


def test_client_and_server_threads_of_one_process_are_told_apart() -> None:
    read, stop = UsageReader(None), threading.Event()
    server = threading.Thread(target=burn_until, args=(stop,))
    before = read()
    server.start()
    while (after := read()).server_cpu_ns < before.server_cpu_ns + 20_000_000:  # type: ignore[operator]
        os.sched_yield()
    stop.set()
    server.join()
    assert after.client_cpu_ns >= before.client_cpu_ns


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (CpuTimes(1, 100), CpuTimes(2, 150), 2.0),
        (CpuTimes(1, 100), CpuTimes(1, 150), 0.0),
        (CpuTimes(2, 100), CpuTimes(1, 150), 0.0),  # kernels do count backwards at times
        (CpuTimes(1, 100), CpuTimes(1, 100), None),
        (CpuTimes(None, 100), CpuTimes(None, 150), None),
    ],
)
def test_steal_is_a_share_of_all_cpu_time(before: CpuTimes, after: CpuTimes, percent: float | None) -> None:
    assert steal_percent(before, after) == percent
