"""A row is enough: what is added to a copy of the package in one or two places works from command line to CSV."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import udstui

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
        ")\nGROUPS:",
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
GROUPS:""",
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


def test_a_metric_a_column_and_a_caveat_are_a_row_each(house: House) -> None:
    toy = 'Metric(name="slowest_ns", label="slowest", short="slowest", fields=("durations.max_ns",), make=float)'
    house.edit("stats/metrics.py", "(MEDIAN, MEAN, P99, THROUGHPUT)", f"(MEDIAN, MEAN, P99, THROUGHPUT, {toy})")
    house.edit(
        "recording/csv_columns.py",
        '    Column("gb_per_s"',
        '    Column("mood", lambda at: "calm"),\n    Column("gb_per_s"',
    )
    caveat = 'lambda evidence: [Caveat("toy", "it is a toy", "grow up")]'
    house.edit("stats/caveats/of_rate.py", "(_not_held, _late)", f"(_not_held, _late, {caveat})")
    files = ("--csv", "run.csv", "--json", "run.json", "--jsonl", "rounds.jsonl")
    table = house.python("-m", "udstui", "run", *QUICK, *files)
    assert "\nslowest " in table and "it is a toy" in table
    assert '"slowest_ns":' in (house.folder / "run.json").read_text()
    assert '"slowest_ns":' in (house.folder / "rounds.jsonl").read_text().partition("\n")[0]
    with (house.folder / "run.csv").open(newline="") as rows:
        assert {row["mood"] for row in csv.DictReader(rows)} == {"calm"}


TOY = {
    "experiments/toy.py": """
        from udstui.experiments.race import Race

        class Toy(Race):
            name = "toy"
    """,
    "text/toy.py": """
        from udstui.text.part import Part, in_terminal

        def part_of(toy):
            rounds = [["rounds"], [str(toy.rounds)]]
            return Part(heading="A toy", answers=["It was fun"], settings="", command="udstui toy", table=rounds)

        def report(toy):
            return in_terminal(part_of(toy))
    """,
    "recording/toy_json.py": """
        from udstui.recording.experiments import Format
        from udstui.recording.json_file import Record, beginning

        class ToyRecord(Record, frozen=True, kw_only=True):
            schema: str = "udstui.toy/1"
            rounds: int

        def record_of(toy, host):
            return ToyRecord(**beginning(toy.run, host), rounds=toy.progress().done)

        FORMAT = Format("udstui.toy/1", ToyRecord, record_of, ("-toy.csv", "-toy.json"))
    """,
    "report/toy.py": """
        def check(toy, path): ...

        def plots_of(toy):
            return []
    """,
    "tui/tabs/toy.py": """
        from udstui.tui.tabs.session_tab import SessionTab

        class ToyTab(SessionTab):
            TITLE, ID, EXPERIMENT = "Toy", "toy", "toy"
    """,
}
"""An experiment's file in each room."""
TOY_COMMAND = """@commands.command()
@plan_options()
@output_options()
def toy(**options: Any) -> int:
    outputs, plan = take_outputs(options), make_plan(options)
    from udstui.commands.measure import measure
    from udstui.experiments.toy import Toy

    return measure(lambda host: Toy(plan, 10**8, host=host), outputs)


class _Compare("""


def test_an_experiment_is_a_file_in_each_room_and_its_name_in_three_lists(house: House) -> None:
    for file, text in TOY.items():
        house.add(file, textwrap.dedent(text))
    house.edit("experiments/__init__.py", '("race", ', '("toy", "race", ')
    house.edit("tui/tabs/__init__.py", "LoadTab,\n", "LoadTab, ToyTab,\n")
    house.edit("tui/tabs/__init__.py", "\n\nTABS", "\nfrom udstui.tui.tabs.toy import ToyTab\n\nTABS")
    house.edit("cli.py", "class _Compare(", TOY_COMMAND)
    quickly = ("--interval", "5ms", "--warmup", "0s", "--json", "toy.json")
    assert house.python("-m", "udstui", "toy", *quickly).endswith("\nIt was fun\n")
    assert "### A toy" in house.python("-m", "udstui", "report", "toy.json", "--markdown", "-")
    assert house.python("-c", "from udstui.tui.tabs import TABS; print(TABS[-1].EXPERIMENT)") == "toy\n"


@pytest.mark.parametrize(
    ("room", "base", "name"),
    [
        ("transports", "uds.Uds", "pigeon-post"),
        ("workloads", "ping_pong.PingPong", "small-talk"),
        ("runtimes", "python.Python", "snail"),
    ],
)
def test_an_entry_of_a_registry_is_a_file_and_a_line(house: House, room: str, base: str, name: str) -> None:
    """A workload may bring a service with it, which is a file more."""
    module, kind = base.split(".")
    house.add("services/parrot.py", "from udstui.services.echo import serve\n")
    new = "".join(part.title() for part in name.split("-"))
    house.add(
        f"{room}/{name.replace('-', '_')}.py",
        f"from udstui.{room}.{module} import {kind}\n\n\nclass {new}({kind}):\n"
        f'    name = "{name}"\n    label = "Toy"\n    about = "a toy"\n    service = "parrot"\n',
    )
    house.edit(f"{room}/__init__.py", f'"udstui.{room}",', f'"udstui.{room}", "{name}",')
    what = room.removesuffix("s")
    assert name in "".join(house.python("-m", "udstui", "run", "--help").split())
    rows = house.run(f"--{what}", name)
    assert {row[what] for row in rows} == {name}
    told = house.command_line(*(("transports", (name,)) if what == "transport" else (what, name)))
    assert told == f"udstui run --{what} {name}"
