"""Facts about this host. What cannot be read is None, never guessed."""

from __future__ import annotations

import contextlib
import itertools
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter_ns

from msgspec import Struct

from udstui.host.affinity import available_cores
from udstui.host.cgroup import cpu_limits
from udstui.host.topology import Core, are_alike, known_cores

_CLOCK_READINGS = 20_000


class Host(Struct, frozen=True):
    kernel: str
    """Like `Linux 6.18.4`."""
    cpu: str | None
    cores_available: int | None
    """Those that this process may run on; None of a host that a file does not tell of."""
    python: str
    hypervisor: str | None
    """Like `KVM`; `unknown` where the CPU says only that there is one; None on bare metal, or where nothing tells."""
    gil: bool | None = None
    """Whether the interpreter's global lock is on."""
    cores_online: int | None = None
    clock_source: str | None = None
    """Like `tsc`: what the kernel reads for its monotonic clock."""
    clock_cost_ns: float | None = None
    """What one reading costs, the loop around it included; measured."""
    clock_step_ns: float | None = None
    """The smallest step that it can take, however long a reading lasts; measured."""
    governor: str | None = None
    """Of the cores that this process may run on, like `performance`; several joined by a comma."""
    idle_driver: str | None = None
    """Who puts an idle core to sleep, like `intel_idle`; `none` is the kernel's own word for nobody."""
    idle_governor: str | None = None
    cpu_quota_cores: float | None = None
    """How many cores' time the tightest limit of a control group leaves; None without a limit."""
    load_1m: float | None = None
    """Processes that ran or wanted to, on average over the last minute, when this was read."""
    cores: tuple[Core, ...] = ()
    """Those that this process may run on, one by one; empty where they are all alike, and of one node."""


def read_host() -> Host:
    cpu_info = _read("/proc/cpuinfo")
    cost, step = measure_clock()
    cpu_folder = "/sys/devices/system/cpu"
    available = available_cores()
    cores = known_cores(available)
    return Host(
        kernel=f"{platform.system()} {platform.release()}",
        cpu=_field(cpu_info, "model name"),
        cores_available=len(available),
        python=platform.python_version(),
        hypervisor=_hypervisor(cpu_info),
        gil=_gil(),
        cores_online=_online(),
        clock_source=_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        clock_cost_ns=cost,
        clock_step_ns=step,
        governor=_governor(cpu_folder, available),
        idle_driver=_line(f"{cpu_folder}/cpuidle/current_driver"),
        idle_governor=_line(f"{cpu_folder}/cpuidle/current_governor")
        or _line(f"{cpu_folder}/cpuidle/current_governor_ro"),
        cpu_quota_cores=min((limit.cores for limit in cpu_limits()), default=None),
        load_1m=_load(),
        cores=() if are_alike(cores) else cores,
    )


def measure_clock() -> tuple[float, float | None]:
    """What reading the clock costs, and its smallest step, in ns; None if it never moved. Takes a few milliseconds."""
    readings = [perf_counter_ns() for _ in range(_CLOCK_READINGS)]
    steps = sorted(later - earlier for earlier, later in itertools.pairwise(readings))
    # The median tells the cost of a reading that nothing interrupted, unless the clock is too coarse for it.
    middle = steps[len(steps) // 2]
    return float(middle or (readings[-1] - readings[0]) / len(steps)), _smallest_step(steps)


def _smallest_step(durations: Sequence[int]) -> float | None:
    """By how much two durations differ at least: a reading takes many steps of a fine clock, but not always as many.

    A step that is no whole number of nanoseconds (the 69.8 ns of an HPET) is rounded now up and now down, so a
    difference of 1 may be nothing; three in a row are steps of 1.
    """
    seen = sorted({0, *durations})
    gaps = [later - earlier for earlier, later in itertools.pairwise(seen)]
    if any(one == other == 1 for one, other in itertools.pairwise(gaps)):
        return 1.0
    return float(min((gap for gap in gaps if gap > 1), default=0) or 0) or None


def _gil() -> bool | None:
    asks = getattr(sys, "_is_gil_enabled", None)  # Python 3.13 on; before, there was no other way
    if asks is not None:
        return bool(asks())
    return True if sys.implementation.name == "cpython" else None


def _governor(cpu_folder: str, cores: Sequence[int]) -> str | None:
    found = {_line(f"{cpu_folder}/cpu{core}/cpufreq/scaling_governor") for core in cores}
    return ",".join(sorted(name for name in found if name)) or None


def _online() -> int | None:
    """As the system counts them. (os.cpu_count() says what PYTHON_CPU_COUNT does.)"""
    count = os.sysconf("SC_NPROCESSORS_ONLN")
    return count if count > 0 else None


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def _hypervisor(cpu_info: str) -> str | None:
    if "hypervisor" not in (_field(cpu_info, "flags") or "").split():
        return None
    vendor = _read("/sys/class/dmi/id/sys_vendor").strip()
    if _read("/sys/hypervisor/type").strip() == "xen":
        return "Xen"
    if "kvm-clock" in _read("/sys/devices/system/clocksource/clocksource0/available_clocksource"):
        return "KVM"
    return {"Microsoft Corporation": "Hyper-V", "VMware, Inc.": "VMware"}.get(vendor, "unknown")


def _field(cpu_info: str, name: str) -> str | None:
    for line in cpu_info.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip() or None
    return None


def _line(path: str) -> str | None:
    return _read(path).strip() or None


def _read(path: str) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return Path(path).read_text()
    return ""
