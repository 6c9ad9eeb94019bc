"""The limits of control groups, read from files as the kernel writes them, and from the kernel itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from udstui.host.cgroup import Limit, cpu_limits, throttled_ns

V2_MOUNT = "25 18 0:22 / {} rw,nosuid - cgroup2 cgroup2 rw\n"
V1_MOUNT = (
    "31 23 0:26 / {} rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n32 23 0:27 / /nowhere rw - cgroup cgroup rw,memory\n"
)


@pytest.fixture
def system(tmp_path: Path) -> Path:
    (tmp_path / "cgroup" / "a" / "b").mkdir(parents=True)
    return tmp_path


def limits(system: Path, membership: str, mounts: str) -> list[Limit]:
    (system / "membership").write_text(membership)
    (system / "mounts").write_text(mounts.replace("{}", str(system / "cgroup")))
    return cpu_limits(system / "membership", system / "mounts")


def test_version_2_tells_the_tightest_limit_of_all_ancestors(system: Path) -> None:
    (system / "cgroup/a/cpu.max").write_text("50000 100000\n")
    (system / "cgroup/a/b/cpu.max").write_text("max 100000\n")
    (system / "cgroup/a/cpu.stat").write_text("usage_usec 9\nnr_throttled 3\nthrottled_usec 1500\n")
    found = limits(system, "0::/a/b\n", V2_MOUNT)
    assert [limit.cores for limit in found] == [0.5]
    assert throttled_ns(found) == 1_500_000


def test_version_1_tells_it_too(system: Path) -> None:
    (system / "cgroup/a/b/cpu.cfs_quota_us").write_text("150000\n")
    (system / "cgroup/a/b/cpu.cfs_period_us").write_text("100000\n")
    (system / "cgroup/a/cpu.cfs_quota_us").write_text("-1\n")
    (system / "cgroup/a/cpu.cfs_period_us").write_text("100000\n")
    (system / "cgroup/a/b/cpu.stat").write_text("nr_periods 9\nnr_throttled 3\nthrottled_time 777\n")
    found = limits(system, "4:memory:/x\n3:cpu,cpuacct:/a/b\n0::/\n", V1_MOUNT)
    assert [limit.cores for limit in found] == [1.5]
    assert throttled_ns(found) == 777


@pytest.mark.parametrize("membership", ["", "garbage\n", "0::/gone\n", "3:cpu:/a/b\n"])
def test_no_limit_and_no_knowledge_are_none(system: Path, membership: str) -> None:
    found = limits(system, membership, V2_MOUNT + V1_MOUNT)
    assert found == []
    assert throttled_ns(found) is None


def test_without_proc_nothing_is_known(tmp_path: Path) -> None:
    assert cpu_limits(tmp_path / "none", tmp_path / "none") == []


def test_the_kernel_of_this_machine_is_understood() -> None:
    """A child in a group of a twentieth of a core is told so, and is held up when it spins."""
    base = Path("/sys/fs/cgroup/cpu" if Path("/sys/fs/cgroup/cpu").is_dir() else "/sys/fs/cgroup")
    group = base / f"udstui-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no group of our own to be had: {error}")
    try:
        try:
            if (group / "cpu.max").exists():
                (group / "cpu.max").write_text("5000 100000")
            else:
                (group / "cpu.cfs_quota_us").write_text("5000")
        except OSError as error:
            pytest.skip(f"no limit to be had: {error}")
        code = (
            "import os, pathlib, sys, time\n"
            "pathlib.Path(sys.argv[1], 'cgroup.procs').write_text(str(os.getpid()))\n"
            "from udstui.host.cgroup import cpu_limits, throttled_ns\n"
            "found = cpu_limits(); before = throttled_ns(found); end = time.monotonic() + 30\n"
            "while throttled_ns(found) == before and time.monotonic() < end: pass\n"
            "print(min(limit.cores for limit in found), throttled_ns(found) > before)\n"
        )
        child = subprocess.run(
            [sys.executable, "-c", code, str(group)], capture_output=True, text=True, timeout=60, check=True
        )
        assert child.stdout.split() == ["0.05", "True"]
    finally:
        group.rmdir()
