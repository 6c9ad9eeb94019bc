"""What is said of an experiment: how far it is, what it found in a sentence, and all that it found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from udstui.experiments import Experiment
from udstui.experiments.progress import Progress
from udstui.text.anatomy import anatomy_answer, anatomy_report
from udstui.text.layers import layers_answer, layers_report
from udstui.text.load import load_answer, load_report
from udstui.text.race import race_answer, race_aside, race_report
from udstui.text.sweep import sweep_answer, sweep_report
from udstui.units import describe_clock


class Words(NamedTuple):
    """Functions of one kind of experiment, once it has measured something."""

    answer: Callable[[Any], str]
    """A sentence."""
    report: Callable[[Any], str]
    """Lines: what its command prints."""
    aside: Callable[[Any], list[str]] = lambda _: []
    """Lines of the report that are for people also where a program reads the JSON."""


WORDS = {
    "race": Words(race_answer, race_report, race_aside),
    "sweep": Words(sweep_answer, sweep_report),
    "layers": Words(layers_answer, layers_report),
    "anatomy": Words(anatomy_answer, anatomy_report),
    "load": Words(load_answer, load_report),
}


def answer(experiment: Experiment) -> str:
    return WORDS[experiment.name].answer(experiment)


def report(experiment: Experiment) -> str:
    return WORDS[experiment.name].report(experiment)


def aside(experiment: Experiment) -> list[str]:
    return WORDS[experiment.name].aside(experiment)


def progress_words(progress: Progress) -> str:
    """`round 3 of 195, 64 B, 00:52 left`, as far as it is known."""
    every = "" if progress.every is None else f" of {progress.every}"
    left = "" if progress.seconds_left is None else f"{describe_clock(progress.seconds_left)} left"
    return ", ".join(filter(None, (f"round {progress.done + 1}{every}", progress.what, left)))
