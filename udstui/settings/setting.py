"""What a setting of a plan is: how it is asked for, what can be chosen, how it is told, written and read back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from udstui.errors import UsageError, unknown_choice
from udstui.units import shown

if TYPE_CHECKING:
    from udstui.plan import Plan


class Setting(NamedTuple):
    """One setting of a plan: how it is asked for, what can be chosen, how it is told, written and read back."""

    name: str
    """The field of Plan."""
    option: str
    """On the command line."""
    label: str
    """The title of its dialog, and the description of its key."""
    about: str
    """What it is, in one sentence without its full stop."""
    key: str = ""
    """The usual key that goes through the choices, a small letter: with shift it goes backwards. Empty where none does.

    Letters that neither a setting nor the dashboard has taken: h j.
    """
    metavar: str = ""
    """What --help shows for a value; empty for the choices."""
    default: str = ""
    """What --help says of the usual value where that is no single one."""
    usual: str = ""
    """The usual value as it is typed, where there are no choices: --help shall not need a Plan to tell it."""
    several: bool = False
    """Whether the field is a tuple, of which the option gives one part and can be repeated."""
    choices: Callable[[], Mapping[str, str]] | None = None
    """Each choice as it is typed, with what it means, the usual one first; None where there are none."""
    complete: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Ways to go on with what is none of the choices, each with what it means."""
    is_open: bool = False
    """Whether values beside the choices are taken."""
    parse: Callable[[str], Any] = str
    """A value (or one part of several) from what was typed. Raises UsageError."""
    format: Callable[[Any], str] = str
    """The text that parse() reads back to the same value."""
    describe: Callable[[Any], str] = lambda _: ""
    """The value in a sentence about the plan; empty where it goes without saying."""
    brief: Callable[[Any], str] = str
    """The value alone, where its key stands beside it."""
    known_to_targets: bool = True
    """Whether it is in effect, and known, where the server is not ours."""
    of_lane: bool = False
    """Whether each lane has its own, which the column of the lane tells; all others are columns of the CSV by name."""
    workloads: tuple[str, ...] = ()
    """Those that heed it; empty for all. The others know only the usual value."""
    why_not: str = ""
    """Why the others do not heed it, where that needs words."""
    if_reconnecting: Collection[str] = ()
    """More of them, which heed it where every request is a connection of its own."""
    alone: str = ""
    """What the option means without a value; empty where it needs one."""
    is_text: bool = False
    """Whether the value is a text of the user's own choice, which files put between quotes."""
    may_differ: bool = False
    """Whether segments that differ in it are compared all the same."""

    @property
    def id(self) -> str:
        """The short name, for keys and sentences: `size` for `size_bytes`."""
        return self.name.removesuffix("_bytes").removesuffix("_ns").removesuffix("_per_s")

    @property
    def values(self) -> tuple[Any, ...]:
        """The choices as values of the field."""
        return tuple(map(self.parse, self.choices())) if self.choices else ()

    def is_heeded(self, plan: Plan) -> bool:
        if plan.workload in self.if_reconnecting:
            return plan.dials
        return not self.workloads or plan.workload in self.workloads

    def explain(self, value: Any) -> str:
        """What a choice means; empty for a value that is none of the choices."""
        return self.choices().get(self.format(value), "") if self.choices else ""

    def check(self, value: Any) -> None:
        """Raise UsageError when no plan may have this value: when it could not have been typed."""
        from udstui.plan import MOST_LANES

        for part in value if self.several else (value,):
            self.parse(self.format(part))
        if self.several and not 1 <= len(value) <= MOST_LANES:
            raise UsageError(f"{len(value)} {self.id} at once", f"choose 1 to {MOST_LANES}")


def one_of(what: str, choices: Mapping[str, str], text: str) -> str:
    """The choice that was typed. Raises UsageError for what is none."""
    if text not in choices:
        raise unknown_choice(f"unknown {what} {shown(text)}", text, choices)
    return text


def whole_number(what: str, least: int, most: int, text: str) -> int:
    """A number within its limits, `what` being its name in the plural. Raises UsageError for all else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UsageError(f"{shown(text)} is not a number of {what}", f"choose {least} to {most}")
    if not least <= int(text) <= most:
        raise UsageError(f"{text} {what} at once", f"choose {least} to {most}")
    return int(text)
