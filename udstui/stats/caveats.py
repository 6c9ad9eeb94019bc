"""Caveats: reasons to doubt the figures, each with its remedy. All of them are found here (measuring rule 11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from udstui.plan import Plan, SocketSettings
from udstui.stats.steadiness import drift_percent, largest_share_percent, robust_cv_percent, two_clusters
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.units import describe_duration, describe_percent

STEAL_PERCENT = 1.0
UNSTEADY_PERCENT = 10.0
DRIFT_PERCENT = 5.0
WIDE_PERCENT = 5.0
BUSY_PERCENT = 10.0
"""Of one core. The kernel's own housekeeping takes 1 to 3."""
CLOCK_PERCENT = 1.0
LOST_PERCENT = 0.1
CLUSTER_ROUNDS = 20
"""Among fewer, chance makes groups, and one round easily makes up most of the scatter."""
WILD_PERCENT = 80.0
"""Of all scatter, in one round. By simulation no 20 rounds of normal noise reach it, and 2.6 % of heavy-tailed ones
(Student's t with 3 degrees of freedom)."""


_PACING = "bbr"
"""And those named after it, like bbr2: they pace by themselves, whatever the queueing discipline (tcp_bbr.c)."""
_HOLD = "hold both sides with cores same or split"


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
    figures: Sequence[NDArray[np.float64]] = ()
    """For each lane the compared figure of every round, in order."""
    metric_is_duration: bool = True
    verdict: Verdict | None = None
    client_cores: tuple[int, ...] = ()
    server_cores: tuple[int, ...] = ()
    steal_percent: float | None = None
    other_cpu_percent: float | None = None
    """CPU time of everybody else, in percent of one core."""
    migrations: int | None = None
    clock_step_ns: float | None = None
    """The smallest step that the clock which times operations can take."""
    sockets: Sequence[tuple[SocketSettings | None, SocketSettings | None]] = ()
    """Of each lane the client's and the server's end, in the last round."""
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


def _paced(evidence: Evidence) -> Iterator[Caveat]:
    """BBR spaces its packets out with a timer, which costs more than carrying them does where a timer is dear."""
    if evidence.metric_is_duration:
        return
    for lane, (client, _) in zip(evidence.lanes, evidence.sockets, strict=False):
        if client is not None and (client.congestion_control or "").startswith(_PACING):
            yield Caveat(
                "paced",
                f"{lane} is paced by {client.congestion_control}, on loopback too, which can halve its throughput",
                "race tcp-reno beside it, or set net.ipv4.tcp_congestion_control to cubic",
            )
            return


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
            _HOLD,
        )


def _unsteady(evidence: Evidence) -> Iterator[Caveat]:
    """Robust coefficient of variation of the rounds: 1.4826 MAD / median, the worst lane's."""
    if _rounds(evidence) < FEWEST_ROUNDS:
        return
    worst, lane = max((robust_cv_percent(values), index) for index, values in enumerate(evidence.figures))
    if worst > UNSTEADY_PERCENT:
        yield Caveat(
            "unsteady",
            f"the rounds of {evidence.lanes[lane]} scatter by {describe_percent(worst)} around their median",
            f"{_HOLD}, and quiet the machine" if _is_free(evidence) else "quiet the machine",
        )


