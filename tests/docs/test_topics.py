"""The help topics tell what is really there."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, ValidationError

from tests.dissected import dissected
from tests.docs import schemas
from tests.records import steady_run
from tests.scripted import HOST, Script, make_round
from tests.told import json_of
from udstui.cli import commands
from udstui.commands.compare import compare
from udstui.commands.help import in_terminal, show_topic, show_topics
from udstui.docs import all_topics, read_topic, topics
from udstui.errors import UsageError
from udstui.experiments.driver import drive
from udstui.experiments.layers import Layers
from udstui.experiments.load import Load
from udstui.experiments.sweep import Sweep
from udstui.plan import Plan
from udstui.recording import round_json
from udstui.recording.csv_columns import COLUMNS
from udstui.results.earlier import Here
from udstui.results.history import found_of
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.settings import SETTINGS

README = Path(schemas.FOLDER).parents[1] / "README.md"


def test_every_column_of_the_csv_has_its_line_in_their_order() -> None:
    told = re.findall(r"^\| `(\w+)` \|", read_topic("csv"), re.MULTILINE)
    assert told == [column.name for column in COLUMNS]


@pytest.mark.parametrize("name", schemas.RECORDS)
def test_the_schemas_are_those_of_the_records(name: str) -> None:
    is_new = json.loads(read_topic(f"{name}.schema.json")) == json.loads(schemas.schema_text(name))
    assert is_new, "run: python -m tests.docs.schemas"
    assert json.loads(schemas.schema_text(name))["title"] in read_topic("json")


async def test_what_is_written_is_as_the_schemas_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = Sweep(Plan(), (64, 1024), passes=4, rounds=3, order=random.Random(1))
    await drive(sweep, Script())
    layers = Layers(Plan(), 10**9, check=lambda _: None)
    await drive(layers, Script())
    load = Load(Plan(), passes=1, rounds=1)
    await drive(load, Script())
    before, after = (steady_run(tmp_path, name)[1] for name in ("before", "after"))
    compare([before, after], [], as_json=True, fail_if_slower_percent=5)
    run, segment = Run(), Segment(Plan())
    for number in range(12):
        run.add(segment, make_round(Plan(), number))
    (line,) = found_of(run, Here("box", "1.0", HOST))
    texts = {
        "run": before.read_text(),
        "round": round_json.to_json(sweep.run, sweep.run.segments[0], 1, make_round(Plan())),
        "sweep": json_of(sweep),
        "anatomy": json_of(await dissected(steal_percent=7.0)),
        "layers": json_of(layers),
        "load": json_of(load),
        "compare": capsys.readouterr().out,
        "history": msgspec.json.encode(line).decode(),
    }
    for name, text in texts.items():
        schema = json.loads(read_topic(f"{name}.schema.json"))
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(json.loads(text))
        with pytest.raises(ValidationError):
            Draft202012Validator(schema).validate(json.loads(text) | {"schema": "other"})


def test_topics_are_listed_and_shown_as_they_are_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_topics()
    listed = capsys.readouterr().out
    for name, about in all_topics().items():
        assert f"  {name}" in listed
        assert about in listed
    show_topic("verdict")
    assert capsys.readouterr().out == read_topic("verdict")


def test_settings_are_a_topic_that_explains_every_choice(capsys: pytest.CaptureFixture[str]) -> None:
    show_topic("settings")
    shown = capsys.readouterr().out
    for setting in SETTINGS:
        assert f"`{setting.option}`" in shown
        for choice, about in (setting.choices() if setting.choices else {}).items():
            assert f"- `{choice}`: {about}\n" in shown


def test_help_of_a_command_is_its_own_unless_a_topic_has_that_name() -> None:
    assert "--sizes" in CliRunner().invoke(commands, ["help", "sweep"]).output
    assert CliRunner().invoke(commands, ["help", "load"]).output == read_topic("load")


@pytest.mark.parametrize("name", ["", "nope", "../README", "__init__.py", "csv.md", "\x1b[2J"])
def test_what_is_no_topic_is_wrong_usage(name: str) -> None:
    with pytest.raises(UsageError, match=r"[cC]hoose from benchmarks, .*, settings, ") as refused:
        show_topic(name)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("name", topics())
def test_a_terminal_shows_topics_within_its_width(name: str) -> None:
    shown = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", in_terminal(read_topic(name), 80))
    assert max(map(len, shown.splitlines())) <= 80
    assert "# " not in shown.splitlines()[0]


def test_links_of_the_readme_lead_somewhere_and_it_is_short() -> None:
    text = README.read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert [link for link in links if not (README.parent / link).exists()] == []
    assert {f"udstui/docs/{name}.md" for name in topics()} <= set(links)
    assert len(text.splitlines()) <= 150
