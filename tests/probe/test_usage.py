from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from tests.helpers import running, wait_until
from udstui.probe import usage as usage_module
from udstui.probe.usage import (
    CpuTimes,
    FamilyUsageReader,
    Usage,
    UsageReader,
    added,
    cpu_times,
    other_cpu_ns,
    proc_is_ours,
    steal_percent,
    used_between,
)

MS = 10**6


def burn_until(event: threading.Event) -> None:
    while not event.is_set():
        pass


def test_the_cpu_time_of_another_process_is_read() -> None:
    with running(sys.executable, "-c", "print(flush=True); input()", stdin=-1, stdout=-1) as other:
        assert other.stdout and other.stdin
        other.stdout.readline()
        usage = UsageReader(other.pid)()
        other.stdin.close()
    assert usage.server_cpu_ns is not None and usage.server_cpu_ns > 0
    assert usage.voluntary_switches is not None and usage.voluntary_switches > 0


def test_of_a_process_that_serves_other_lanes_too_only_the_threads_of_this_one_count() -> None:
    words = "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); "
    words += "[time.sleep(1e-4) for _ in range(200)]; print(flush=True); input()"
    with running(sys.executable, "-c", words, stdin=-1, stdout=-1) as other:
        assert other.stdout and other.stdin
        other.stdout.readline()
        busy, idle = UsageReader(other.pid), UsageReader(other.pid)
        busy.threads = (other.pid,)
        threads = {int(folder.name) for folder in Path(f"/proc/{other.pid}/task").iterdir()}
        idle.threads = tuple(threads - {other.pid})
        ours = UsageReader(None)().voluntary_switches or 0
        switched, slept = ((one().voluntary_switches or 0) - ours for one in (busy, idle))
        other.stdin.close()
    assert len(idle.threads) == 1
    assert switched > 200 > slept


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


STAT = "cpu  0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 50 0\ncpu1 0 0 0 500 0 0 0 500 0 0\ncpu10 900 0 0 0 0 0 0 0 0 0\n"


def test_only_the_cores_under_test_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the measured core stolen is half, on however many cores; who is busy beside it does not matter."""
    (tmp_path / "stat").write_text(STAT)
    monkeypatch.setattr(usage_module, "_STAT", tmp_path / "stat")
    monkeypatch.setattr(usage_module, "_TICKS_A_SECOND", 100)
    assert cpu_times([1]) == CpuTimes(steal_s=5.0, total_s=10.0, busy_s=0.0)
    assert cpu_times([0, 1]) == CpuTimes(steal_s=5.0, total_s=20.0, busy_s=2.0)
    nothing = CpuTimes(0.0, 0.0, 0.0)
    assert steal_percent(nothing, cpu_times([1])) == 50.0
    assert other_cpu_ns(nothing, cpu_times([0]), 500_000_000) == 1_500_000_000


@pytest.mark.parametrize("text", ["", "garbage\n", "cpu0 x\n"])
def test_what_the_kernel_does_not_tell_is_unknown(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stat").write_text(text)
    monkeypatch.setattr(usage_module, "_STAT", tmp_path / "stat")
    assert cpu_times([0]) == CpuTimes(None, 0.0, None)


def test_in_a_proc_of_other_processes_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a PID namespace with the /proc of another, our numbers are those of strangers."""
    assert proc_is_ours()
    (tmp_path / "self").symlink_to("4711")
    assert not proc_is_ours(tmp_path)
    assert not proc_is_ours(tmp_path / "nowhere")
    monkeypatch.setattr(usage_module, "proc_is_ours", lambda: False)
    reader = UsageReader(os.getppid())
    assert reader().voluntary_switches is None
    assert reader().server_cpu_ns is not None, "the clock of a process is found without /proc"
    assert reader.migrations() is None


def test_what_may_not_be_asked_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a seccomp profile refuses getrusage and clock_gettime."""

    def refuse(_: int) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(usage_module.resource, "getrusage", refuse)
    monkeypatch.setattr(usage_module.time, "clock_gettime_ns", refuse)
    for reader in (UsageReader(None), UsageReader(os.getppid())):
        assert reader() == Usage(None, None, None, None)
        assert reader.all_cpu_ns() is None


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


def test_children_that_have_ended_are_counted_and_their_switches_are_not_known() -> None:
    burn = "subprocess.run([sys.executable, '-c', 'sum(range(5_000_000))'])"
    words = f"import subprocess, sys; print(flush=True)\nfor _ in sys.stdin: {burn}; print(flush=True)"
    with running(sys.executable, "-c", words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin and parent.stdout
        parent.stdout.readline()
        reader = FamilyUsageReader(parent.pid)
        before = reader()
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        parent.stdout.readline()
        used = used_between(before, reader())
    assert used.server_cpu_ns is not None and used.server_cpu_ns > 30 * 10**6
    assert used.voluntary_switches is None or used.family == {}


def test_who_served_the_interval_before_and_ends_in_this_one_takes_nothing_from_what_this_one_used() -> None:
    """From its end on it is told in ticks: 12 ms become 10, or 20, and 3 ms none, or 10."""
    before = Usage(0, 0, 5, 5, family={1: 100, 2: 12 * MS, 3: 3 * MS}, ended_ns=40 * MS)
    for ended_ns in (40 * MS, 50 * MS, 60 * MS):
        after = Usage(0, 0, 7, 7, family={1: 150, 4: 8 * MS}, ended_ns=ended_ns)
        assert used_between(before, after) == Usage(0, 50 + 8 * MS, None, None)


def test_processes_that_begin_and_end_within_an_interval_are_counted() -> None:
    before = Usage(0, 0, 5, 5, family={1: 100, 2: 12 * MS}, ended_ns=40 * MS)
    after = Usage(0, 0, 7, 7, family={1: 150}, ended_ns=120 * MS)
    assert used_between(before, after).server_cpu_ns == 50 + 68 * MS


def test_children_of_children_count() -> None:
    """As of a socat that runs a program for each connection."""
    with running("sh", "-c", "(cat; :); :", stdin=subprocess.PIPE) as parent:
        reader = FamilyUsageReader(parent.pid)
        wait_until(lambda: len(reader().family) == 3, "the grandchild to begin")


def test_one_short_stretch_in_which_a_thread_seems_to_give_time_back_does_not_hide_what_it_used() -> None:
    """Its time is the process' less the client's: what the client uses between the two looks is in it, too."""
    used = added(Usage(0, 0, 0, 0), used_between(Usage(5, 40, 1, 1), Usage(6, 39, 1, 1)))
    assert added(used, Usage(3, 10, 1, 1)) == Usage(4, 9, 1, 1)
