"""What is to be known of recorded runs that are compared: where they differ, and what each was doubted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from udstui.host.facts import Host
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.results.comparison import Comparison
from udstui.results.recorded import settings_of
from udstui.results.sides import Pair, Side, SidePlan
from udstui.settings import SETTINGS
from udstui.transports import lane_label
from udstui.units import describe_size

_OF_THE_MACHINE = (
    "cpu", "cores_available", "cpu_quota_cores", "hypervisor", "clock_source", "governor", "idle_driver",
)  # fmt: skip
"""What changes every figure, and is hardly ever what one wants to compare."""
_ON: dict[bool | None, str] = {True: "on", False: "off"}
_OF_THE_SYSTEM = ("kernel", "python", "gil")


class Warned(NamedTuple):
    text: str
    """A sentence; A is the baseline."""
    forbids_test: bool = False
    """Whether a lane that is slower, or not, proves nothing."""


def comparison_warnings(comparison: Comparison) -> list[Warned]:
    sides = (("A", comparison.baseline), ("B", comparison.candidate))
    found: list[Warned] = []
    for pair in comparison.pairs:
        found += [*_different(*pair), *_left_out(*pair), *_set_otherwise(*pair)]
    for number, (name, side) in enumerate(sides):
        compared = [settings_of(pair[number].plan) for pair in comparison.pairs]
        found += _plans(name, side, compared)
    found += _host_warnings(sides)
    found += [Warned(text) for text in _doubts(comparison.pairs)]
    return found


def _different(ours: SidePlan, theirs: SidePlan) -> Iterator[Warned]:
    """The settings that both sides tell, and that are not the same; lanes are told one by one."""
    told = [
        (setting, getattr(ours.plan, setting.name), getattr(theirs.plan, setting.name))
        for setting in SETTINGS
        if setting.name not in {"transports"} | ours.untold | theirs.untold
    ]
    different = [
        f"{setting.id} {setting.format(one)} and {setting.format(other)}"
        for setting, one, other in told
        if one != other
    ]
    if different:
        is_other = settings_of(ours.plan) != settings_of(theirs.plan)
        yield Warned(f"the plans differ: {', '.join(different)}", is_other)


def _left_out(ours: SidePlan, theirs: SidePlan) -> Iterator[Warned]:
    """Lanes that one side alone has, or only some of its runs."""
    sides = (("A", ours, theirs), ("B", theirs, ours))
    for name, side, other in sides:
        for lane, of_runs in side.lanes().items():
            if lane not in other.lanes():
                text = f"only {name} has {lane_label(lane)} in {plan_name(side.plan)}; it is not compared"
                yield Warned(text, side is ours)
            elif len(of_runs) < len(side.runs):
                some = f"{len(of_runs)} of {len(side.runs)} runs of {name}"
                yield Warned(f"only {some} have {lane_label(lane)} in {plan_name(side.plan)}", forbids_test=True)


def _set_otherwise(ours: SidePlan, theirs: SidePlan) -> Iterator[Warned]:
    """Lanes of both whose kernel settings differ, on either end, where both sides know them; each difference once."""
    others = theirs.lanes()
    told = dict.fromkeys(
        f"{lane_label(name)} has {difference} on the {end}'s end"
        for name, lanes in ours.lanes().items()
        for one in lanes
        for other in others.get(name, [])
        for end, a, b in (
            ("client", one.client_socket, other.client_socket),
            ("server", one.server_socket, other.server_socket),
        )
        if a and b
        for difference in _set_apart(a, b)
    )
    for text in told:
        yield Warned(text, forbids_test=True)


def _set_apart(a: SocketSettings, b: SocketSettings) -> Iterator[str]:
    """TCP sizes its buffers by itself while it runs, others do not."""
    settings = [
        ("congestion control", a.congestion_control, b.congestion_control),
        ("TCP_NODELAY", _ON.get(a.no_delay), _ON.get(b.no_delay)),
    ]
    if a.no_delay is None:
        settings.append(("SO_SNDBUF", describe_size(a.send_buffer_bytes), describe_size(b.send_buffer_bytes)))
    for what, in_a, in_b in settings:
        if in_a and in_b and in_a != in_b:
            yield f"{what} {in_a} in A and {in_b} in B"


def _plans(name: str, side: Side, compared: Sequence[tuple[object, ...]]) -> Iterator[Warned]:
    """Plans of one side that the other, or some of its own runs, do not have; segments that are taken together."""
    for key, plan in side.plans().items():
        if key not in compared:
            yield Warned(f"only {name} has {plan_name(plan.plan)}; it is not compared", name == "A")
        elif len(plan.runs) < len(side.runs):
            some = f"{len(plan.runs)} of {len(side.runs)} runs of {name}"
            yield Warned(f"only {some} have {plan_name(plan.plan)}", forbids_test=True)
    for run in side.runs:
        for one in run.plans:
            if one.segments > 1 and settings_of(one.plan) in compared:
                which = name if len(side.runs) == 1 else f"{name}, {run.path},"
                yield Warned(f"{which} has {one.segments} segments of {plan_name(one.plan)}, which are taken together")


def _host_warnings(sides: Sequence[tuple[str, Side]]) -> Iterator[Warned]:
    silent = [name for name, side in sides if any(run.host is None for run in side.runs)]
    hosts = list(dict.fromkeys(host for _, side in sides for run in side.runs if (host := run.host) is not None))
    if silent:
        files = "A and B are CSV files, which do" if len(silent) > 1 else f"{silent[0]} is a CSV file, which does"
        yield Warned(f"{files} not tell the host: whether both are of the same is not known")
    for fields, forbids_test in ((_OF_THE_MACHINE, True), (_OF_THE_SYSTEM, False)):
        if different := [told for field in fields if (told := _told(field, hosts))]:
            yield Warned(f"the hosts differ: {', '.join(different)}", forbids_test)


def _told(field: str, hosts: Sequence[Host]) -> str:
    """What the hosts have there; empty where it is the same in all."""
    values = list(dict.fromkeys(str(getattr(host, field)) for host in hosts))
    return f"{field} {' and '.join(values)}" if len(values) > 1 else ""


def _doubts(pairs: Sequence[Pair]) -> Iterator[str]:
    """What each side was doubted for, once."""
    for number, name in enumerate("AB"):
        for pair in pairs:
            caveats = {caveat.code: caveat for run in pair[number].runs for caveat in run.caveats}
            yield from (f"{name}, {plan_name(pair[number].plan)}: {caveat.message}" for caveat in caveats.values())


def plan_name(plan: Plan) -> str:
    """`ping-pong 128 B`."""
    return f"{plan.workload} {describe_size(plan.size_bytes)}"
