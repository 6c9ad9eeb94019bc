from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.recording.changed import Cells, refused, rewrite
from tests.records import FIRST, PLAN, SECOND, written
from udstui.recording import read_csv_rows
from udstui.recording.read import read_recorded, read_to_replay
from udstui.results.recorded import merged, of_segment
from udstui.results.segment import Segment


@pytest.fixture(params=["in C", "in Python"])
def in_c(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Rows are read many at once where there is a library, else one by one."""
    if request.param == "in Python":
        monkeypatch.setattr(read_csv_rows, "load", lambda: None)
    return bool(request.param == "in C")


def many_rounds(path: Path) -> list[str]:
    """The lines of a file of 150 rounds, each of which has a number of its own."""
    header, *rows = written(path, "run", [(PLAN, [FIRST, SECOND] * 75)])[0].read_text().splitlines(keepends=True)
    assert len(rows) == 300
    return [header, *rows]


@pytest.mark.parametrize("cell", ["nan", "inf", "-1", "", "1e3", "+5", "0x1"])
@pytest.mark.parametrize("line", [2, 3, 150, 300, 301])
def test_what_is_wrong_is_found_wherever_it_stands(tmp_path: Path, cell: str, line: int, in_c: bool) -> None:
    """Rows are read many at once; each is looked at all the same, and named."""
    lines = many_rounds(tmp_path)
    place = lines[0].split(",").index("op_mean_ns")
    cells = lines[line - 1].split(",")
    cells[place] = cell
    lines[line - 1] = ",".join(cells)
    (tmp_path / "run.csv").write_text("".join(lines), newline="")
    if cell in ("1e3", "+5"):
        assert len(read_to_replay(tmp_path / "run.csv")) == 150
    else:
        assert f"line {line} of {tmp_path / 'run.csv'}" in refused(tmp_path / "run.csv")


@pytest.mark.parametrize("blanks", ["\r\n", "\n\r\n\n"])
def test_blank_lines_in_between_end_nothing(tmp_path: Path, blanks: str, in_c: bool) -> None:
    path = tmp_path / "run.csv"
    header, *rows = many_rounds(tmp_path)
    before = list(read_to_replay(path))
    path.write_text(header + blanks.join(["", *rows]), newline="")
    assert list(read_to_replay(path)) == before


@pytest.mark.parametrize(
    ("change_lines", "found"),
    [
        (lambda lines: [*lines[:201], lines[202], lines[201], *lines[203:]], 150),
        (lambda lines: [*lines[:200], *lines[202:]], 148),
        (lambda lines: [*lines[:201], *lines[203:205], *lines[201:203], *lines[205:]], "is out of order"),
        (lambda lines: [*lines[:201], lines[200], *lines[201:]], "more than one run"),
        (lambda lines: [*lines[:201], lines[201].replace("r-", "r-2", 1), *lines[202:]], "more than one run"),
        (lambda lines: [*lines[:201], lines[201].replace(",128,", ",129,"), *lines[202:]], "more than one run"),
        (lambda lines: [*lines[:201], lines[201][:-30] + "\r\n", *lines[202:]], "is cut off in line 202"),
        (lambda lines: [*lines[:301], "x"], "is cut off in line 302"),
    ],
)
def test_many_rows_are_no_less_looked_at(
    tmp_path: Path, change_lines: Callable[[list[str]], list[str]], found: str | int, in_c: bool
) -> None:
    path = tmp_path / "run.csv"
    path.write_text("".join(change_lines(many_rounds(tmp_path))), newline="")
    if isinstance(found, str):
        assert found in refused(path)
    else:
        assert len(read_to_replay(path)) == found


def test_many_rows_are_what_single_ones_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In C and in Python, and what they come to, with quotes, empty cells, several segments and generations."""
    randomness = random.Random(5)
    path = tmp_path / "run.csv"
    second = msgspec.structs.replace(PLAN, transports=("unix:/a,\u00e9", "tcp"))
    written(tmp_path, "run", [(plan, [FIRST, SECOND] * 75) for plan in (PLAN, second, PLAN)])

    def changed(row: Cells) -> Cells:
        number = int(row["round"])
        more = {
            "generation": str(1 + number // 40),
            "answer": '"200 OK, \\"x\\""' if number > 60 else "",
            "server_version": '"redis 7"',
            "steal_percent": randomness.choice(["", "0.25", "3"]),
            "op_p50_ns": randomness.choice(["", "12000"]) if number > 120 else str(10_000 + randomness.randrange(999)),
            "unanswered": randomness.choice(["", "3"]),
            "connect_ns": randomness.choice(["", "17.5"]),
            "time_s": f"{number / 7:.6f}",
        }
        return {**row, **more}

    rewrite(path, changed)
    in_c, compared_in_c = list(read_to_replay(path)), read_recorded(path)
    monkeypatch.setattr(read_csv_rows, "load", lambda: None)
    in_python, compared = list(read_to_replay(path)), read_recorded(path)
    assert len(in_c) == 450
    assert in_c == in_python
    assert repr(in_c) == repr(in_python)  # 1 is not 1.0
    assert compared_in_c == compared
    segments: dict[int, Segment] = {}
    for recorded, round_ in in_python:
        segments.setdefault(recorded.number, Segment(recorded.plan)).add(round_)
    assert compared.plans == merged(of_segment(one) for one in segments.values())
