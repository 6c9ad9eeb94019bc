"""What is said of an experiment: how far it is, what it found in a sentence, and all that it found."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.units import describe_clock


class Words(NamedTuple):
    """Functions of one kind of experiment, once it has measured something."""

    answer: Callable[[Any], str]
    """A sentence."""
    report: Callable[[Any], str]
    """Lines: what its command prints."""
    aside: Callable[[Any], list[str]] = lambda _: []
    """Lines of the report that are for people also where a program reads the JSON."""


def words_of(experiment: Experiment) -> Words:
    """Those in the file of this room that is called as the experiment."""
    words: Words = import_module(f"udstui.text.{experiment.name}").WORDS
    return words


def report(experiment: Experiment) -> str:
    return words_of(experiment).report(experiment)


def progress_words(progress: Progress) -> str:
    """`round 3 of 195, 64 B, 00:52 left`, as far as it is known."""
    every = "" if progress.every is None else f" of {progress.every}"
    left = "" if progress.seconds_left is None else f"{describe_clock(progress.seconds_left)} left"
    return ", ".join(filter(None, (f"round {progress.done + 1}{every}", progress.what, left)))