def _drift(evidence: Evidence) -> Iterator[Caveat]:
    """The median of the second half against the first, where more than scatter alone would part them."""
    if _rounds(evidence) < FEWEST_ROUNDS:
        return
    worst, lane = max(
        ((drift_percent(values), index) for index, values in enumerate(evidence.figures)),
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
    for label, values in zip(evidence.lanes, evidence.figures, strict=True):
        clusters = two_clusters(values)
        if clusters is None:
            continue
        lower, upper = clusters
        if evidence.metric_is_duration:
            levels = f"{describe_duration(lower)} and {describe_duration(upper)}"
        else:
            levels = f"{lower:.3g} and {upper:.3g} GB/s"
        yield Caveat(
            "two-clusters",
            f"the rounds of {label} fall into two groups, around {levels}",
            f"read the Distribution, not one figure{f'; {_HOLD}' if _is_free(evidence) else ''}",
        )
        return  # one is enough to say so


def _wild_round(evidence: Evidence) -> Iterator[Caveat]:
    """Where the ratio is not known well, and it is one round's doing."""
    if _width_percent(evidence) <= WIDE_PERCENT or _rounds(evidence) < CLUSTER_ROUNDS:
        return
    ours, theirs = evidence.figures[:2]
    if min(ours.min(), theirs.min()) <= 0:
        return
    percent = largest_share_percent(np.log(ours / theirs))
    if percent > WILD_PERCENT:
        yield Caveat(
            "wild-round",
            f"one round alone makes up {describe_percent(percent)} of the scatter of "
            f"{evidence.lanes[0]} against {evidence.lanes[1]}",
            "measure longer, and see in the CSV what it was",
        )


def _wide(evidence: Evidence) -> Iterator[Caveat]:
    width = _width_percent(evidence)
    if width > WIDE_PERCENT:
        yield Caveat(
            "wide",
            f"the interval of the ratio is {describe_percent(width)} wide",
            "measure longer",
        )


def _clock(evidence: Evidence) -> Iterator[Caveat]:
    if not evidence.metric_is_duration or evidence.clock_step_ns is None or not _rounds(evidence):
        return
    fastest = min(float(np.median(values)) for values in evidence.figures)
    if fastest > 0 and 100 * evidence.clock_step_ns / fastest > CLOCK_PERCENT:
        yield Caveat(
            "clock",
            f"the clock's step of {describe_duration(evidence.clock_step_ns)} is more than "
            f"{CLOCK_PERCENT:.0f} % of {describe_duration(fastest)}",
            "choose a larger size, or trust the throughput rather than single operations",
        )


def _settings(evidence: Evidence) -> Iterator[Caveat]:
    """Transports differ in their buffers by nature; two lanes of one transport may not, and TCP must not delay.

    TCP sizes its receive buffers by itself while it runs (tcp(7), tcp_moderate_rcvbuf), so these may differ.
    """
    names, ends = evidence.plan.transports, ("client", "server")
    for index, sockets in enumerate(evidence.sockets):
        for end, ours in zip(ends, sockets, strict=True):
            if ours is not None and ours.no_delay is False:
                yield Caveat(
                    "nagle",
                    f"{evidence.lanes[index]} runs without TCP_NODELAY on the {end}'s end",
                    "set it on both ends, or small packets wait for each other",
                )
                return
    for index, sockets in enumerate(evidence.sockets):
        for other in range(index):
            if names[index] != names[other]:
                continue
            for end, ours, theirs in zip(ends, sockets, evidence.sockets[other], strict=True):
                if ours is None or theirs is None:
                    continue
                buffers = [("send", ours.send_buffer_bytes, theirs.send_buffer_bytes)]
                if ours.no_delay is None:  # no TCP
                    buffers.append(("receive", ours.receive_buffer_bytes, theirs.receive_buffer_bytes))
                for kind, our_bytes, their_bytes in buffers:
                    if our_bytes != their_bytes:
                        yield Caveat(
                            "buffers",
                            f"{evidence.lanes[other]} and {evidence.lanes[index]} have different {kind} buffers on the "
                            f"{end}'s end ({their_bytes:,} and {our_bytes:,} bytes)",
                            "start a new segment; are net.core's or net.ipv4's buffer sizes being changed?",
                        )
                        return


_ALL = (
    _spin_one_core,
    _spin_one_gil,
    _settings,
    _lost,
    _sent_only,
    _paced,
    _clock,
    _steal,
    _busy,
    _migrations,
    _two_clusters,
    _unsteady,
    _drift,
    _wild_round,
    _wide,
)


def _is_free(evidence: Evidence) -> bool:
    """Whether the scheduler places both sides, and they could be held."""
    return evidence.plan.cores == "free"


def _width_percent(evidence: Evidence) -> float:
    """Of the verdict's interval, in percent of the ratio; 0 while there is no verdict to speak of."""
    verdict = evidence.verdict
    if verdict is None or verdict.rounds < FEWEST_ROUNDS or not verdict.ratio:
        return 0.0
    if verdict.ci_low is None or verdict.ci_high is None:
        return 0.0
    return 100 * (verdict.ci_high - verdict.ci_low) / verdict.ratio


def _rounds(evidence: Evidence) -> int:
    return min((len(values) for values in evidence.figures), default=0)
