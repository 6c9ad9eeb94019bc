"""The commands that tell and share: their options, and who does the work. The others are in udstui.cli."""

from __future__ import annotations

from pathlib import Path

import click

from udstui.examples import EXAMPLES

_PATH = click.Path(path_type=Path)


@click.command("help")
@click.argument("topic", required=False)
def help_(topic: str | None) -> int:
    """Show a help TOPIC, or which there are."""
    from udstui.commands.help import show_topic, show_topics

    return show_topic(topic) if topic else show_topics()


@click.command()
@click.argument("runs", nargs=-1, required=True, type=_PATH, metavar="RUN...")
@click.option("-o", "page", type=_PATH, metavar="FILE.html", help="One page that needs nothing from elsewhere.")
@click.option("--markdown", type=_PATH, metavar="FILE", help="For issues, READMEs and CI; - is stdout.")
def report(runs: tuple[Path, ...], page: Path | None, markdown: Path | None) -> int:
    """Tell recorded RUNs to others: CSV or JSON of run, sweep, layers or anatomy.

    A CSV has the rounds, JSON the host; where both lie side by side under one name, both are used.
    """
    from udstui.commands.report import report as write_report

    return write_report(runs, page, markdown)


SHARING: tuple[click.Command, ...] = (help_, report)


def add_examples(commands: click.Group) -> None:
    """Put examples under the --help of every command that has some."""
    for name, command in {"": commands, **commands.commands}.items():
        if examples := EXAMPLES.get(name):
            lines = [f"  {typed}\n      {does}" for typed, does in examples]
            command.epilog = "\n".join(["\b", "Examples:", *lines])
