"""What is told and written of an experiment or a segment that tests have measured."""

from __future__ import annotations

from typing import Any

from tests.scripted import HOST
from udstui.experiments import Experiment
from udstui.host.facts import Host
from udstui.recording.experiments import format_of
from udstui.recording.json_file import in_one_line
from udstui.recording.run_json import segment_record
from udstui.results.segment import Segment
from udstui.text.experiments import words_of
from udstui.text.part import in_terminal
from udstui.text.segment_table import part_of


def record_of(experiment: Experiment) -> Any:
    return format_of(experiment.name).record_of(experiment, HOST)


def json_of(experiment: Experiment, host: Host = HOST) -> str:
    return in_one_line(format_of(experiment.name).record_of(experiment, host))


def report_of(experiment: Experiment) -> str:
    """What its command prints."""
    return words_of(experiment.name).report(record_of(experiment))


def table_of(segment: Segment) -> str:
    """What `udstui run` prints of a segment."""
    return in_terminal(part_of(segment_record(1, segment), segment.host))
