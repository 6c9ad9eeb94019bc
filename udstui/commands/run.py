"""`udstui run`: measure without a dashboard."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from udstui.commands.report import table
from udstui.errors import UdstuiError
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.client import Probe
from udstui.recording.csv_file import CsvFile
from udstui.recording.json_file import JsonFile, to_json
from udstui.recording.run import Run, Segment
from udstui.units import describe_clock

STOPPED = 130


@dataclass(frozen=True)
class Outputs:
    """Where the run goes; None is nowhere, and `-` for JSON is stdout in place of the table."""

    csv: Path | None
    json: str | None


def run(plan: Plan, duration_ns: int, outputs: Outputs) -> int:
    """Measure for a duration, print the table, write the files; return the exit status.

    Ctrl-C ends it with what was measured until then. A failure does so too, and is raised afterwards.
    """
    with contextlib.ExitStack() as files:
        csv_file = files.enter_context(CsvFile(outputs.csv)) if outputs.csv else None
        json_file = JsonFile(Path(outputs.json)) if outputs.json and outputs.json != "-" else None
        recorded = Run()
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_measure(plan, duration_ns, recorded, csv_file))
        except UdstuiError as error:
            failure = error
        if recorded.segments:
            if outputs.json == "-":
                print(to_json(recorded, read_host()), end="")
            else:
                print(table(recorded.segments[-1]))
            if json_file:
                json_file.write(to_json(recorded, read_host()))
    if failure:
        raise failure
    return STOPPED if stopped else 0


async def _measure(plan: Plan, duration_ns: int, recorded: Run, csv_file: CsvFile | None) -> bool:
    """Ask for rounds until the duration is over; True when Ctrl-C came first."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    segment = Segment(plan)
    show_progress = sys.stderr.isatty()
    async with Probe() as probe:
        while True:
            measuring = asyncio.create_task(probe.measure(plan))
            await asyncio.wait((measuring, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not measuring.done():
                measuring.cancel()
                break
            round_ = measuring.result()
            recorded.add(segment, round_)
            if csv_file:
                csv_file.add(recorded, segment, round_)
            last = max(round_.intervals, key=lambda interval: interval.started_ns)
            elapsed_s = recorded.seconds(last) + last.elapsed_ns / 1e9
            if show_progress:
                clock = f"{describe_clock(elapsed_s)} of {describe_clock(duration_ns / 1e9)}"
                print(f"\r{clock}, {segment.rounds} rounds", end="", file=sys.stderr, flush=True)
            if stop.is_set() or elapsed_s * 1e9 >= duration_ns:
                break
    stopping.cancel()
    if show_progress:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return stop.is_set()
