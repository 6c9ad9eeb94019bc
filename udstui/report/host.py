"""What is told of the machine."""

from __future__ import annotations

from typing import NamedTuple

from udstui.host.facts import Host


class HostFact(NamedTuple):
    name: str
    value: str


def host_facts(host: Host) -> list[HostFact]:
    """What is known of the machine."""
    gil = "" if host.gil is None else f", GIL {'on' if host.gil else 'off'}"
    facts = (
        ("kernel", host.kernel),
        ("CPU", host.cpu),
        ("cores", host.cores_available and f"{host.cores_available} available"),
        ("hypervisor", host.hypervisor),
        ("clock", host.clock_source),
        ("governor", host.governor),
        ("quota", host.cpu_quota_cores and f"{host.cpu_quota_cores:g} cores"),
        ("load", None if host.load_1m is None else f"{host.load_1m:.2f} over a minute, before"),
        ("Python", f"{host.python}{gil}"),
    )
    return [HostFact(name, str(value)) for name, value in facts if value]
