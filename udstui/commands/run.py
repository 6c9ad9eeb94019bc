"""`udstui run`: measure without a dashboard."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from udstui.commands.report import table
from udstui.errors import RecordingError, UdstuiError, reason
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
        csv_file = files.enter_context(CsvFile(outputs.csv)) if outputs.csv is not None else None
        json_file = files.enter_context(JsonFile(Path(outputs.json))) if outputs.json not in (None, "-") else None
        recorded = Run()
        failure: UdstuiError | None = None
        stopped = False
        try:
            stopped = asyncio.run(_measure(plan, duration_ns, recorded, csv_file))
        except UdstuiError as error:
            failure = error
        if recorded.segments:
            try:
                if outputs.json == "-":
                    _print(to_json(recorded, read_host()))
                else:
                    _print(table(recorded.segments[-1]) + "\n")
            finally:  # also when nobody reads stdout any more
                if json_file:
                    json_file.write(to_json(recorded, read_host()))
    if failure:
        raise failure
    return STOPPED if stopped else 0


def _print(text: str) -> None:
    try:
        print(text, end="")
    except BrokenPipeError:  # nobody reads any more: nobody needs to be told
        raise
    except OSError as error:
        raise RecordingError(f"cannot write to stdout: {reason(error)}", "send it elsewhere") from error


async def _measure(plan: Plan, duration_ns: int, recorded: Run, csv_file: CsvFile | None) -> bool:
    """Ask for rounds until the duration is over; True when Ctrl-C came first."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    segment = Segment(plan)
    progress = _Progress(duration_ns)
    async with Probe() as probe:
        with contextlib.closing(progress):
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
                progress.show(elapsed_s, segment.rounds)
                if stop.is_set() or elapsed_s * 1e9 >= duration_ns:
                    break
    stopping.cancel()
    return stop.is_set()


class _Progress:
    """One line on stderr, rewritten by every round and wiped at the end; nothing where stderr is no terminal."""

    def __init__(self, duration_ns: int) -> None:
        self._whole = describe_clock(duration_ns / 1e9)
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()

    def show(self, elapsed_s: float, rounds: int) -> None:
        if self._is_shown:
            text = f"\r{describe_clock(elapsed_s)} of {self._whole}, {rounds} rounds"
            print(text, end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._is_shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
