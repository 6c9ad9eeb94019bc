"""Caveats of what was asked for, and of how the lanes are set up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from statistics import median

from udstui.runtimes import NATIVE, PYTHON
from udstui.services.programs import PROGRAMS
from udstui.stats.caveats.evidence import Caveat, Evidence, Finder
from udstui.transports.options import unmet
from udstui.units import describe_duration, describe_percent
from udstui.workloads import service_of

LOST_PERCENT = 0.1
DELAYED_NS = 10 * 10**6
"""What no round trip of these packets takes but for a delayed acknowledgement, which Linux puts off by 40 ms."""
_ENDS = ("client", "server")
_PACING = "bbr"
"""And those named after it, like bbr2: they pace by themselves, whatever the queueing discipline (tcp_bbr.c)."""


def _spin_one_core(evidence: Evidence) -> Iterator[Caveat]:
    one_core = evidence.client_cores == evidence.server_cores and len(evidence.client_cores) == 1
    if evidence.plan.wait == "spin" and one_core:
        yield Caveat(
            "spin-one-core",
            "both sides spin on one core and wait for each other's time slice to end",
            "choose cores split, or wait block",
        )


def _spin_one_gil(evidence: Evidence) -> Iterator[Caveat]:
    shares_one = any(evidence.plan.runtime_of(lane) != NATIVE for lane in evidence.plan.lanes())
    if evidence.plan.wait == "spin" and evidence.plan.server == "thread" and shares_one:
        yield Caveat(
            "spin-one-gil",
            "both sides spin in one interpreter and wait for each other to give up its lock",
            "choose server process, or wait block",
        )


def _not_native(evidence: Evidence) -> Iterator[Caveat]:
    """Python's own time is part of either lane, so it makes their ratio smaller than that of the transports."""
    missing = evidence.native_missing
    if missing and PYTHON in {evidence.plan.runtime_of(lane) for lane in evidence.plan.lanes()}:
        what, _, remedy = missing.partition("; ")
        yield Caveat("not-native", f"measured in Python, whose own time is in the figures: {what}", remedy)


def _nagle(evidence: Evidence) -> Iterator[Caveat]:
    """Where it was not asked for."""
    for lane, label, sockets in zip(evidence.plan.lanes(), evidence.lanes, evidence.sockets, strict=False):
        if ("nodelay", "off") in lane.options:
            continue
        for end, settings in zip(_ENDS, sockets, strict=True):
            if settings is not None and settings.no_delay is False:
                yield Caveat(
                    "nagle",
                    f"{label} runs without TCP_NODELAY on the {end}'s end",
                    "set it on both ends, or small packets wait for each other",
                )
                return


def _held_back(evidence: Evidence) -> Iterator[Caveat]:
    """Nagle's algorithm holds the second write back until the first is acknowledged, which the receiver puts off."""
    if evidence.plan.writes == 1 or not evidence.metric.is_duration:
        return
    for label, values, (client, _) in zip(evidence.lanes, evidence.figures, evidence.sockets, strict=False):
        if client and client.no_delay is False and values and (middle := median(values)) > DELAYED_NS:
            yield Caveat(
                "held-back",
                f"{label} takes {describe_duration(middle)} in {evidence.plan.writes} writes: "
                "without TCP_NODELAY the second waits until the first is acknowledged, and that is delayed",
                "set TCP_NODELAY, or send each packet in one write",
            )


def _options(evidence: Evidence) -> Iterator[Caveat]:
    """Each lane's first option that one of its ends does not have as it was asked for."""
    for lane, label, sockets in zip(evidence.plan.lanes(), evidence.lanes, evidence.sockets, strict=False):
        for end, settings in zip(_ENDS, sockets, strict=True):
            found = settings and unmet(lane, settings)
            if found:
                yield Caveat("options", f"{label}: the {end}'s end has {found.option.name} {found.has}", found.remedy)
                break


def _buffers(evidence: Evidence) -> Iterator[Caveat]:
    """Transports differ in their buffers by nature; two lanes of one transport may not.

    TCP sizes its receive buffers by itself while it runs (tcp(7), tcp_moderate_rcvbuf), so these may differ.
    """
    lanes = zip(evidence.plan.transports, evidence.lanes, evidence.sockets, strict=False)
    for (name, label, sockets), (other_name, other_label, others) in itertools.combinations(lanes, 2):
        for end, ours, theirs in zip(_ENDS, sockets, others, strict=True):
            if name != other_name or ours is None or theirs is None:
                continue
            buffers = [("send", ours.send_buffer_bytes, theirs.send_buffer_bytes)]
            if ours.no_delay is None:  # no TCP
                buffers.append(("receive", ours.receive_buffer_bytes, theirs.receive_buffer_bytes))
            for kind, our_bytes, their_bytes in buffers:
                if our_bytes != their_bytes:
                    yield Caveat(
                        "buffers",
                        f"{label} and {other_label} have different {kind} buffers on the {end}'s end "
                        f"({our_bytes:,} and {their_bytes:,} bytes)",
                        "start a new segment; are net.core's or net.ipv4's buffer sizes being changed?",
                    )
                    return


def _lost(evidence: Evidence) -> Iterator[Caveat]:
    for lane, percent in zip(evidence.lanes, evidence.lost_percents, strict=False):
        if percent > LOST_PERCENT:
            yield Caveat(
                "lost",
                f"{lane} lost {describe_percent(percent)} of its packets; counted is what arrived",
                "do not compare it with transports that wait for the receiver",
            )


def _two_processes(evidence: Evidence) -> Iterator[Caveat]:
    """Where their memory lies sets two processes of one program apart, by a percent or two."""
    service = service_of(evidence.plan)
    own = {lane.transport for lane in evidence.plan.lanes() if not lane.is_target}
    if len(own) > 1 and service in PROGRAMS and not PROGRAMS[service].serves_both:
        yield Caveat(
            "two-processes",
            f"each transport has a {service} of its own, which cannot listen on both: the processes differ, too",
            "read small differences with care",
        )


def _in_python(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.in_python and evidence.plan.reconnect == "yes":
        yield Caveat(
            "in-python",
            f"the openings or answers of {' and '.join(evidence.in_python)} are not the same on every connection: "
            "Python's loop timed them, and its own time is in the figures",
            "compare the lanes with each other, and not with other programs",
        )
    elif evidence.in_python:
        yield Caveat(
            "in-python",
            f"the answers of {' and '.join(evidence.in_python)} are not all of one length, or end their connection: "
            "Python's loop timed them, and its own time is in the figures",
            "ask for something whose answers are alike, on connections that are kept open",
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
    if evidence.metric.is_duration:
        return
    for lane, (client, _) in zip(evidence.lanes, evidence.sockets, strict=False):
        if client is not None and (client.congestion_control or "").startswith(_PACING):
            yield Caveat(
                "paced",
                f"{lane} is paced by {client.congestion_control}, on loopback too, which can halve its throughput",
                "race tcp-reno beside it, or set net.ipv4.tcp_congestion_control to cubic",
            )
            return


FINDERS: tuple[Finder, ...] = (
    _spin_one_core,
    _spin_one_gil,
    _not_native,
    _nagle,
    _held_back,
    _options,
    _buffers,
    _lost,
    _two_processes,
    _in_python,
    _sent_only,
    _paced,
)
