"""`udstui man`: the man page, made of the same rows as --help, the examples and the topics."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from udstui.commands.output import print_out
from udstui.docs import all_topics
from udstui.docs.examples import EXAMPLES

_STATUS = (
    ("0", "Done."),
    ("1", "It could not; one line on stderr says what, why, and the remedy."),
    ("2", "Wrong usage."),
    ("3", "A lane is slower than --fail-if-slower allows."),
    ("130", "Stopped by Ctrl-C, with all that was measured until then written."),
)


def show_man_page(commands: click.Group) -> int:
    """Print the page as troff, and return the exit status."""
    print_out("\n".join(_lines(commands)) + "\n")
    return 0


def _lines(commands: click.Group) -> Iterator[str]:
    yield '.TH UDSTUI 1 "" "udstui" "User Commands"'
    yield from (".SH NAME", _text(f"udstui - {_summary(commands).rstrip('.')}"))
    yield from (".SH SYNOPSIS", ".B udstui", _text("[OPTIONS] [COMMAND] ..."))
    yield from (".SH DESCRIPTION", *_paragraphs(commands.help or ""))
    yield from (".SH OPTIONS", *_options(commands))
    yield ".SH COMMANDS"
    for name, command in sorted(commands.commands.items()):
        context = click.Context(command, info_name=name)
        yield from (".SS", _text(f"udstui {name} {' '.join(command.collect_usage_pieces(context))}"))
        yield from (*_paragraphs(command.help or ""), *_options(command), *_examples(name))
    yield ".SH EXAMPLES"
    yield from _examples("")
    yield ".SH EXIT STATUS"
    for status, meaning in _STATUS:
        yield from (".TP", f".B {status}", _text(meaning))
    yield ".SH TOPICS"
    for name, about in all_topics().items():
        yield from (".TP", f".B udstui help {_escaped(name)}", _text(about))


def _summary(command: click.Command) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())


def _paragraphs(text: str) -> Iterator[str]:
    """What is behind \\b keeps its lines, as in --help."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield ".PP"
        if paragraph.startswith("\b"):
            yield from (".nf", *map(_text, paragraph.lstrip("\b").strip("\n").splitlines()), ".fi")
        else:
            yield _text(" ".join(paragraph.split()))


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    for parameter in command.get_params(context):
        if record := parameter.get_help_record(context):
            yield from (".TP", f".B {_escaped(record[0])}", _text(" ".join(record[1].split())))


def _examples(name: str) -> Iterator[str]:
    for typed, does in EXAMPLES.get(name, ()):
        yield from (".PP", f".B {_escaped(typed)}", ".br", _text(f"    {does}"))


def _text(text: str) -> str:
    """A line of text that is no request, whatever it begins with."""
    escaped = _escaped(text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")
