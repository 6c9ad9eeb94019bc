"""A segment as text: the table and the sentence that `udstui run` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from udstui.plan import Plan
from udstui.probe.cores import Placement
from udstui.recording.json_file import LaneRecord, lane_record
from udstui.recording.run import Segment
from udstui.stats.caveats import Caveat
from udstui.stats.verdict import FEWEST_ROUNDS, VAGUE, Verdict
from udstui.transports import lane_label
from udstui.transports.address import is_address
from udstui.units import (
    describe_duration,
    describe_percent,
    describe_rate,
    describe_size,
    describe_throughput,
)
from udstui.workloads import workload_named


def plan_sentence(plan: Plan, placement: Placement | None = None) -> str:
    """`ping-pong · 128 B · server: process · cores: auto (same: 1) · wait: block`."""
    cores = plan.cores if placement is None else f"{plan.cores} ({describe_placement(placement)})"
    server = "not ours" if all(map(is_address, plan.transports)) else plan.server
    return (
        f"{plan.workload} · {describe_size(plan.size_bytes)} · server: {server} · cores: {cores}"
        f" · wait: {plan.wait}{f' · connections: {plan.connections}' if plan.connections > 1 else ''}"
    )


def describe_placement(placement: Placement) -> str:
    """`same: 1`, `split: 0,1`, `free`."""
    if len(placement.client) > 1:
        return "free"
    client, server = placement.client[0], placement.server[0]
    return f"same: {client}" if client == server else f"split: {client},{server}"


def verdict_sentence(verdict: Verdict, *, of_sends: bool = False) -> str:
    """`UDS is 1.47x faster than TCP at the median (95 % CI 1.44 to 1.50, 212 rounds)`.

    `of_sends` tells that a duration is that of one send call: beside a throughput it is not what is compared.
    """
    candidate, baseline = lane_label(verdict.candidate), lane_label(verdict.baseline)
    rounds = f"{verdict.rounds} round{'s' * (verdict.rounds != 1)}"
    if verdict.ratio is None or verdict.ci_low is None or verdict.ci_high is None:
        return f"No verdict yet ({rounds})"
    low, high = verdict.ci_low, verdict.ci_high
    figure = _figure_name(verdict.metric, of_sends=of_sends)
    if not verdict.conclusive:
        interval = f"wider than {VAGUE}x" if verdict.is_vague else f"{low:.3g} to {high:.3g}"
        evidence = f"(ratio {verdict.ratio:.3g}, 95 % CI {interval}, {rounds})"
        if verdict.rounds < FEWEST_ROUNDS:
            return f"No verdict on {candidate} and {baseline} in {figure} before {FEWEST_ROUNDS} rounds {evidence}"
        small = verdict.smallest_seen_percent
        unseen = "" if small is None else f"; a difference of {describe_percent(small)} would probably have been seen"
        return f"No difference seen yet between {candidate} and {baseline} in {figure} {evidence}{unseen}"
    ratio = verdict.ratio
    if ratio < 1:
        candidate, baseline, ratio, low, high = baseline, candidate, 1 / ratio, 1 / high, 1 / low
    digits = next((digits for digits in range(2, _MOST_DIGITS) if round(low, digits) > 1), _MOST_DIGITS)
    times = f"{ratio:.{digits}f}x"
    evidence = f"(95 % CI {low:.{digits}f} to {high:.{digits}f}, {rounds})"
    if verdict.metric == "gb_per_s":
        return f"{candidate} carries {times} as much as {baseline} {evidence}"
    return f"{candidate} is {times} faster than {baseline} at the {figure} {evidence}"


def verdict_line(verdicts: Sequence[Verdict]) -> str:
    """The sentence of the first verdict; then, where sure, the ratio against further lanes, and that of other figures.

    `… 212 rounds) · UDS:TCP6 1.43x · p99 1.25x`: the other figures are of the lanes of the sentence, and of
    the one that it calls better.
    """
    if not verdicts:
        return "One lane only: nothing to compare"
    first = verdicts[0]
    is_turned = first.conclusive and first.ratio is not None and first.ratio < 1
    of_sends = first.metric == "gb_per_s"
    lanes = [
        f"{lane_label(verdict.candidate)}:{lane_label(verdict.baseline)} {verdict.ratio:.2f}x"
        for verdict in headlines(verdicts)[1:]
        if verdict.conclusive and verdict.ratio
    ]
    others = [
        f"{_figure_name(verdict.metric, of_sends=of_sends)} {1 / verdict.ratio if is_turned else verdict.ratio:.2f}x"
        for verdict in verdicts[1:]
        if verdict.baseline == first.baseline and verdict.conclusive and verdict.ratio
    ]
    return " · ".join([verdict_sentence(first), *lanes, *others])


def headlines(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The first of each baseline."""
    return list({verdict.baseline: verdict for verdict in reversed(verdicts)}.values())[::-1]


