"""Reports as others open them: a page by a browser and by a parser, Markdown by a renderer."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.dissected import dissected
from tests.loaded import PLAN as PLAN_OF_LOAD
from tests.loaded import Lanes
from tests.records import HOST, PLAN, steady_run, written
from tests.scripted import Script, make_round
from tests.told import json_of
from udstui.commands.report import report
from udstui.errors import RecordingError, UsageError
from udstui.experiments.driver import drive
from udstui.experiments.layers import Layers
from udstui.experiments.load import Load
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording import read_json
from udstui.report.build import report_of
from udstui.report.html import page
from udstui.report.markdown import markdown
from udstui.report.read import found_in, read_found

_HOSTILE = (
    "<script>alert(1)</script>\"'|`*_[x](http://evil)\x1b[2J\n# @everyone https://evil.example www.evil.example &lt;"
)
_CHROMIUM = shutil.which("chromium")
_QUIETLY = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
_EMPTY = {"meta"}


class _Page(HTMLParser):
    """All elements of a page, with the texts in it; it fails where they are not nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _only_ping_pong(plan: Plan) -> None:
    if plan.workload != "ping-pong":
        raise UsageError("that is not here", "do without")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is in a file of each kind."""
    folder = tmp_path_factory.mktemp("texts")
    sweep = Sweep(Plan(), (64, 1024, 65536), passes=4, rounds=3, order=random.Random(1))
    asyncio.run(drive(sweep, Script()))
    stack = Layers(Plan(), 4 * 10**9, check=_only_ping_pong)
    asyncio.run(drive(stack, Script()))
    load = Load(PLAN_OF_LOAD, (20_000, 50_000, 80_000), passes=2, rounds=2, order=random.Random(1))
    asyncio.run(drive(load, Lanes()))
    csv, json = steady_run(folder, "run")
    layers = [(replace(PLAN, workload=name), [make_round(PLAN, n) for n in range(12)]) for name in ("http", "rpc")]
    return {
        "csv": csv.read_text(),
        "run": json.read_text(),
        "segments": written(folder, "segments", layers)[1].read_text(),
        "sweep": json_of(sweep, HOST),
        "layers": json_of(stack, HOST),
        "load": json_of(load, HOST),
        "anatomy": json_of(asyncio.run(dissected(steal_percent=7.0)), HOST),
    }


@pytest.fixture
def files(texts: dict[str, str], tmp_path: Path) -> dict[str, Path]:
    """A file of each kind, each alone in its folder."""
    found = {}
    for name, text in texts.items():
        found[name] = tmp_path / name / f"a.{'csv' if name == 'csv' else 'json'}"
        found[name].parent.mkdir()
        found[name].write_text(text)
    return found


ANSWERS = {
    "csv": ("UDS is 1.50x faster than TCP at the median", "20 rounds", "udstui run --runtime python"),
    "run": ("UDS is 1.50x faster than TCP at the median", "20 rounds", "KVM"),
    "segments": ("Segment 1: http, 128 B", "All segments", "--workload rpc"),
    "sweep": ("UDS is faster than TCP at every size from 64 B to 64 KiB", "udstui sweep --sizes 64,1K,64K", "KVM"),
    "layers": ("faster than TCP in C", "both ends in Python", "adds to UDS", "Left out: rpc", "udstui layers"),
    "load": ("UDS holds", "p99.9", "20.0 k/s", "udstui load --rates 20000/s"),
    "anatomy": ("longer than UDS: 5.00 µs in the transport itself", "transport itself", "hypervisor gave 7.0 %"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_page_has_answer_table_plots_and_plan_and_needs_nothing(files: dict[str, Path], kind: str) -> None:
    text = page([report_of(read_found(files[kind]))])
    parsed = _Page(text)
    said = "".join(parsed.texts)
    for answer in ANSWERS[kind]:
        assert answer in said
    assert {"table", "svg", "pre", "figure"} <= set(parsed.names)
    assert not {"script", "img", "link", "iframe"} & set(parsed.names)
    assert not {"src", "href", "style"} & {name for name, _ in parsed.attributes}
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        assert not re.search(r"\b(nan|inf)\b", svg)
        ElementTree.fromstring(svg)


@pytest.mark.parametrize("kind", ANSWERS)
def test_markdown_is_tables_and_sentences_and_nothing_else(files: dict[str, Path], kind: str) -> None:
    text = markdown([report_of(read_found(files[kind]))])
    html = MarkdownIt("commonmark").enable("table").render(text)
    said = "".join(_Page(html.replace("<br>", "")).texts)
    for answer in ANSWERS[kind]:
        assert answer in said
    assert "<table>" in html and "<h3>" in html and '<code class="language-sh">' in html
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert html.count("<tr>") == sum("---" not in line for line in rows)


@pytest.mark.parametrize("make", [page, markdown])
def test_text_from_outside_stays_text(tmp_path: Path, make: Callable[..., str]) -> None:
    plan = replace(PLAN, transports=("uds", f"unix:/{_HOSTILE.replace(chr(10), '')}"))
    host = replace(HOST, cpu=_HOSTILE, kernel=_HOSTILE)
    rounds = [make_round(plan, number) for number in range(12)]
    csv, json = written(tmp_path, "a\n<b>", [(plan, rounds)], host)
    for path in (csv, json):
        text = make([report_of(read_found(path))])
        html = MarkdownIt("commonmark").enable("table").render(text) if make is markdown else text
        assert not {"script", "a", "b", "em"} & set(_Page(html.replace("<br>", "")).names)
        assert "\x1b" not in text
        links = re.compile(r"@everyone|https://evil|www\.evil")
        assert make is page or not links.search(re.sub("```.*?```", "", text, flags=re.DOTALL))
        assert "<!-- udstui report -->" in text


def test_figures_that_nothing_measured_are_no_reason_to_fail(files: dict[str, Path]) -> None:
    record = msgspec.json.decode(files["run"].read_bytes())
    lane = record["lanes"][0]
    for name, value in (("op_min_ns", 0), ("op_max_ns", 2**62), ("op_p50_ns", 1e300), ("gb_per_s", 1e-300)):
        lane[name] = value
        files["run"].write_bytes(msgspec.json.encode(record))
        assert "<svg" in page([report_of(read_found(files["run"]))])


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("run", "lanes", []),
        ("sweep", "sizes", []),
        ("sweep", "plan", {"size_bytes": None, "cores": "moon"}),
        ("anatomy", "lanes", []),
        ("anatomy", "schema", "udstui.anatomy/9"),
        ("run", "schema", "udstui.compare/2"),
        ("run", "schema", "udstui.run/9"),
        ("run", "segment", 2**64),
        ("layers", "layers", []),
        ("load", "rates", []),
        ("load", "lanes", []),
    ],
)
def test_what_is_not_as_it_was_written_is_a_sentence(
    files: dict[str, Path], kind: str, field: str, value: object
) -> None:
    record = msgspec.json.decode(files[kind].read_bytes()) | {field: value}
    files[kind].write_bytes(msgspec.json.encode(record))
    with pytest.raises(RecordingError):
        report_of(read_found(files[kind]))


@pytest.mark.parametrize("depth", [300, 700, 990, 100_000])
def test_what_is_nested_deeply_is_a_sentence(depth: int) -> None:
    text = b'{"schema":"udstui.run/1","more":%s%s}' % (b"[" * depth, b"]" * depth)
    with pytest.raises(RecordingError, match=r"missing required field|recursion depth"):
        found_in(text, Path("run.json"))


def test_more_values_than_any_run_has_are_not_made(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_json, "_MOST_VALUES", files["run"].read_bytes().count(b","))
    read_found(files["run"])
    files["run"].write_bytes(files["run"].read_bytes().rstrip()[:-1] + b',"more":[]}')
    with pytest.raises(RecordingError, match="larger than any run"):
        read_found(files["run"])


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("udstui.sweep/9", r"this udstui reads udstui\.sweep/1; use a newer udstui"),
        ("udstui.compare/3", "of a run, or of sweep, layers, anatomy, load"),
        ("os.path/1", "of which no report is made"),
    ],
)
def test_a_file_that_no_report_is_made_of_says_why(files: dict[str, Path], schema: str, said: str) -> None:
    files["sweep"].write_text(files["sweep"].read_text().replace("udstui.sweep/1", schema))
    with pytest.raises(RecordingError, match=said):
        read_found(files["sweep"])


def test_a_load_of_before_its_passes_were_told_is_read(files: dict[str, Path]) -> None:
    record = msgspec.json.decode(files["load"].read_bytes())
    assert all(rate.pop("p99_by_pass") for rate in record["rates"])
    files["load"].write_bytes(msgspec.json.encode(record))
    told = page([report_of(read_found(files["load"]))])
    assert "in 99 of 100 cases" in told and "too early" not in told


def test_an_anatomy_of_before_its_run_was_told_is_read(files: dict[str, Path]) -> None:
    record = msgspec.json.decode(files["anatomy"].read_bytes())
    assert record.pop("run_id") and record.pop("started_at")
    files["anatomy"].write_bytes(msgspec.json.encode(record))
    assert "transport itself" in page([report_of(read_found(files["anatomy"]))])


def test_the_files_beside_each_other_are_told_together(tmp_path: Path) -> None:
    csv, json = steady_run(tmp_path, "run")
    for path in (csv, json):
        said = "".join(_Page(page([report_of(read_found(path))])).texts)
        assert "Median of every round" in said and "KVM" in said and "estimates" not in said
    json.unlink()
    assert "estimates" in page([report_of(read_found(csv))])


def test_lines_are_told_by_their_last_one(files: dict[str, Path], tmp_path: Path) -> None:
    rounds = '{"schema":"udstui.round/1","run_id":"r-1"}\n' * 3
    path = tmp_path / "a.jsonl"
    path.write_text(rounds + files["run"].read_text())
    assert report_of(read_found(path)).parts == report_of(read_found(files["run"])).parts
    path.write_text(rounds)
    with pytest.raises(RecordingError, match="no last line"):
        read_found(path)


def test_a_report_replaces_its_own_file_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv, json = steady_run(tmp_path, "run")
    html = tmp_path / "a.html"
    for _ in range(2):
        assert report([csv, json], html, Path("-")) == 0
        assert capsys.readouterr().out.count("### ping-pong") == 1  # both are of one run
    assert html.read_text().count("</html>") == 1
    html.write_text("mine")
    with pytest.raises(RecordingError, match="was not written by udstui"):
        report([csv], html, None)
    assert html.read_text() == "mine"


@pytest.mark.skipif(not _CHROMIUM, reason="there is no chromium")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    csv, _ = steady_run(tmp_path, "run")
    report([csv], tmp_path / "a.html", None)
    assert _CHROMIUM
    subprocess.run(
        [_CHROMIUM, *_QUIETLY, f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={tmp_path / 'a.png'}",
         "--window-size=900,1200", (tmp_path / "a.html").as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    picture = (tmp_path / "a.png").read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (900, 1200)
    assert len(picture) > 50_000  # what is blank takes a tenth of that
