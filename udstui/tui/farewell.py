"""What is left on the terminal when the dashboard is gone: the answer, how to ask again, and what was not kept."""

from __future__ import annotations

from pathlib import Path

from udstui.text.command_line import command_line
from udstui.text.verdict_sentence import verdict_sentence
from udstui.tui.session import Session

_STAY = "for a while they are in {}: udstui replay --last"


def farewell(session: Session, not_exported: int, kept: Path | None) -> list[str]:
    """Lines about the last segment that has a round, and about the rows; `kept` is the file that they stay in."""
    if not session.run.segments:
        return []
    segment = session.segment if session.segment.rounds else session.run.segments[-1]
    verdicts = segment.verdicts()
    told = [*verdicts[:1], *(verdict for verdict in verdicts[1:] if verdict.ci_low is not None)]
    lines = list(dict.fromkeys(map(verdict_sentence, told)))  # that it is too early is said once
    lines.append(f"again without the dashboard: {command_line(segment.plan)}")
    rounds = f"not exported: {not_exported} round{'s' * (not_exported != 1)}"
    if not_exported:
        lines.append(f"{rounds}; press e before q to keep them" if kept is None else f"{rounds}; {_STAY.format(kept)}")
    return lines
