"""The commands that tell and share: their options, and who does the work. The others are in udstui.cli."""

from __future__ import annotations

import click

from udstui.examples import EXAMPLES


@click.command("help")
@click.argument("topic", required=False)
def help_(topic: str | None) -> int:
    """Show a help TOPIC, or which there are."""
    from udstui.commands.help import show_topic, show_topics

    return show_topic(topic) if topic else show_topics()


SHARING: tuple[click.Command, ...] = (help_,)


def add_examples(commands: click.Group) -> None:
    """Put examples under the --help of every command that has some."""
    for name, command in {"": commands, **commands.commands}.items():
        if examples := EXAMPLES.get(name):
            lines = [f"  {typed}\n      {does}" for typed, does in examples]
            command.epilog = "\n".join(["\b", "Examples:", *lines])
