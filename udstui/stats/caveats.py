"""Caveats: reasons to doubt the figures, each with its remedy. All of them are found here (measuring rule 11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from udstui.plan import Plan, SocketSettings
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.units import describe_duration, describe_percent

STEAL_PERCENT = 1.0
UNSTEADY_PERCENT = 10.0
DRIFT_PERCENT = 5.0
DRIFT_STANDARD_ERRORS = 3.0
WIDE_PERCENT = 5.0
BUSY_PERCENT = 10.0
"""Of one core. The kernel's own housekeeping takes 1 to 3."""
CLOCK_PERCENT = 1.0
LOST_PERCENT = 0.1
CLUSTER_SHARE = 0.1
"""Of the rounds; what is rarer is an outlier, not a second state."""
CLUSTER_ROUNDS = 20
"""Among fewer, chance makes groups."""
CLUSTER_DISTANCE = 3.0
"""Between the clusters' means, in their standard deviations added up. The two halves of a normal distribution are 1.3
apart, those of a uniform one 1.7."""
CLUSTER_PERCENT = 10.0
_MAD_TO_SIGMA = 1.4826


class Caveat(Struct, frozen=True):
    code: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Evidence:
    """What caveats are found in: a segment, summed up. An unknown is None, and no reason to doubt."""

    plan: Plan
    lanes: Sequence[str] = ()
    """Labels, for the messages."""
    headlines: Sequence[NDArray[np.float64]] = ()
    """For each lane the headline figure of every round, in order."""
    headline_is_duration: bool = True
    verdict: Verdict | None = None
    client_cores: tuple[int, ...] = ()
    server_cores: tuple[int, ...] = ()
    steal_percent: float | None = None
    other_cpu_percent: float | None = None
    """CPU time of everybody else, in percent of one core."""
    migrations: int | None = None
    clock_step_ns: float | None = None
    """The smallest step of the clock that times operations."""
    sockets: Sequence[SocketSettings | None] = ()
    """The client's end of each lane, in the last round."""
    lost_percents: Sequence[float] = ()
    """For each lane what was sent and never read, in percent of all that was sent."""
    sent_only: Sequence[str] = ()
    """Labels of the lanes whose throughput is what was sent, because their server does not tell what it read."""


def find_caveats(evidence: Evidence) -> list[Caveat]:
    """Those that apply, what is wrong with the plan before what is wrong with the machine."""
    return [caveat for find in _ALL for caveat in find(evidence)]


def _spin_one_core(evidence: Evidence) -> Iterator[Caveat]:
    one_core = evidence.client_cores == evidence.server_cores and len(evidence.client_cores) == 1
    if evidence.plan.wait == "spin" and one_core:
        yield Caveat(
            "spin-one-core",
            "both sides spin on one core and wait for each other's time slice to end",
            "choose cores split, or wait block",
        )


