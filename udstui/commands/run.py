"""`udstui run`: measure without a dashboard."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from udstui.commands.measuring import STOPPED, Progress, Stoppable, keeps_what_it_measured
from udstui.commands.output import print_out
from udstui.commands.report import table
from udstui.errors import UdstuiError
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.recording.csv_file import CsvFile
from udstui.recording.json_file import JsonFile, to_json
from udstui.recording.run import Run, Segment
from udstui.stats.verdict import FEWEST_ROUNDS
from udstui.units import describe_clock, describe_percent


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
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_measure(segment, duration_ns, until_percent, recorded, csv_file))
        except UdstuiError as error:
            failure = error
        if recorded.segments:
            ending = "" if until_percent is None else f"{until_sentence(segment, until_percent)}\n"
            try:
                if outputs.json == "-":
                    print_out(to_json(recorded, host))
                    print(ending, end="", file=sys.stderr)
                else:
                    print_out(f"{table(segment)}\n{ending}")
            finally:  # also when nobody reads stdout any more
                if json_file:
                    json_file.write(to_json(recorded, host))
    if failure:
        raise failure
    return STOPPED if stopped else 0


async def _measure(
    segment: Segment, duration_ns: int, until_percent: float | None, recorded: Run, csv_file: CsvFile | None
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
                if elapsed_s * 1e9 >= duration_ns or is_known_within(segment, until_percent):
                    break
            return stoppable.is_stopped


def is_known_within(segment: Segment, until_percent: float | None) -> bool:
    """Whether every headline verdict's interval reaches no further than this from its ratio, after enough rounds."""
    if until_percent is None or segment.rounds < FEWEST_ROUNDS:
        return False
    reached = widest_half_width_percent(segment)
    return reached is not None and reached < until_percent


def widest_half_width_percent(segment: Segment) -> float | None:
    """Of the headline verdicts; None where there is none, or one has no interval yet."""
    verdicts = [segment.verdict(baseline) for baseline in range(1, len(segment.lanes))]
    widths = [verdict.half_width_percent if verdict else None for verdict in verdicts]
    known = [width for width in widths if width is not None]
    return max(known) if known and len(known) == len(widths) else None


def until_sentence(segment: Segment, until_percent: float) -> str:
    """Which of the two ended the run: enough certainty, or the end of its time."""
    reached = widest_half_width_percent(segment)
    wanted = describe_percent(until_percent)
    if reached is None:
        return f"Ended with the duration: there is no interval to be narrower than {wanted}"
    if is_known_within(segment, until_percent):
        return f"Ended because the ratio is known to within {describe_percent(reached)}, less than {wanted}"
    return f"Ended before the ratio was known to within {wanted}: it is known to within {describe_percent(reached)}"
