"""The options that a plan is made from: what --help says of them, what the shell offers, and what becomes of them."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from udstui import cli
from udstui.commands.options import Planned, make_plan, plan_options
from udstui.settings import GROUPS, SERVERS, SETTINGS, WAITS
from udstui.text.command_line import command_line
from udstui.transports import TRANSPORTS
from udstui.workloads import WORKLOADS


def test_help_and_version() -> None:
    for arguments in (["--help"], ["run", "-h"]):
        done = CliRunner().invoke(cli.commands, arguments)
        assert done.exit_code == 0
        for setting in SETTINGS:
            assert setting.option in done.output
    assert CliRunner().invoke(cli.commands, ["--version"]).exit_code == 0


def test_help_names_all_choices() -> None:
    for arguments in (["--help"], ["run", "--help"]):
        said = "".join(CliRunner().invoke(cli.commands, arguments).output.split())  # a line may end within a name
        assert f"{','.join(TRANSPORTS)}." in said
        for names in (WORKLOADS, SERVERS, WAITS):
            assert f"[{'|'.join(names)}]" in said


def test_help_begins_with_the_commands_and_tells_options_by_what_they_are_about() -> None:
    said = CliRunner().invoke(cli.commands, ["--help"]).output
    titles = [line for line in said.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Commands:", "Options:", *(f"{group}:" for group in GROUPS)]
    summaries = said.partition("Commands:")[2].partition("Options:")[0]
    assert not [line for line in summaries.splitlines() if line.endswith("...")], (
        "a command's first sentence is cut off"
    )
    of_anatomy = CliRunner().invoke(cli.commands, ["anatomy", "--help"]).output
    assert "--size" in of_anatomy
    assert "--target" not in of_anatomy


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("run --workload b", ["bulk-send"]),
        ("run --transport tcp", ["tcp", "tcp6"]),
        ("run --transport tcp[no", ["tcp[nodelay=off]", "tcp[nodelay=on]"]),
        ("run --transport uds[", ["uds[sndbuf=1M]", "uds[sndbuf=256K]", "uds[sndbuf=64K]"]),
        ("run --transport tcp[nodelay=off,congestion=r", ["tcp[nodelay=off,congestion=reno]"]),
        ("run --cores s", ["same", "split"]),
        ("help se", ["serve", "send", "services", "settings"]),
    ],
)
def test_the_shell_completes_choices(typed: str, offered: list[str]) -> None:
    words = f"udstui {typed}"
    environment = {"_UDSTUI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = CliRunner().invoke(cli.commands, [], env=environment, prog_name="udstui")
    assert done.output.split() == [f"plain,{name}" for name in offered]


def test_lanes_race_in_the_order_of_the_command_line() -> None:
    plans = []

    @click.command(cls=Planned)
    @plan_options()
    def made(**options: object) -> None:
        plans.append(make_plan(options))

    for arguments, transports in (
        ("--target unix:/x --transport uds --target tcp:h:1", ("unix:/x", "uds", "tcp:h:1")),
        ("--target unix:/x", ("unix:/x",)),
        ("", ("uds", "tcp")),
    ):
        words = arguments.split()
        assert CliRunner().invoke(made, words).exit_code == 0
        assert plans[-1].transports == transports
        assert command_line(plans[-1]).split() == ["udstui", "run", *words]


def test_help_imports_nothing_heavy() -> None:
    code = """if True:
        import atexit, sys
        heavy = {"numpy", "textual", "psutil", "asyncio"}
        atexit.register(lambda: print("heavy:", *heavy & set(sys.modules)))
        sys.argv = ["udstui", "--help"]
        from udstui.cli import main
        main()
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines()[-1] == "heavy:"


def test_a_size_that_nobody_gave_is_one_that_the_transports_carry() -> None:
    assert make_plan({"workload": "bulk-send", "transports": ("udp",)}).size_bytes == 65507
