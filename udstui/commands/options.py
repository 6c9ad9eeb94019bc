"""The options of the commands: those of a plan are made from its settings, others are read by udstui's own parsers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import click

from udstui.errors import UsageError, unknown_choice
from udstui.settings import GROUPS, TARGETS, completions
from udstui.settings.requests import parse_path, read_request
from udstui.settings.setting import Setting
from udstui.units import parse_duration, parse_percent, parse_sizes, shown

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from udstui.plan import Plan

    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # before click 8.4 it cannot be subscripted

F = TypeVar("F", bound=Callable[..., Any])


class Parsed(ParamType):
    """The type of an option that one of udstui's own parsers reads."""

    def __init__(
        self,
        name: str,
        parse: Callable[[str], Any],
        choices: Mapping[str, str] | None = None,
        complete: Callable[[str], Mapping[str, str]] = lambda _: {},
    ) -> None:
        """The choices, and the ways to complete what is none, are offered by the shell; others may be taken too."""
        self.name = name
        self._parse = parse
        self._choices = choices or {}
        self._complete = complete

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._parse(value) if isinstance(value, str) else value
        except UsageError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        offered = {**self._choices, **self._complete(incomplete)}
        return [CompletionItem(name, help=about) for name, about in offered.items() if name.startswith(incomplete)]


class Choice(click.Choice):  # type: ignore[type-arg]
    """Some names, of which the nearest is told where what was typed is none of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value not in self.choices:
            self.fail(str(unknown_choice(f"there is no {shown(value)}", value, self.choices)), param, ctx)
        return value


def _parse_mode(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and set(text) <= set("01234567")):
        raise UsageError(f"{shown(text)} is not a file mode", "write 600 or 660")
    return int(text, 8)


def _parse_goal(text: str) -> float | str:
    try:
        return text if text == "sure" else parse_percent(text)
    except UsageError as error:
        raise UsageError(error.what, "write 2%, or sure") from error


class File(click.Path):
    """The name of a file, as a Path, which --help need not import."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from pathlib import Path

        return Path(super().convert(value, param, ctx))  # type: ignore[arg-type]


FILE = File()
SIZES = Parsed("sizes", parse_sizes, complete=completions.ladders)
ADDRESS = Parsed("address", str, complete=completions.addresses)
PATH = Parsed("path", parse_path)
DURATION = Parsed("duration", parse_duration)
PERCENT = Parsed("percent", parse_percent)
GOAL = Parsed("percent", _parse_goal, {"sure": "which lane is better"})
MODE = Parsed("mode", _parse_mode)


def plan_options(*, only: Collection[str] = (), without: Collection[str] = ()) -> Callable[[F], F]:
    """The options that make a plan, named as on the command line: only these, or all but those.

    It decorates a Planned command.
    """

    def options() -> Iterator[click.Option]:
        for section, settings in GROUPS.items():
            for option in chain.from_iterable(map(_options, settings)):
                if option.opts[0] not in without and (not only or option.opts[0] in only):
                    option.section = section
                    yield option

    def decorate(command: F) -> F:
        vars(command).setdefault("__click_params__", []).append(options)
        return command

    return decorate


class PlanOption(click.Option):
    section = ""
    """Of --help, in which it is told."""


class Planned(click.Command):
    """A command that has plan_options(). Only those of the command that is run are made: there are thirty to each."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        self.params = [made for each in self.params for made in (each() if callable(each) else (each,))]
        return super().get_params(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options first, then those of a plan by what they are about."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            if record := param.get_help_record(ctx):
                section = param.section if isinstance(param, PlanOption) else "Options"
                sections.setdefault(section, []).append(record)
        for section, records in sections.items():
            with formatter.section(section):
                formatter.write_dl(records)


class PlannedGroup(Planned, click.Group):
    command_class = Planned

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands first: their options fill a screen."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)


def _options(setting: Setting) -> Iterator[PlanOption]:
    """Those of a setting. Those of one field share what was given, in the order of the command line."""
    yield _option(setting)
    if setting.name == TARGETS.name:
        yield _option(TARGETS)
    if setting.name == "request":
        yield PlanOption(
            ["--request", "request_file"], type=Parsed("request", read_request), metavar="FILE",
            help="The same from a file, or from stdin with -.",
        )  # fmt: skip


def _option(setting: Setting) -> PlanOption:
    choices = setting.choices() if setting.choices else {}
    help_text = f"{setting.about}."
    if choices and setting.several:
        help_text += f" {', '.join(choices)}."
    if setting.default:
        help_text += f"  [default: {setting.default}]"
    usual = None if setting.default or setting.several else setting.usual or next(iter(choices))
    if setting.choices and not setting.is_open:
        kind: Any = Choice(list(choices))
    else:
        kind = Parsed(setting.id, setting.parse, choices, setting.complete)
    without_value: dict[str, Any] = {"is_flag": False, "flag_value": setting.alone} if setting.alone else {}
    return PlanOption(
        [setting.option, setting.name], type=kind, default=usual, show_default=usual is not None,
        multiple=setting.several, metavar=setting.metavar or None, help=help_text, **without_value,
    )  # fmt: skip


_HOW_OFTEN = {"rounds": "rounds", "passes": "passes", "duration": "duration_ns"}


def ladder_options(step: str, *, passes: int) -> Callable[[F], F]:
    """How often a ladder of sizes or rates is gone through, and how many rounds each step gets each time."""

    def decorate(command: F) -> F:
        times = click.IntRange(1, 1000)
        for option, kind, metavar, what in (
            ("--duration", DURATION, "DURATION", "As many passes as fit, in place of --passes."),
            ("--rounds", times, "NUMBER", f"At each {step}, in every pass.  [default: 3]"),
            ("--passes", times, "NUMBER", f"Over the whole ladder, each in an order of its own.  [default: {passes}]"),
        ):
            command = click.option(option, type=kind, metavar=metavar, help=what)(command)
        return command

    return decorate


def how_often(options: dict[str, Any]) -> dict[str, Any]:
    """Take what was given of ladder_options() out of the options: what an experiment is made with."""
    given = {name: options.pop(option) for option, name in _HOW_OFTEN.items()}
    if given["passes"] and given["duration_ns"]:
        raise UsageError("--passes and --duration both tell how long", "give one of them")
    return {name: value for name, value in given.items() if value is not None}


def make_plan(options: Mapping[str, Any]) -> Plan:
    """The plan that the options describe; what was not given is as usual. Raises UsageError if it cannot be measured
    here."""
    from msgspec.structs import replace

    from udstui.probe.check import check_plan, largest_size_bytes
    from udstui.settings.of_plan import usual_plan
    from udstui.workloads import check_takes_size

    given = {name: value for name, value in options.items() if value not in (None, ())}
    if "request_file" in given:
        given["request"] = given.pop("request_file")
    plan = replace(usual_plan(given.get("workload")), **given)
    if "size_bytes" in given:
        check_takes_size(plan)
    else:
        plan = replace(plan, size_bytes=min(plan.size_bytes, largest_size_bytes(plan)))
    check_plan(plan)
    return plan
