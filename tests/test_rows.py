"""A row is enough: what is added to a copy of the package in one or two places works from command line to CSV."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import udstui

Edit = Callable[[str, str, str], None]
QUICK = ("--duration", "30ms", "--interval", "5ms", "--warmup", "0s")


class House:
    """A copy of the package, to be edited and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(Path(udstui.__file__).parent, folder / "udstui", ignore=shutil.ignore_patterns("__pycache__"))

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / "udstui" / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    def add(self, file: str, text: str) -> None:
        (self.folder / "udstui" / file).write_text(text)

    def python(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=os.environ | {"PYTHONPATH": str(self.folder)}, cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *options: str) -> list[dict[str, str]]:
        """Measure for a moment; return the rows of the CSV."""
        path = self.folder / "run.csv"
        self.python("-m", "udstui", "run", *QUICK, *options, "--csv", str(path))
        with path.open(newline="") as rows:
            return list(csv.DictReader(rows))

    def command_line(self, field: str, value: object) -> str:
        """The `udstui run` line of a plan in which this is all that is unusual."""
        code = f"""if True:
            from msgspec.structs import replace
            from udstui.settings.of_plan import usual_plan
            from udstui.text.command_line import command_line
            print(command_line(replace(usual_plan(), {field}={value!r})))
        """
        return self.python("-c", code).strip()


@pytest.fixture
def house(folder: Path) -> House:
    return House(folder)


def test_a_setting_is_a_field_and_a_row(house: House) -> None:
    house.edit("plan.py", "    def lanes(self)", '    mood: str = "calm"\n\n    def lanes(self)')
    house.edit(
        "settings/__init__.py",
        ")\n\n\ndef setting_named",
        """    Setting(
        name="mood",
        option="--mood",
        label="Mood",
        about="How the machine feels",
        key="m",
        choices=lambda: {"calm": "all is well", "cross": "it had no break"},
        parse=partial(one_of, "mood", {"calm": "", "cross": ""}),
        describe="mood: {}".format,
    ),
)


def setting_named""",
    )
    assert "--mood [calm|cross]" in house.python("-m", "udstui", "run", "--help")
    assert [row["mood"] for row in house.run("--mood", "cross", "--transport", "uds")][:1] == ["cross"]
    assert house.command_line("mood", "cross") == "udstui run --mood cross"
    code = """if True:
        import json
        from pathlib import Path
        from udstui.recording.read import read_recorded
        from udstui.settings.of_plan import usual_plan
        from udstui.text.plan import plan_sentence
        from udstui.tui.keys import GROUPS
        from udstui.tui.plan_editor import PlanEditor
        editor = PlanEditor(usual_plan())
        assert editor.next_choice("mood")
        print(json.dumps([
            plan_sentence(editor.plan), [key.keys for keys in GROUPS.values() for key in keys if key.id == "mood"],
            read_recorded(Path("run.csv")).plans[0].plan.mood,
        ]))
    """
    sentence, key, read_back = json.loads(house.python("-c", code))
    assert "mood: cross" in sentence
    assert (key, read_back) == (["m"], "cross")


def test_a_metric_is_a_row(house: House) -> None:
    toy = 'Metric(name="slowest_ns", label="slowest", short="slowest", of=lambda interval: interval.durations.max_ns)'
    house.edit("stats/metrics.py", "(MEDIAN, MEAN, P99, THROUGHPUT)", f"(MEDIAN, MEAN, P99, THROUGHPUT, {toy})")
    table = house.python("-m", "udstui", "run", *QUICK, "--json", "run.json", "--jsonl", "rounds.jsonl")
    assert "\nslowest " in table
    assert '"slowest_ns":' in (house.folder / "run.json").read_text()
    assert '"slowest_ns":' in (house.folder / "rounds.jsonl").read_text().partition("\n")[0]


@pytest.mark.parametrize(
    ("room", "base", "name"),
    [
        ("transports", "uds.Uds", "pigeon-post"),
        ("workloads", "ping_pong.PingPong", "small-talk"),
        ("runtimes", "python.Python", "snail"),
    ],
)
def test_an_entry_of_a_registry_is_a_file_and_a_line(house: House, room: str, base: str, name: str) -> None:
    module, kind = base.split(".")
    new = "".join(part.title() for part in name.split("-"))
    house.add(
        f"{room}/{name.replace('-', '_')}.py",
        f"from udstui.{room}.{module} import {kind}\n\n\nclass {new}({kind}):\n"
        f'    name = "{name}"\n    label = "Toy"\n    about = "a toy"\n',
    )
    house.edit(f"{room}/__init__.py", f'"udstui.{room}",', f'"udstui.{room}", "{name}",')
    what = room.removesuffix("s")
    assert name in "".join(house.python("-m", "udstui", "run", "--help").split())
    rows = house.run(f"--{what}", name)
    assert {row[what] for row in rows} == {name}
    told = house.command_line(*(("transports", (name,)) if what == "transport" else (what, name)))
    assert told == f"udstui run --{what} {name}"
