"""`udstui anatomy`: where the microseconds of one round trip go."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from udstui.commands.measuring import STOPPED, Progress, Stoppable, keeps_what_it_measured
from udstui.commands.output import print_out
from udstui.errors import UdstuiError
from udstui.experiments.anatomy import Anatomy
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.probe.cores import available_cores
from udstui.recording.anatomy_json import SIGNATURE, to_json
from udstui.recording.json_file import JsonFile
from udstui.text.anatomy import STEP_NAMES, anatomy_report
from udstui.units import describe_size


def step_name(step: str) -> str:
    return STEP_NAMES[step]


@keeps_what_it_measured
def anatomy(plan: Plan, json: str | None) -> int:
    """Measure every step, print bars and sentences, write the file; return the exit status.

    Ctrl-C ends it with what was measured until then. A failure does so too, and is raised afterwards.
    """
    found = Anatomy(plan, available_cores())
    with contextlib.ExitStack() as files:
        json_file = files.enter_context(JsonFile(Path(json), SIGNATURE)) if json not in (None, "-") else None
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_measure(found))
        except UdstuiError as error:
            failure = error
        if found.progress[0]:
            try:
                if json == "-":
                    print_out(to_json(found, read_host()))
                else:
                    print_out(
                        f"One round trip of {describe_size(plan.size_bytes)}, median, step by step\n\n"
                        f"{anatomy_report(found)}\n"
                    )
            finally:  # also when nobody reads stdout any more
                if json_file:
                    json_file.write(to_json(found, read_host()))
    if failure:
        raise failure
    return STOPPED if stopped else 0


async def _measure(found: Anatomy) -> bool:
    """Advance until every step is done; True when Ctrl-C came first."""
    async with Probe() as probe:
        with Stoppable(probe) as stoppable, Progress() as progress:
            while not found.is_done and not stoppable.is_stopped:
                done, every = found.progress
                progress.show(f"{done + 1} of {every}: {step_name(found.next_step)}")
                if not await stoppable.run(found.advance(probe, probe.measure_socket_calls)):
                    break
            return stoppable.is_stopped
