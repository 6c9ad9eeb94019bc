"""The commands that tell and share: their options, and who does the work. The others are in udstui.cli."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from udstui.commands.options import FILE, Choice, Parsed
from udstui.docs import all_topics, schemas, topics
from udstui.docs.examples import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

_COMMANDS = {name: "its options, with examples" for name in EXAMPLES if name}
TOPIC = Parsed(
    "topic", str, complete=lambda _: {**_COMMANDS, **all_topics(), **dict.fromkeys(schemas(), "JSON Schema")}
)


@click.command("help")
@click.argument("topic", required=False, type=TOPIC)
@click.pass_context
def help_(context: click.Context, topic: str | None) -> int:
    """Show a help TOPIC, or that of a command, or which there are."""
    command = _root(context).commands.get(topic or "")
    if command and topic not in topics():
        with click.Context(command, context.find_root(), topic) as inside:
            click.echo(command.get_help(inside))
        return 0
    from udstui.commands.help import show_topic, show_topics

    return show_topic(topic) if topic else show_topics()


@click.command()
@click.argument("runs", nargs=-1, required=True, type=FILE, metavar="RUN...")
@click.option("-o", "page", type=FILE, metavar="FILE.html", help="One page that needs nothing from elsewhere.")
@click.option("--markdown", type=FILE, metavar="FILE", help="For issues, READMEs and CI; - is stdout.")
def report(runs: tuple[Path, ...], page: Path | None, markdown: Path | None) -> int:
    """Make a page for others, or Markdown, of recorded RUNs.

    They are CSV or JSON of run, sweep, layers, anatomy or load. A CSV has the rounds, JSON the host; where both lie
    side by side under one name, both are used.
    """
    from udstui.commands.report import report as write_report

    return write_report(runs, page, markdown)


@click.command()
def targets() -> int:
    """List what listens on this machine, and how to race it.

    Pairs of a socket and a port of one process come first. Nobody is connected to: what each speaks is guessed by the
    names of processes, ports and files.
    """
    from udstui.commands.output import print_out
    from udstui.targets import find_targets
    from udstui.text.targets import targets_report

    print_out(f"{targets_report(find_targets())}\n")
    return 0


@click.command()
@click.argument("shell", type=Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print what completes udstui's commands in a SHELL.

    It completes names, sizes, cores, files, and addresses of sockets that listen.

    \b
    It goes to
      bash  ~/.local/share/bash-completion/completions/udstui
      zsh   a file called _udstui in a folder of $fpath
      fish  ~/.config/fish/completions/udstui.fish
    """
    from udstui.commands.completion import show_completion

    return show_completion(_root(context), shell)


@click.command()
@click.pass_context
def man(context: click.Context) -> int:
    """Print the man page."""
    from udstui.commands.man import show_man_page

    return show_man_page(_root(context))


def _root(context: click.Context) -> click.Group:
    root = context.find_root().command
    assert isinstance(root, click.Group)
    return root


SHARING: tuple[click.Command, ...] = (help_, report, targets, completion, man)


def add_examples(commands: click.Group) -> None:
    """Put examples under the --help of every command that has some."""
    for name, command in {"": commands, **commands.commands}.items():
        if examples := EXAMPLES.get(name):
            lines = [f"  {typed}\n      {does}" for typed, does in examples]
            command.epilog = "\n".join(["\b", "Examples:", *lines])
