"""What is written of an experiment: its JSON, and the files that an export of the dashboard has beside the run's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from udstui.experiments import Experiment
from udstui.experiments.driver import Measured
from udstui.experiments.race import Race
from udstui.host import Host
from udstui.measured import Round
from udstui.recording import anatomy_json, layers_json, load_json, run_json, sweep_json
from udstui.recording.csv_file import header, rows


class Format(NamedTuple):
    signature: str
    """What the JSON begins with."""
    to_json: Callable[[Any, Host], str]
    """Raises RecordingError when nothing was measured."""
    endings: tuple[str, ...] = ()
    """Of the names of the files that an export writes; none where everything is in those of the run."""


def _run_json(experiment: Experiment, host: Host) -> str:
    ending = experiment.ending() if isinstance(experiment, Race) else None
    return run_json.to_json(experiment.run, host, ending)


_OF_A_RUN = Format(run_json.SIGNATURE, _run_json)
FORMATS = {
    "sweep": Format(sweep_json.SIGNATURE, sweep_json.to_json, ("-sweep.csv", "-sweep.json")),
    "layers": Format(layers_json.SIGNATURE, layers_json.to_json, ("-layers.json",)),
    "load": Format(load_json.SIGNATURE, load_json.to_json, ("-load.csv", "-load.json")),
    "anatomy": Format(anatomy_json.SIGNATURE, anatomy_json.to_json, ("-anatomy.json",)),
}
"""Of the experiments that find more than a run holds."""


def format_of(experiment: Experiment) -> Format:
    return FORMATS.get(experiment.name, _OF_A_RUN)


class Kept:
    """An experiment with the rows of its rounds, for an export."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self._rows = [header()]

    def add(self, measured: Measured) -> None:
        if measured.segment is not None and isinstance(measured.answer, Round):
            self._rows.append(rows(self.experiment.run, measured.segment, measured.answer))

    def files(self, host: Host) -> dict[str, Callable[[], str]]:
        """What an export writes, once there is anything: the end of each file's name, and what makes its text."""
        if not self.experiment.progress().done:
            return {}
        kind = format_of(self.experiment)
        to_json = partial(kind.to_json, self.experiment, host)
        return {ending: self._csv if ending.endswith(".csv") else to_json for ending in kind.endings}

    def _csv(self) -> str:
        return "".join(self._rows)
