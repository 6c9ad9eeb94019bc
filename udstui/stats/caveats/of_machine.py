"""Caveats of the machine: its clock, its other work, and who else has its cores."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from udstui.stats.caveats.evidence import HOLD, Caveat, Evidence, Finder
from udstui.units import describe_duration, describe_percent

STEAL_PERCENT = 1.0
BUSY_PERCENT = 10.0
"""Of one core. The kernel's own housekeeping takes 1 to 3."""
CLOCK_PERCENT = 1.0
_SAVING = "powersave"


def _clock(evidence: Evidence) -> Iterator[Caveat]:
    if not evidence.metric.is_duration or evidence.clock_step_ns is None or not evidence.rounds:
        return
    fastest = min(median(values) for values in evidence.figures)
    if fastest > 0 and 100 * evidence.clock_step_ns / fastest > CLOCK_PERCENT:
        yield Caveat(
            "clock",
            f"the clock's step of {describe_duration(evidence.clock_step_ns)} is more than "
            f"{CLOCK_PERCENT:.0f} % of {describe_duration(fastest)}",
            "choose a larger size, or trust the throughput rather than single operations",
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
            f"stop {' and '.join(evidence.busiest) or 'what else is running'}",
        )


def _throttled(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.throttled_percent:
        yield Caveat(
            "throttled",
            f"a CPU quota held both sides up for {describe_percent(evidence.throttled_percent)} of the time",
            "raise the quota (cpu.max), or measure outside of the container",
        )


def _governor(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.governor is not None and _SAVING in evidence.governor.split(","):
        yield Caveat(
            "governor",
            f"the governor {_SAVING} keeps the cores' frequency low",
            "choose performance while you measure (cpupower frequency-set -g performance)",
        )


def _unheld(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.unheld:
        yield Caveat(
            "unheld",
            f"client and server could not be held on their cores and ran where the scheduler put them "
            f"({evidence.unheld})",
            "allow that call (a container's seccomp profile forbids it), or start udstui under taskset",
        )


def _migrations(evidence: Evidence) -> Iterator[Caveat]:
    if evidence.migrations and not evidence.unheld:
        times = "once" if evidence.migrations == 1 else f"{evidence.migrations:,} times"
        yield Caveat(
            "migrations",
            f"the scheduler moved client or server to another core {times}",
            HOLD,
        )


FINDERS: tuple[Finder, ...] = (
    _clock,
    _steal,
    _busy,
    _throttled,
    _governor,
    _unheld,
    _migrations,
)
