"""What is written of an experiment: its JSON, and the files that an export of the dashboard has beside the run's."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from udstui.experiments import Experiment
from udstui.experiments.driver import Measured
from udstui.host.facts import Host
from udstui.measured import Round
from udstui.recording.csv_file import header, rows
from udstui.recording.json_file import Record, in_one_line


class Format(NamedTuple):
    schema: str
    """`udstui.sweep/1`: what it is, and the number of the version."""
    record: type[Record]
    record_of: Callable[[Any, Host], Record]
    """What is told and written of one that has measured something."""
    endings: tuple[str, ...] = ()
    """Of the names of the files that an export writes; none where everything is in those of the run."""

    @property
    def signature(self) -> str:
        """What the JSON of all its versions begins with."""
        return f'{{"schema":"{self.schema.partition("/")[0]}/'


def format_of(name: str) -> Format:
    """Of the experiment of this name. What a race measures is a run, and written as one."""
    found: Format = import_module(f"udstui.recording.{'run' if name == 'race' else name}_json").FORMAT
    return found


class Kept:
    """An experiment with the rows of its rounds, for an export."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self._rows = [header()]

    def add(self, measured: Measured) -> None:
        if measured.segment is not None and isinstance(measured.answer, Round):
            self._rows.append(rows(self.experiment.run, measured.segment, measured.number, measured.answer))

    def files(self, host: Host) -> dict[str, Callable[[], str]]:
        """What an export writes, once there is anything: the end of each file's name, and what makes its text."""
        if not self.experiment.progress().done:
            return {}
        kind = format_of(self.experiment.name)

        def to_json() -> str:
            return in_one_line(kind.record_of(self.experiment, host))

        return {ending: self._csv if ending.endswith(".csv") else to_json for ending in kind.endings}

    def _csv(self) -> str:
        return "".join(self._rows)
