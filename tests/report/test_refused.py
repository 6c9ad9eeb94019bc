"""Where a report cannot go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.records import steady_run
from udstui.commands.report import report
from udstui.errors import UsageError


@pytest.mark.parametrize(
    ("html", "markdown", "message"),
    [
        (None, None, "give -o"),
        ("-", "/dev/stdout", "cannot all go to stdout"),
        ("new", "new", "-o and --markdown cannot both go to"),
    ],
)
def test_a_report_that_cannot_go_there_is_refused(
    html: str | None, markdown: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csv, _ = steady_run(tmp_path, "run")
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    with pytest.raises(UsageError, match=message):
        report([csv], html and Path(html), markdown and Path(markdown))  # type: ignore[arg-type]
    assert set(tmp_path.iterdir()) == before
