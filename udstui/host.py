"""Facts about this host. What cannot be read is None, never guessed."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path

from msgspec import Struct


class Host(Struct, frozen=True):
    kernel: str
    """Like `Linux 6.18.4`."""
    cpu: str | None
    cores_available: int
    """Those that this process may run on."""
    python: str
    hypervisor: str | None
    """Like `KVM`; `unknown` where the CPU says only that there is one; None on bare metal, or where nothing tells."""


def read_host() -> Host:
    cpu_info = _read("/proc/cpuinfo")
    return Host(
        kernel=f"{platform.system()} {platform.release()}",
        cpu=_field(cpu_info, "model name"),
        cores_available=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        hypervisor=_hypervisor(cpu_info),
    )


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


def _read(path: str) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return Path(path).read_text()
    return ""
