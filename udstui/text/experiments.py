"""What is said of an experiment: how far it is, what it found in a sentence, and all that it found."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.host.facts import Host
from udstui.recording.experiments import format_of
from udstui.text.part import Part
from udstui.units import describe_clock


class Words(Protocol):
    """What the file of this room that is called as the experiment tells of its record, live or read from a file."""

    def part_of(self, record: Any, /) -> Part: ...

    def report(self, record: Any, /) -> str:
        """Lines: what its command prints."""


def words_of(name: str) -> Words:
    words: Words = import_module(f"udstui.text.{name}")
    return words


def answer(experiment: Experiment, host: Host) -> str:
    """A sentence, once it has measured something."""
    record = format_of(experiment.name).record_of(experiment, host)
    return words_of(experiment.name).part_of(record).answers[0]


def progress_words(progress: Progress) -> str:
    """`round 3 of 195, 64 B, 00:52 left`, as far as it is known."""
    every = "" if progress.every is None else f" of {progress.every}"
    left = "" if progress.seconds_left is None else f"{describe_clock(progress.seconds_left)} left"
    return ", ".join(filter(None, (f"round {progress.done + 1}{every}", progress.what, left)))
