"""What the dashboard shows, of rounds of scripted medians."""

from __future__ import annotations

from collections.abc import Sequence

from tests.scripted import HOST, make_round
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.tui.session import Session

USUAL = (12_000, 18_000, 24_000, 30_000)


def session_of(plan: Plan, medians: Sequence[Sequence[float]]) -> Session:
    """A session with a round for each of these medians of the lanes."""
    session = Session(plan, HOST)
    for number, medians_ns in enumerate(medians):
        session.add(make_round(plan, number, medians_ns))
    return session


def segment_of(rounds: int, plan: Plan | None = None) -> Segment:
    return session_of(plan or Plan(), [USUAL] * rounds).segment
