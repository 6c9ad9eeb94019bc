"""A report as one HTML page that needs nothing from elsewhere: light and dark, and fit to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from udstui.report.build import Report, Shown
from udstui.report.host import host_facts
from udstui.report.plots import Plot
from udstui.report.svg import safe
from udstui.text.part import Part

SIGNATURE = "<!doctype html>\n<!-- udstui report -->\n"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_HOW_TO_READ = (
    "A round measures every lane once, in random order, on fresh connections. The unit that is compared is the round, "
    "not the operation; the ratio is taken round by round.",
    "The 95 % interval holds at every moment at once, however often somebody looked and whenever the run was stopped. "
    "It does not know the machine's mood of the hour: measure again before you quote it.",
    "ping-pong is a full round trip, never halved, with one operation at a time; throughput is what the receiver has "
    "read. No outlier was dropped. A percentile with fewer than ten operations beyond it is left empty.",
    "Figures of two machines, and of two hours, are not comparable. The ratio of two lanes of one run is.",
)


def page(reports: Sequence[Report]) -> str:
    """The whole page."""
    title = _title(reports)
    style = (files("udstui.report") / "page.css").read_text(encoding="utf-8")
    body = "\n".join(map(_of_report, reports))
    how = "".join(f"<li>{safe(one)}</li>" for one in _HOW_TO_READ)
    return f"""{SIGNATURE}<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{safe(_POLICY)}">
<title>{safe(title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
<section><h2>How to read it</h2><ul>{how}</ul>
<p class="quiet">Written by udstui; <code>udstui help verdict</code> tells more.</p>
</section>
</main>
</body>
</html>
"""


def _title(reports: Sequence[Report]) -> str:
    first = reports[0].parts[0].part
    return f"udstui: {first.answers[0]}"


def _of_report(report: Report) -> str:
    parts = "\n".join(map(_of_part, report.parts))
    notes = "".join(f'<p class="quiet">{safe(note)}</p>' for note in report.notes)
    started = f" · {safe(report.started_at)}" if report.started_at else ""
    source = f'<p class="quiet lead">{safe(report.source)}{started}</p>'
    return f"<article>{source}\n{parts}\n{notes}{_host(report)}</article>"


def _host(report: Report) -> str:
    if not report.host:
        return '<p class="quiet">The file does not tell on which machine it was measured.</p>'
    facts = "".join(f"<dt>{safe(fact.name)}</dt><dd>{safe(fact.value)}</dd>" for fact in host_facts(report.host))
    return f"<section><h2>Where it was measured</h2><dl>{facts}</dl></section>"


def _of_part(shown: Shown) -> str:
    part = shown.part
    first, *others = part.answers
    pieces = [f'<section><h2>{safe(part.heading)}</h2><p class="answer">{safe(first)}</p>']
    pieces += [f"<p>{safe(answer)}</p>" for answer in others]
    pieces += [f'<p class="caveat">{safe(caveat)}</p>' for caveat in part.caveats]
    pieces += [f'<p class="quiet">{safe(part.settings)}</p>'] if part.settings else []
    pieces += [_figure(plot) for plot in shown.plots]
    pieces += [_table(part), *(f'<p class="quiet">{safe(note)}</p>' for note in part.notes)]
    if part.command:
        pieces.append(f'<p class="quiet lead">Measured by</p><pre>{safe(part.command)}</pre>')
    return "\n".join([*pieces, "</section>"])


def _figure(plot: Plot) -> str:
    return f"<figure><figcaption>{safe(plot.title)}</figcaption>{plot.svg}</figure>"


def _table(part: Part) -> str:
    header, *others = (_cells(row, part.text_columns) for row in part.table)
    head = "".join(f"<th{kind}>{cell}</th>" for kind, cell in header)
    body = "".join(f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in row)}</tr>" for row in others)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(row: Sequence[str], text_columns: int) -> list[tuple[str, str]]:
    """Each cell behind its class."""
    return [(' class="words"' if column < text_columns else "", safe(cell)) for column, cell in enumerate(row)]