def _spin_one_gil(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.plan.wait == "spin" and evidence.plan.server == "thread":
        yield Caveat(
            "spin-one-gil",
            "both sides spin in one interpreter and wait for each other to give up its lock",
            "choose server process, or wait block",
        )


def _lost(evidence: Evidence) -> Iterator[Caveat]:
    for lane, percent in zip(evidence.lanes, evidence.lost_percents, strict=False):
        if percent > LOST_PERCENT:
            yield Caveat(
                "lost",
                f"{lane} lost {describe_percent(percent)} of its packets; counted is what arrived",
                "do not compare it with transports that wait for the receiver",
            )


def _sent_only(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.sent_only:
        yield Caveat(
            "sent-only",
            f"{' and '.join(evidence.sent_only)} did not say how much was read; counted is what was sent",
            "let udstui serve sink listen there",
        )


def _steal(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.steal_percent is not None and evidence.steal_percent > STEAL_PERCENT:
        yield Caveat(
            "steal",
            f"the hypervisor gave {describe_percent(evidence.steal_percent)} of the CPU to others",
            "measure when the host is quieter",
        )


def _busy(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.other_cpu_percent is not None and evidence.other_cpu_percent > BUSY_PERCENT:
        yield Caveat(
            "busy",
            f"other processes used {describe_percent(evidence.other_cpu_percent)} of a core",
            "stop what else is running (top names it)",
        )


def _migrations(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.migrations:
        times = "once" if evidence.migrations == 1 else f"{evidence.migrations:,} times"
        yield Caveat(
            "migrations",
            f"the scheduler moved client or server to another core {times}",
            "choose cores same or split to hold them",
        )


def _unsteady(evidence: Evidence) -> Iterator[Caveat]:
    """Robust coefficient of variation of the rounds: 1.4826 MAD / median, the worst lane's."""
    if _rounds(evidence) < FEWEST_ROUNDS:
        return
    worst, lane = max((_robust_cv_percent(values), index) for index, values in enumerate(evidence.headlines))
    if worst > UNSTEADY_PERCENT:
        yield Caveat(
            "unsteady",
            f"the rounds of {evidence.lanes[lane]} scatter by {describe_percent(worst)} around their median",
            "hold both sides with cores same or split, and quiet the machine",
        )


def _drift(evidence: Evidence) -> Iterator[Caveat]:
    """The median of the second half against the first, where more than scatter alone would part them."""
    if _rounds(evidence) < FEWEST_ROUNDS:
        return
    worst, lane = max(
        ((_drift_percent(values), index) for index, values in enumerate(evidence.headlines)),
        key=lambda found: abs(found[0]),
    )
    if abs(worst) > DRIFT_PERCENT:
        way = "higher" if worst > 0 else "lower"
        yield Caveat(
            "drift",
            f"the second half of {evidence.lanes[lane]} is {describe_percent(abs(worst))} {way} than the first",
            "start a new segment when the machine has settled, or measure longer",
        )


def _two_clusters(evidence: Evidence) -> Iterator[Caveat]:
    if _rounds(evidence) < CLUSTER_ROUNDS:
        return
    for label, values in zip(evidence.lanes, evidence.headlines, strict=True):
        clusters = two_clusters(values)
        if clusters is None:
            continue
        lower, upper = clusters
        if evidence.headline_is_duration:
            levels = f"{describe_duration(lower)} and {describe_duration(upper)}"
        else:
            levels = f"{lower:.3g} and {upper:.3g} GB/s"
        yield Caveat(
            "two-clusters",
            f"the rounds of {label} fall into two groups, around {levels}",
            "read the Distribution, not one figure; hold both sides with cores same or split",
        )
        return  # one is enough to say so


def _wide(evidence: Evidence) -> Iterator[Caveat]:
    verdict = evidence.verdict
    if verdict is None or verdict.rounds < FEWEST_ROUNDS or not verdict.ratio:
        return
    if verdict.ci_low is None or verdict.ci_high is None:
        return
    width = 100 * (verdict.ci_high - verdict.ci_low) / verdict.ratio
    if width > WIDE_PERCENT:
        yield Caveat(
            "wide",
            f"the interval of the ratio is {describe_percent(width)} wide",
            "measure longer",
        )


def _clock(evidence: Evidence) -> Iterator[Caveat]:
    if not evidence.headline_is_duration or evidence.clock_step_ns is None or not _rounds(evidence):
        return
    fastest = min(float(np.median(values)) for values in evidence.headlines)
    if fastest > 0 and 100 * evidence.clock_step_ns / fastest > CLOCK_PERCENT:
        yield Caveat(
            "clock",
            f"the clock's step of {describe_duration(evidence.clock_step_ns)} is more than "
            f"{CLOCK_PERCENT:.0f} % of {describe_duration(fastest)}",
            "choose a larger size, or trust the throughput rather than single operations",
        )


def _settings(evidence: Evidence) -> Iterator[Caveat]:
    """Transports differ in their buffers by nature; two lanes of one transport may not, and TCP must not delay."""
    names = evidence.plan.transports
    for index, ours in enumerate(evidence.sockets):
        if ours is not None and ours.no_delay is False:
            yield Caveat(
                "nagle",
                f"{evidence.lanes[index]} runs without TCP_NODELAY",
                "set it on both ends, or small packets wait for each other",
            )
            return
    for index, ours in enumerate(evidence.sockets):
        for other in range(index):
            theirs = evidence.sockets[other]
            if ours is None or theirs is None or names[index] != names[other]:
                continue
            if ours.send_buffer_bytes != theirs.send_buffer_bytes:
                yield Caveat(
                    "buffers",
                    f"{evidence.lanes[other]} and {evidence.lanes[index]} have different send buffers "
                    f"({theirs.send_buffer_bytes:,} and {ours.send_buffer_bytes:,} bytes)",
                    "start a new segment; is net.ipv4.tcp_wmem or wmem_default being changed?",
                )
                return


_ALL = (
    _spin_one_core,
    _spin_one_gil,
    _settings,
    _lost,
    _sent_only,
    _clock,
    _steal,
    _busy,
    _migrations,
    _two_clusters,
    _unsteady,
    _drift,
    _wide,
)


def _rounds(evidence: Evidence) -> int:
    return min((len(values) for values in evidence.headlines), default=0)


def _robust_cv_percent(values: NDArray[np.float64]) -> float:
    median = float(np.median(values))
    if median <= 0:
        return 0.0
    return 100 * _MAD_TO_SIGMA * float(np.median(np.abs(values - median))) / median


def _drift_percent(values: NDArray[np.float64]) -> float:
    """How much higher the second half's median is than the first's; 0 where scatter explains it."""
    half = len(values) // 2
    first, second = values[:half], values[-half:]
    before, after = float(np.median(first)), float(np.median(second))
    if before <= 0:
        return 0.0
    scatter = _MAD_TO_SIGMA * max(float(np.median(np.abs(first - before))), float(np.median(np.abs(second - after))))
    standard_error = 1.2533 * scatter * np.sqrt(2 / half)  # of the difference of two medians
    return 100 * (after / before - 1) if abs(after - before) > DRIFT_STANDARD_ERRORS * standard_error else 0.0


def two_clusters(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """The means of two groups that the values fall into, or None.

    The values are cut where the sum of squares within the two parts is smallest (two-means in one dimension, exact:
    Fisher, "On grouping for maximum homogeneity", JASA 53, 1958). They are two groups if both are large enough to be a
    state of the machine and lie further apart than the parts of one distribution do.
    """
    count = len(values)
    ordered = np.sort(values)
    sizes = np.arange(1, count)
    sums, squares = np.cumsum(ordered), np.cumsum(ordered**2)
    lower, upper = sums[:-1] / sizes, (sums[-1] - sums[:-1]) / (count - sizes)
    within_lower = squares[:-1] - sizes * lower**2
    within_upper = (squares[-1] - squares[:-1]) - (count - sizes) * upper**2
    cut = int(np.argmin(within_lower + within_upper))
    share = min(cut + 1, count - cut - 1)
    if share < max(3, CLUSTER_SHARE * count):
        return None
    spread = np.sqrt(max(0.0, within_lower[cut]) / (cut + 1)) + np.sqrt(max(0.0, within_upper[cut]) / (count - cut - 1))
    low, high = float(lower[cut]), float(upper[cut])
    far = high - low > CLUSTER_DISTANCE * float(spread) and 100 * (high - low) > CLUSTER_PERCENT * low
    return (low, high) if far else None
