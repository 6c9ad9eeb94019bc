"""Where a command that measures puts what it found: the options, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from udstui.commands.options import FILE

if TYPE_CHECKING:
    from pathlib import Path

F = TypeVar("F", bound=Callable[..., Any])


class Outputs(NamedTuple):
    """Paths, of which `-` is stdout, in place of the table; None is nowhere."""

    csv: Path | None = None
    json: Path | None = None
    jsonl: Path | None = None
    markdown: Path | None = None
    hdr: Path | None = None
    history: bool = False
    """Whether what was found is added to the history of runs."""

    def paths(self) -> dict[str, Path]:
        """Those that are asked for, by their option."""
        return {f"--{name}": path for name, path in self._asdict().items() if path and name != "history"}


_AS_MEASURED = {
    "--csv": "Write every interval here, as it is measured.",
    "--hdr": "Write an HdrHistogram log: a line a lane and interval, tagged.",
    "--jsonl": "Write a line of JSON for every round, as it is measured, then the result.",
}
_AT_END = {
    "--markdown": "Write the result for issues, READMEs and CI summaries.",
    "--json": "Write the result here; - is stdout, in place of the table.",
}


def output_options(*, rounds: bool = True) -> Callable[[F], F]:
    """The options that say where the result goes; those for what is written as measured only where there are rounds."""

    def decorate(command: F) -> F:
        for name, about in reversed(((_AS_MEASURED if rounds else {}) | _AT_END).items()):
            command = click.option(name, type=FILE, metavar="FILE", help=about)(command)
        return command

    return decorate


def take_outputs(options: dict[str, Any]) -> Outputs:
    """What these options ask for; they are taken out of all `options`, and those of the plan are left."""
    return Outputs(*(options.pop(name, None) for name in ("csv", "json", "jsonl", "markdown", "hdr")))
