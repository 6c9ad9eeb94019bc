"""The table of contents: every command, its options, and who does the work.

Heavy modules are imported by the command that needs them, so that `udstui --help` answers at once.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from udstui import __version__
from udstui.cli_load import load
from udstui.cli_serving import SERVING
from udstui.cli_sharing import SHARING, add_examples
from udstui.commands.options import (
    DURATION,
    FILE,
    GOAL,
    PERCENT,
    SIZES,
    PlannedGroup,
    how_often,
    ladder_options,
    make_plan,
    plan_options,
)
from udstui.commands.output import ProgressLine, drop_out
from udstui.commands.outputs import output_options, take_outputs
from udstui.errors import UdstuiError, UsageError, reason
from udstui.plain import spell_in_ascii

if TYPE_CHECKING:
    from pathlib import Path


def main() -> None:
    """The entry point: one place where an error becomes a line and an exit status."""
    spell_in_ascii()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="udstui-ascii")  # µ and · are no reason to fail where there is only ASCII
    try:
        status = commands.main(prog_name="udstui", standalone_mode=False, terminal_width=_help_columns())
    except click.ClickException as error:
        status = _complain(_with_remedy(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        drop_out()  # a reader that does not read may be why
        status = 130
    except UdstuiError as error:
        status = _complain(str(error), error.exit_status)
    status = _flush_stdout() or status
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # all is done: the status is to tell how it went
    sys.exit(status)


def _help_columns() -> int:
    """As wide as click makes --help, which would import shutil, and with it all kinds of compression, to find it."""
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(1).columns
    except (OSError, ValueError):
        columns = 0
    return max(min(columns or 80, 80) - 2, 50)


def _flush_stdout() -> int:
    """Write what was printed, 0 when that went well. Python itself would only do so after the last line of ours."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except KeyboardInterrupt:
        drop_out()
        return 130
    except OSError as error:
        drop_out()
        return 1 if isinstance(error, BrokenPipeError) else _complain(f"cannot write to stdout: {reason(error)}", 1)
    return 0


def _with_remedy(error: click.ClickException) -> str:
    """What click says, and where it is told what there is. Values that are refused tell their own remedy."""
    message = error.format_message()
    if not isinstance(error, click.UsageError) or isinstance(error, click.BadParameter) or not error.ctx:
        return message
    end = "" if message.endswith("?") else ";"
    return f"{message.rstrip('.')}{end} {error.ctx.command_path} --help tells what there is"


def _complain(message: str, status: int) -> int:
    print("udstui:", " ".join(message.split()), file=sys.stderr)
    return status


_NO_HISTORY = click.option("--no-history", is_flag=True, help="Leave no line of what was found (udstui history).")


@click.group(cls=PlannedGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="udstui")
@plan_options()
@_NO_HISTORY
@click.option("--no-keep", is_flag=True, help="Keep no rows for udstui replay --last.")
@click.pass_context
def commands(context: click.Context, /, **options: Any) -> int | None:
    """Race Unix domain sockets against loopback TCP on this machine.

    Without a command: the dashboard.
    """
    if context.invoked_subcommand is not None:
        if any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in options):
            raise UsageError(
                f"options before {context.invoked_subcommand!r} are for the dashboard", "put them behind it"
            )
        return None
    leaves_line, keeps = not options.pop("no_history"), not options.pop("no_keep")
    plan = make_plan(options)
    from udstui.tui.start import dashboard

    return dashboard(plan, leaves_line=leaves_line, keeps=keeps)


@commands.command()
@plan_options()
@click.option("--duration", type=DURATION, default="5s", show_default=True, help="How long, without the warm-up.")
@click.option(
    "--until", type=GOAL, metavar="2%|sure", help="Stop before, once the ratio is known to within this, or sure."
)
@output_options()
@click.option(
    "--repeat",
    type=click.IntRange(1, 999),
    metavar="N",
    default=1,
    help="So many runs, a line each: how far runs lie apart. Files are numbered: run-1.csv, run-2.csv ...",
)
@click.option("--every", type=DURATION, metavar="30s", help="Begin one of them so often; without it, at once.")
@_NO_HISTORY
def run(*, duration: int, until: Any, repeat: int, every: int | None, no_history: bool, **options: Any) -> int:
    """Measure without the dashboard. The table goes to stdout, progress to stderr."""
    if every is not None and repeat == 1:
        raise UsageError("--every is for several runs", "add --repeat")
    outputs = take_outputs(options)._replace(history=not no_history)
    plan = make_plan(options)
    from udstui.commands.repeat import run_repeatedly
    from udstui.experiments.race import Race

    return run_repeatedly(
        lambda host, before: Race(plan, duration, until=until, host=host, before=before),
        outputs,
        repeat,
        every or 0,
    )


