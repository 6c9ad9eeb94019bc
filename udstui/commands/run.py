"""`udstui run`: measure without a dashboard."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from udstui.commands.measuring import STOPPED, Progress, Stoppable, keeps_what_it_measured
from udstui.commands.output import print_out
from udstui.errors import UdstuiError
from udstui.experiments.until import Ending, Until
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.recording.csv_file import CsvFile
from udstui.recording.json_file import JsonFile
from udstui.recording.run_json import to_json
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.text.segment import table
from udstui.units import describe_clock


@dataclass(frozen=True)
class Outputs:
    """Where the run goes; None is nowhere, and `-` for JSON is stdout in place of the table."""

    csv: Path | None
    json: str | None


@keeps_what_it_measured
def run(plan: Plan, duration_ns: int, outputs: Outputs, until_percent: float | None = None) -> int:
    """Measure for a duration, print the table, write the files; return the exit status.

    With `until_percent` it ends before, when every verdict's interval reaches no further than that from its ratio.
    Ctrl-C ends it with what was measured until then. A failure does so too, and is raised afterwards.
    """
    with contextlib.ExitStack() as files:
        csv_file = files.enter_context(CsvFile(outputs.csv)) if outputs.csv is not None else None
        json_file = files.enter_context(JsonFile(Path(outputs.json))) if outputs.json not in (None, "-") else None
        recorded, host = Run(), read_host()
        segment = Segment(plan, host.clock_step_ns)
        until = None if until_percent is None else Until(segment, until_percent)
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_measure(segment, duration_ns, until, recorded, csv_file))
        except UdstuiError as error:
            failure = error
        if recorded.segments:
            ending = until.ending() if until else None
            said = "" if ending is None else f"{ending_sentence(ending)}\n"
            try:
                if outputs.json == "-":
                    print_out(to_json(recorded, host, ending))
                    print(said, end="", file=sys.stderr)
                else:
                    print_out(f"{table(segment)}\n{said}")
            finally:  # also when nobody reads stdout any more
                if json_file:
                    json_file.write(to_json(recorded, host, ending))
    if failure:
        raise failure
    return STOPPED if stopped else 0


async def _measure(
    segment: Segment, duration_ns: int, until: Until | None, recorded: Run, csv_file: CsvFile | None
) -> bool:
    """Ask for rounds until the duration is over; True when Ctrl-C came first."""
    async with Probe() as probe:
        with Stoppable(probe) as stoppable, Progress() as progress:
            while not stoppable.is_stopped:
                round_ = await stoppable.measure(segment.plan)
                if round_ is None:
                    break
                recorded.add(segment, round_)
                if csv_file:
                    csv_file.add(recorded, segment, round_)
                last = max(round_.intervals, key=lambda interval: interval.started_ns)
                elapsed_s = recorded.seconds(last) + last.elapsed_ns / 1e9
                clock = f"{describe_clock(elapsed_s)} of {describe_clock(duration_ns / 1e9)}"
                progress.show(f"{clock}, {segment.rounds} rounds")
                is_known = until is not None and until.is_reached()
                if is_known or elapsed_s * 1e9 >= duration_ns:
                    break
            return stoppable.is_stopped


def ending_sentence(ending: Ending) -> str:
    """Which of the two ended the run: enough certainty, or the end of its time."""
    wanted, reached = ending.until_percent, ending.half_width_percent
    if reached is None:
        return f"Ended with the duration: there is no interval to be narrower than {wanted:g} %"
    # As many digits as it takes to tell the two apart.
    digits = next((digits for digits in range(1, 6) if f"{reached:.{digits}f}" != f"{wanted:.{digits}f}"), 6)
    known = f"known to within {reached:.{digits}f} %"
    if ending.is_reached:
        return f"Ended because the ratio is {known}, less than {wanted:g} %"
    if reached < wanted:
        return f"Ended before it was sure that the ratio is known to within {wanted:g} %: it seems {known} so far"
    return f"Ended before the ratio was known to within {wanted:g} %: it is {known}"
