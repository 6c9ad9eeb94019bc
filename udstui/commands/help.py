"""`udstui help`: the topics that are shipped with the package, in the terminal."""

from __future__ import annotations

import io
import shutil
import sys

import click

from udstui.commands.output import print_out
from udstui.docs import all_topics, schemas
from udstui.text.columns import columns
from udstui.text.help_topic import help_topic

_WIDEST = 110
"""Lines that are longer are hard to read."""


def show_topics() -> int:
    """List the topics, and return the exit status."""
    listed = columns([(f"  {name}", about) for name, about in all_topics().items()], "<")
    lines = ["Topics, each shown by udstui help TOPIC:", "", *listed, "", "Schemas of the JSON files:", ""]
    print_out("\n".join([*lines, *(f"  {name}" for name in schemas())]) + "\n")
    return 0


def show_topic(name: str) -> int:
    """Show a topic, page by page in a terminal, as it is elsewhere; return the exit status."""
    text = help_topic(name)
    if sys.stdout is None or not sys.stdout.isatty() or name in schemas():
        print_out(text)
    else:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        click.echo_via_pager(in_terminal(text, width))
    return 0


def in_terminal(markdown: str, width: int) -> str:
    """Markdown as a terminal shows it, with its escapes."""
    from rich.console import Console
    from rich.markdown import Markdown

    lines = io.StringIO()
    Console(file=lines, force_terminal=True, width=width).print(Markdown(markdown))
    return lines.getvalue()
