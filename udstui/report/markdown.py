"""A report as Markdown: for issues, READMEs and the summaries of CI."""

from __future__ import annotations

import re
from collections.abc import Sequence

from udstui.plain import plain
from udstui.report.build import Report
from udstui.report.host import host_facts
from udstui.text.part import Part

SIGNATURE = "<!-- udstui report -->\n"
_MARKS = re.compile(r"([\\`*_{}\[\]<>|~&$])")
_MENTION = re.compile(r"([@#]|://|www\.)(?=\w)")
"""What GitHub makes links of, in whatever text."""


def markdown(reports: Sequence[Report]) -> str:
    """All reports, one after the other, with what is compared in the first sentence of each part."""
    return SIGNATURE + "\n".join(map(_of_report, reports))


def _of_report(report: Report) -> str:
    lines = [line for shown in report.parts for line in _of_part(shown.part)]
    if report.host:
        facts = ", ".join(f"{fact.name} {safe(fact.value)}" for fact in host_facts(report.host))
        lines += [f"Measured on: {facts}.", ""]
    lines += [f"{safe(note)}\n" for note in report.notes]
    return "\n".join(lines)


def _of_part(part: Part) -> list[str]:
    header, *rows = [[safe(cell) or " " for cell in row] for row in part.table]
    lines = [f"### {safe(part.heading)}", "", f"**{safe(part.answers[0])}**", ""]
    for answer in part.answers[1:]:
        lines += [safe(answer), ""]
    if part.settings:
        lines += [safe(part.settings), ""]
    aligned = ["---" if column < part.text_columns else "---:" for column in range(len(header))]
    lines += [_row(header), _row(aligned), *map(_row, rows), ""]
    for caveat in part.caveats:
        lines += [f"> {safe(caveat)}", ""]
    for note in part.notes:
        lines += [safe(note), ""]
    if part.command:
        lines += [_fenced(plain(part.command)), ""]
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _fenced(text: str) -> str:
    """With a fence that is longer than any in the text."""
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"


def safe(text: str) -> str:
    """Text from outside on one line, in which nothing is markup or a link, and nobody is mentioned."""
    return _MENTION.sub(r"\1<!-- -->", _MARKS.sub(r"\\\1", plain(text)))
