"""Caveats of an open loop: a rate that is not held, and a generator that is late itself."""

from __future__ import annotations

from collections.abc import Iterator

from udstui.stats.caveats.evidence import Caveat, Evidence, Finder
from udstui.units import describe_duration, describe_rate

LATE_SHARE = 0.1
"""Of the figure, how much of it may be the generator's."""


def _not_held(evidence: Evidence) -> Iterator[Caveat]:
    for label, at_rate in zip(evidence.lanes, evidence.at_rate, strict=False):
        if at_rate and not at_rate.is_held:
            held = describe_rate(at_rate.answered_per_s)
            yield Caveat(
                "not-held",
                f"{label} holds {held} of {describe_rate(at_rate.offered_per_s)}: what is due waits longer and longer, "
                "so its durations are as long as the interval lets them be",
                "choose a lower rate, or more connections",
            )


def _late(evidence: Evidence) -> Iterator[Caveat]:
    for label, at_rate in zip(evidence.lanes, evidence.at_rate, strict=False):
        if not at_rate or not at_rate.is_held:
            continue
        for share, late_ns, figure_ns in at_rate.lateness:
            if late_ns and figure_ns and late_ns > LATE_SHARE * figure_ns:
                yield Caveat(
                    "late",
                    f"the generator sent 1 in {share} operations of {label} {describe_duration(late_ns)} late or more, "
                    f"which is in its figure of {describe_duration(figure_ns)}",
                    _remedy_of_lateness(evidence),
                )
                return


def _remedy_of_lateness(evidence: Evidence) -> str:
    """What is not chosen yet."""
    left = ["cores split"] * (evidence.client_cores == evidence.server_cores)
    left += ["wait spin"] * (evidence.plan.wait != "spin")
    return f"choose {' or '.join(left)}, and quiet the machine" if left else "quiet the machine"


FINDERS: tuple[Finder, ...] = (_not_held, _late)
