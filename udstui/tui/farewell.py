"""What is left on the terminal when the dashboard is gone: the answer, how to ask again, and what was not kept."""

from __future__ import annotations

from udstui.text.command_line import command_line
from udstui.text.verdict import verdict_sentence
from udstui.tui.session import Session


def farewell(session: Session, rounds_lost: int) -> list[str]:
    """Lines about the last segment that has a round, and the rounds that are in no file; none without any."""
    if not session.run.segments:
        return []
    segment = session.segment if session.segment.rounds else session.run.segments[-1]
    lines = list(dict.fromkeys(verdict_sentence(verdict) for verdict in segment.verdicts()))
    lines.append(f"again without the dashboard: {command_line(segment.plan)}")
    if rounds_lost:
        lines.append(f"not exported: {rounds_lost} round{'s' * (rounds_lost != 1)}; press e before q to keep them")
    return lines
