"""What every command that measures does alike: open the files, drive the experiment, tell and write what it found."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from udstui.children.async_child import check_event_loop
from udstui.commands.output import ProgressLine
from udstui.commands.outputs import Outputs
from udstui.commands.stopping import STOPPED, Stoppable, hold_signals
from udstui.commands.written import Written
from udstui.errors import RecordingError, UdstuiError
from udstui.experiments import Experiment
from udstui.experiments.driver import Measured, drive
from udstui.experiments.schedule import FEWEST_PASSES
from udstui.host.busiest import busiest_since, processes
from udstui.host.facts import Host, read_host
from udstui.probe.client import Probe
from udstui.recording.history import leave_line
from udstui.recording.json_file import Record
from udstui.text.experiments import progress_words
from udstui.units import describe_clock

if TYPE_CHECKING:
    from udstui.experiments.load import Load
    from udstui.experiments.sweep import Sweep

_GRACE_S = 0.25
"""For the answer to a request of several rounds, of which some are measured when a signal comes."""
L = TypeVar("L", "Load", "Sweep")


def measure(
    make: Callable[[Host], Experiment],
    outputs: Outputs,
    tell: Callable[[Record], str] | None = None,
    *,
    which: str = "",
) -> int:
    """Drive an experiment to its end, print what it found, write the files; return the exit status.

    `tell` makes what is printed, where that is not its report, and `which` stands before its progress.

    Rows are on disk as soon as they are measured. A signal ends it with what was measured until then. A failure does
    so too, and is raised afterwards.
    """
    check_event_loop()
    hold_signals()
    host = read_host()
    experiment = make(host)
    experiment.run.busiest = partial(busiest_since, processes())
    with Written(outputs, experiment, host, tell) as written:
        failure: UdstuiError | BrokenPipeError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_drive(experiment, written, which))
        except (UdstuiError, BrokenPipeError) as error:
            failure = error
        if experiment.progress().done:
            if outputs.history:
                _leave_line(experiment, host)
            written.finish()
    if failure:
        raise failure
    return STOPPED if stopped else 0


def few_passes_told(ladder: L) -> L:
    """The same. What of so few passes will not be known is told before they are measured."""
    if ladder.passes < FEWEST_PASSES:
        left_s = ladder.progress().seconds_left or 0.0
        enough = describe_clock(left_s * FEWEST_PASSES / ladder.passes)
        print(
            f"udstui: of fewer than {FEWEST_PASSES} passes nothing is sure; so many take about {enough}"
            f" (--passes {FEWEST_PASSES})",
            file=sys.stderr,
        )
    return ladder


def _leave_line(experiment: Experiment, host: Host) -> None:
    """What cannot be added to the history is told, and no reason to fail: the run itself was measured."""
    try:
        leave_line(experiment.run, host)
    except RecordingError as error:
        print(f"udstui: {error}", file=sys.stderr)


async def _drive(experiment: Experiment, written: Written, which: str) -> bool:
    """Whether it was stopped before its end."""
    async with Probe() as probe:
        with Stoppable() as stoppable, ProgressLine() as line:

            def show() -> None:
                line.show(f"{which}{progress_words(experiment.progress())}")

            def tell(measured: Measured) -> None:
                written.add(measured)
                show()

            show()
            work = drive(experiment, probe, tell, is_over=stoppable.is_told)
            return not await stoppable.run(work, _GRACE_S) or experiment.next() is not None
