"""`udstui report`: recorded files as a page or as Markdown for others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from udstui.commands.output import ProgressLine, print_out
from udstui.errors import UsageError
from udstui.recording.files import STDOUT, check_apart, standard_stream
from udstui.recording.json_file import JsonFile
from udstui.report import html
from udstui.report import markdown as md
from udstui.report.build import report_of
from udstui.report.read import Found, read_found


def report(paths: Sequence[Path], page: Path | None, markdown: Path | None) -> int:
    """Write what these files hold, in their order; return the exit status. Raises RecordingError."""
    outputs = [
        (path, signature, make)
        for path, signature, make in ((page, html.SIGNATURE, html.page), (markdown, md.SIGNATURE, md.markdown))
        if path
    ]
    if not outputs:
        raise UsageError("nothing says where the report goes", "give -o report.html, or --markdown -")
    check_apart({option: path for option, path in (("-o", page), ("--markdown", markdown)) if path})
    with ProgressLine() as line:
        every = (read_found(path, line.show) for path in paths)
        reports = [report_of(found) for found in _each_once(every)]
    for path, signature, make in outputs:
        text = make(reports)
        if standard_stream(path) == STDOUT:
            print_out(text)
        else:
            with JsonFile(path, signature) as file:
                file.write(text)
    return 0


def _each_once(every: Iterable[Found]) -> list[Found]:
    """Without those that another file has told already: the CSV and the JSON of a run are read together."""
    by_run: dict[tuple[str, str], Found] = {}
    for found in every:
        name = found.told.run_id if found.told else ""
        by_run.setdefault((found.experiment, name or found.path), found)
    return list(by_run.values())