_FIGURE_NAMES = {"op_p50_ns": "median", "op_mean_ns": "mean", "op_p99_ns": "p99", "gb_per_s": "throughput"}
_SEND_NAMES = {"op_p50_ns": "send p50", "op_p99_ns": "send p99"}
_MOST_DIGITS = 6
"""Behind the point, of a ratio that is so near to 1 that fewer would not part it."""


def _figure_name(metric: str, *, of_sends: bool) -> str:
    names = _FIGURE_NAMES | _SEND_NAMES if of_sends else _FIGURE_NAMES
    return names.get(metric, metric)


def caveat_sentence(caveat: Caveat) -> str:
    return f"{caveat.message}; {caveat.remedy}"


def table(segment: Segment) -> str:
    """One column a lane, one row a figure, then the verdict and the caveats."""
    plan = segment.plan
    workload = workload_named(plan.workload)
    records = [lane_record(plan, lane) for lane in segment.lanes]
    rows = [(workload.operation, [lane_label(record.transport) for record in records])]
    rows += [(name, [figure(record) for record in records]) for name, figure in _FIGURES]
    first = max(len(name) for name, _ in rows)
    width = max(len(cell) for _, cells in rows for cell in cells)
    lines = ["  ".join([name.ljust(first), *(cell.rjust(width) for cell in cells)]).rstrip() for name, cells in rows]
    of_sends = workload.headline == "gb_per_s"
    placement = Placement(segment.client_cores, segment.server_cores)
    return "\n".join(
        [
            plan_sentence(plan, placement),
            "",
            *lines,
            "",
            *dict.fromkeys(verdict_sentence(verdict, of_sends=of_sends) for verdict in segment.verdicts()),
            *(f"Caveat: {caveat_sentence(caveat)}" for caveat in segment.caveats()),
        ]
    )


_FIGURES: tuple[tuple[str, Callable[[LaneRecord], str]], ...] = (
    ("min", lambda lane: describe_duration(lane.op_min_ns)),
    ("p50", lambda lane: describe_duration(lane.op_p50_ns)),
    ("p90", lambda lane: describe_duration(lane.op_p90_ns)),
    ("p99", lambda lane: describe_duration(lane.op_p99_ns)),
    ("p99.9", lambda lane: describe_duration(lane.op_p99_9_ns)),
    ("max", lambda lane: describe_duration(lane.op_max_ns)),
    ("mean", lambda lane: describe_duration(lane.op_mean_ns)),
    ("one way (half the mean)", lambda lane: describe_duration(lane.one_way_mean_ns)),
    ("operations", lambda lane: f"{lane.operations:,}"),
    ("rate", lambda lane: describe_rate(lane.operations_per_s)),
    ("throughput", lambda lane: describe_throughput(lane.gb_per_s)),
    ("CPU client", lambda lane: describe_percent(lane.client_cpu_percent)),
    ("CPU server", lambda lane: describe_percent(lane.server_cpu_percent)),
)
