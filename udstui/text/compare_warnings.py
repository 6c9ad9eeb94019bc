"""What is to be known of two recorded runs that are compared: where they differ, and what each was doubted for."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.plan import Plan
from udstui.results.comparison import Comparison
from udstui.results.recorded import Recorded, RecordedPlan, settings_of
from udstui.settings import SETTINGS
from udstui.transports import lane_label
from udstui.units import describe_size

_HOST_FIELDS = (
    "kernel", "cpu", "cores_available", "cpu_quota_cores", "python", "gil", "hypervisor", "clock_source", "governor",
    "idle_driver",
)  # fmt: skip


def comparison_warnings(comparison: Comparison) -> list[str]:
    """One sentence each; A is the baseline."""
    runs = (("A", comparison.baseline), ("B", comparison.candidate))
    found: list[str] = []
    for ours, theirs in comparison.pairs:
        if different := _different(ours, theirs):
            found.append(f"the plans differ: {', '.join(different)}")
        found += _left_out(ours, theirs)
        found += _set_otherwise(ours, theirs)
    for number, (name, run) in enumerate(runs):
        compared = [settings_of(pair[number].plan) for pair in comparison.pairs]
        left = [plan_name(one.plan) for one in run.plans if settings_of(one.plan) not in compared]
        found += [f"only {name} has {plan}; it is not compared" for plan in left]
        found += [
            f"{name} has {one.segments} segments of {plan_name(one.plan)}, which are taken together"
            for one in run.plans
            if one.segments > 1 and settings_of(one.plan) in compared
        ]
    found += _host_warnings(runs)
    for number, (name, _) in enumerate(runs):
        found += [
            f"{name}, {plan_name(pair[number].plan)}: {caveat.message}"
            for pair in comparison.pairs
            for caveat in pair[number].caveats
        ]
    return found


def _different(ours: RecordedPlan, theirs: RecordedPlan) -> list[str]:
    """The settings that both files tell, and that are not the same; lanes are told one by one."""
    told = [
        (setting, getattr(ours.plan, setting.name), getattr(theirs.plan, setting.name))
        for setting in SETTINGS
        if setting.name not in {"transports"} | ours.untold | theirs.untold
    ]
    return [
        f"{setting.id} {setting.format(one)} and {setting.format(other)}"
        for setting, one, other in told
        if one != other
    ]


def _left_out(ours: RecordedPlan, theirs: RecordedPlan) -> list[str]:
    """Lanes that one run alone has."""
    names = [[lane.name for lane in plan.lanes] for plan in (ours, theirs)]
    alone = [
        ("A", ours, [name for name in names[0] if name not in names[1]]),
        ("B", theirs, [name for name in names[1] if name not in names[0]]),
    ]
    return [
        f"only {run} has {lane_label(lane)} in {plan_name(plan.plan)}; it is not compared"
        for run, plan, lanes in alone
        for lane in lanes
    ]


def _set_otherwise(ours: RecordedPlan, theirs: RecordedPlan) -> list[str]:
    """Lanes of both whose kernel settings differ. TCP sizes its buffers by itself while it runs, others do not."""
    others = {lane.name: lane.client_socket for lane in theirs.lanes}
    found = []
    for lane in ours.lanes:
        one, other = lane.client_socket, others.get(lane.name)
        if one is None or other is None:
            continue
        settings = [("congestion control", one.congestion_control, other.congestion_control)]
        if one.no_delay is None:
            sizes = describe_size(one.send_buffer_bytes), describe_size(other.send_buffer_bytes)
            settings.append(("SO_SNDBUF", *sizes))
        found += [
            f"{lane_label(lane.name)} has {name} {in_a} in A and {in_b} in B"
            for name, in_a, in_b in settings
            if in_a and in_b and in_a != in_b
        ]
    return found


def _host_warnings(runs: Sequence[tuple[str, Recorded]]) -> list[str]:
    silent = [name for name, run in runs if run.host is None]
    if silent:
        files = "A and B are CSV files, which do" if len(silent) > 1 else f"{silent[0]} is a CSV file, which does"
        return [f"{files} not tell the host: whether both are of the same is not known"]
    ours, theirs = (run.host for _, run in runs)
    different = [
        f"{name} {getattr(ours, name)} and {getattr(theirs, name)}"
        for name in _HOST_FIELDS
        if getattr(ours, name) != getattr(theirs, name)
    ]
    return [f"the hosts differ: {', '.join(different)}"] if different else []


def plan_name(plan: Plan) -> str:
    """`ping-pong 128 B`."""
    return f"{plan.workload} {describe_size(plan.size_bytes)}"
