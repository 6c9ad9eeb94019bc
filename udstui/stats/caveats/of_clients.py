"""Caveats of several clients at once: who was not served, and whether operations are missing from the figures."""

from __future__ import annotations

from collections.abc import Iterator

from udstui.stats.caveats.evidence import Caveat, Evidence, Finder

MISSING_PERCENT = 2.0
"""How far the clients that seem to be busy may be from those that there are."""


def _starved(evidence: Evidence) -> Iterator[Caveat]:
    for label, count in zip(evidence.lanes, evidence.without_answer, strict=False):
        if count:
            yield Caveat(
                "starved",
                f"{count} of {evidence.plan.connections} clients of {label} got no answer in an interval, so its "
                "figures are those of the others",
                "does that server serve so many clients at once? choose fewer connections, or a longer interval",
            )


def _unanswered(evidence: Evidence) -> Iterator[Caveat]:
    for label, count, starved in zip(evidence.lanes, evidence.unanswered, evidence.without_answer, strict=False):
        if count and not starved:
            yield Caveat(
                "unanswered",
                f"{count:,} operation{'s' * (count > 1)} of {label} had no answer when nobody waited any longer, and "
                "counted with the time until then",
                f"choose {'a lower rate' if evidence.plan.rate_per_s else 'fewer connections'}, or look at what that "
                "server waits for",
            )


def _missing(evidence: Evidence) -> Iterator[Caveat]:
    """Little's law: clients that always have an operation on its way are as many as the durations add up to."""
    connections = evidence.plan.connections
    for label, busy in zip(evidence.lanes, evidence.busy_clients, strict=False):
        if busy is None or not evidence.metric.is_duration:
            continue
        worst = max(busy, key=lambda count: abs(count - connections))
        if 100 * abs(worst - connections) > MISSING_PERCENT * connections:
            yield Caveat(
                "missing",
                f"the operations of {label} add up to {worst:.3g} clients in an interval, where there are "
                f"{connections}: some are missing or counted twice (Little's law)",
                "trust its rate rather than its durations, and report this",
            )


FINDERS: tuple[Finder, ...] = (_starved, _unanswered, _missing)