@commands.command(context_settings={"default_map": {"warmup_ns": "100ms"}})
@plan_options(without=("--size",))
@click.option("--sizes", type=SIZES, help="The ladder, like 64,1K,64K.  [default: 1 B to 16 MiB by 4]")
@ladder_options("size", passes=5)
@output_options()
def sweep(sizes: tuple[int, ...] | None, **options: Any) -> int:
    """Race over a ladder of sizes: where the winner changes."""
    outputs, often = take_outputs(options), how_often(options)
    from msgspec.structs import replace

    from udstui.commands.measure import few_passes_told, measure
    from udstui.experiments.sweep import DEFAULT_SIZES, Sweep
    from udstui.probe.check import check_lanes, largest_size_bytes
    from udstui.workloads import smallest_size_bytes

    smallest = max(1, smallest_size_bytes(options["workload"], options["writes"]))
    plan = make_plan(options | {"size_bytes": smallest})
    largest = largest_size_bytes(plan)
    sizes = sizes or tuple(size for size in DEFAULT_SIZES if smallest <= size <= largest)
    for size in sizes:
        check_lanes(replace(plan, size_bytes=size))
    return measure(lambda host: few_passes_told(Sweep(plan, sizes, host=host, **often)), outputs)


class _Compare(click.Command):
    """Whatever comes after --with, up to the next option, is a run of the other side."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words: list[str] = []
        is_behind = False
        for word in args:
            is_run = word == "-" or not word.startswith("-")
            if is_behind and is_run and words[-1] != "--with":
                words.append("--with")
            is_behind = word == "--with" or (is_behind and is_run)
            words.append(word)
        return super().parse_args(ctx, words)


@commands.command(cls=_Compare)
@click.argument("runs", nargs=-1, required=True, type=FILE, metavar="A B...")
@click.option(
    "--with",
    "with_runs",
    multiple=True,
    type=FILE,
    metavar="B...",
    help="Compare these, as runs of the same, with those before.",
)
@click.option(
    "--fail-if-slower",
    type=PERCENT,
    metavar="5%",
    help="Exit with 3 if a lane is surely slower by more, with 1 if none can be tested.",
)
@click.option("--json", is_flag=True, help="JSON on stdout, in place of the table; one line a comparison.")
def compare(runs: tuple[Path, ...], with_runs: tuple[Path, ...], fail_if_slower: float | None, json: bool) -> int:
    """Compare recorded runs (CSV or JSON) with the first of them. Several with several: A... --with B..."""
    if len(runs) + len(with_runs) < 2:
        raise UsageError("compare needs two recorded runs", "give two CSV or JSON files")
    from udstui.commands.compare import compare as compare_files

    return compare_files(runs, with_runs, json, fail_if_slower)


@commands.command()
@plan_options(only=("--transport", "--size"))
@output_options(rounds=False)
def anatomy(**options: Any) -> int:
    """Where the microseconds of one round trip go, step by step."""
    outputs = take_outputs(options)
    plan = make_plan(options)
    from udstui.commands.measure import measure
    from udstui.experiments.anatomy import Anatomy
    from udstui.host.affinity import available_cores

    return measure(lambda host: Anatomy(plan, available_cores(), host=host), outputs)


@commands.command()
@plan_options(without=("--workload",))
@click.option("--duration", type=DURATION, help="In equal parts for every layer.  [default: 2s for each]")
@output_options()
def layers(duration: int | None, **options: Any) -> int:
    """What is left of the gain in a real program.

    Race in C, Python, asyncio and uvloop, then under HTTP, RPC and the services that are installed.
    """
    outputs = take_outputs(options)
    plan = make_plan(options)
    from udstui.commands.measure import measure
    from udstui.experiments.layers import Layers
    from udstui.probe.check import check_plan

    return measure(lambda host: Layers(plan, duration, check=check_plan, host=host), outputs)


@commands.command()
@click.option("--json", is_flag=True, help="JSON on stdout, in place of the table; one line a run.")
def history(json: bool) -> int:
    """What earlier runs found, and what is expected of the next one."""
    from udstui.commands.history import history as tell_history

    return tell_history(as_json=json)


@commands.command()
@click.argument("file", type=FILE, required=False)
@click.option("--last", is_flag=True, help="The last run that the dashboard has kept.")
def replay(*, file: Path | None, last: bool) -> int:
    """Open the CSV FILE of a recorded run in the dashboard."""
    if last == (file is not None):
        raise UsageError("replay opens one run", "name its CSV file, or say --last")
    from udstui.tui.start import replay as replay_dashboard

    with ProgressLine() as line:
        return replay_dashboard(file, line.show)


for command in (load, *SERVING, *SHARING):
    commands.add_command(command)
add_examples(commands)
