"""`udstui sweep`: the race over a ladder of sizes."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from time import monotonic

from udstui.commands.measuring import STOPPED, Progress, Stoppable, keeps_what_it_measured
from udstui.commands.output import print_out
from udstui.commands.run import Outputs
from udstui.errors import UdstuiError
from udstui.experiments.sweep import Sweep
from udstui.host import Host, read_host
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.recording.csv_file import CsvFile
from udstui.recording.json_file import JsonFile
from udstui.recording.sweep_json import SIGNATURE, to_json
from udstui.text.plan import plan_sentence
from udstui.text.sweep import sweep_report
from udstui.units import describe_clock, describe_size


@keeps_what_it_measured
def sweep(plan: Plan, sizes: tuple[int, ...], passes: int, rounds: int, outputs: Outputs) -> int:
    """Measure every size, print table, plot and answer, write the files; return the exit status.

    Ctrl-C ends it with what was measured until then. A failure does so too, and is raised afterwards.
    """
    host = read_host()
    with contextlib.ExitStack() as files:
        csv_file = files.enter_context(CsvFile(outputs.csv)) if outputs.csv else None
        named = None if outputs.json in (None, "-") else Path(outputs.json)
        json_file = files.enter_context(JsonFile(named, SIGNATURE)) if named else None
        swept = Sweep(plan, sizes, passes=passes, rounds=rounds, clock_step_ns=host.clock_step_ns)
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_measure(swept, csv_file))
        except UdstuiError as error:
            failure = error
        if swept.rounds:
            _write(swept, host, outputs, json_file)
    if failure:
        raise failure
    return STOPPED if stopped else 0


def _write(swept: Sweep, host: Host, outputs: Outputs, json_file: JsonFile | None) -> None:
    try:
        if outputs.json == "-":
            print_out(to_json(swept, host))
        else:
            settings = plan_sentence(swept.plan, without=("size_bytes",))
            print_out(f"{settings}\n\n{sweep_report(swept)}\n")
    finally:  # also when nobody reads stdout any more
        if json_file:
            json_file.write(to_json(swept, host))


async def _measure(swept: Sweep, csv_file: CsvFile | None) -> bool:
    """Ask for rounds until every size is done; True when Ctrl-C came first."""
    started_s = monotonic()
    async with Probe() as probe:
        with Stoppable(probe) as stoppable, Progress() as progress:
            while not swept.is_done and not stoppable.is_stopped:
                segment = swept.next_segment()
                left = describe_clock(swept.seconds_left(monotonic() - started_s))
                size = describe_size(segment.plan.size_bytes)
                progress.show(f"round {swept.rounds + 1} of {swept.rounds_in_all}, {size}, {left} left")
                round_ = await stoppable.measure(segment.plan)
                if round_ is None:
                    break
                swept.add(round_)
                if csv_file:
                    csv_file.add(swept.run, segment, round_)
            return stoppable.is_stopped
