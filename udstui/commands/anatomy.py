"""`udstui anatomy`: where the microseconds of one round trip go."""

from __future__ import annotations

import asyncio
from pathlib import Path

from udstui.commands.anatomy_report import anatomy_report
from udstui.commands.measuring import STOPPED, Progress, Stoppable, keeps_what_it_measured
from udstui.errors import UdstuiError
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.calls import measure_calls
from udstui.probe.client import Probe
from udstui.probe.cores import available_cores
from udstui.recording.anatomy import SIGNATURE, Anatomy, to_json
from udstui.recording.json_file import JsonFile
from udstui.units import describe_size

_STEPS = {
    "calls": "the socket calls alone",
    "same": "one core, block",
    "split": "two cores, block",
    "spin": "two cores, spin",
}


def step_name(step: str) -> str:
    return _STEPS[step]


@keeps_what_it_measured
def anatomy(plan: Plan, json: str | None) -> int:
    """Measure every step, print bars and sentences, write the file; return the exit status.

    Ctrl-C ends it with what was measured until then. A failure does so too, and is raised afterwards.
    """
    found = Anatomy(plan, available_cores())
    json_file = JsonFile(Path(json), SIGNATURE) if json and json != "-" else None
    failure: UdstuiError | None = None
    stopped = False
    try:
        stopped = asyncio.run(_measure(found))
    except UdstuiError as error:
        failure = error
    if found.progress[0]:
        if json == "-":
            print(to_json(found, read_host()), end="")
        else:
            print(f"One round trip of {describe_size(plan.size_bytes)}, median, step by step\n")
            print(anatomy_report(found.lanes(), found.left_out))
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
                if not await stoppable.run(found.advance(probe, measure_calls)):
                    break
            return stoppable.is_stopped
