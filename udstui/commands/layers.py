"""`udstui layers`: the same size and placement raw, under HTTP and under RPC."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from udstui.commands.measuring import STOPPED, Progress, Stoppable, keeps_what_it_measured
from udstui.commands.output import print_out
from udstui.commands.run import Outputs
from udstui.errors import UdstuiError
from udstui.experiments.layers import check_layers, find_layers, layer_plans, layers_sentence, layers_table
from udstui.host import read_host
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.probe.client import Probe
from udstui.recording.csv_file import CsvFile
from udstui.recording.json_file import JsonFile
from udstui.recording.run_json import to_json
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.text.plan import plan_sentence
from udstui.units import describe_clock


@keeps_what_it_measured
def layers(plan: Plan, duration_ns: int, outputs: Outputs) -> int:
    """Measure every layer for its share of the duration, print the table, write the files; return the exit status.

    The files hold a run with a segment for each layer. Ctrl-C ends it with what was measured until then; a failure
    does so too, and is raised afterwards.
    """
    check_layers(plan)
    plans = layer_plans(plan)
    for one in plans:
        check_plan(one)
    host = read_host()
    with contextlib.ExitStack() as files:
        csv_file = files.enter_context(CsvFile(outputs.csv)) if outputs.csv is not None else None
        json_file = files.enter_context(JsonFile(Path(outputs.json))) if outputs.json not in (None, "-") else None
        recorded = Run()
        failure: UdstuiError | None = None
        stopped = False
        try:
            segments = [Segment(one, host.clock_step_ns) for one in plans]
            stopped = asyncio.run(_measure(segments, duration_ns // len(plans), recorded, csv_file))
        except UdstuiError as error:
            failure = error
        if recorded.segments:
            try:
                print_out(to_json(recorded, host) if outputs.json == "-" else layers_report(recorded, plan))
            finally:  # also when nobody reads stdout any more
                if json_file:
                    json_file.write(to_json(recorded, host))
    if failure:
        raise failure
    return STOPPED if stopped else 0


def layers_report(recorded: Run, plan: Plan) -> str:
    """The settings, the table, and what it says."""
    found = find_layers(recorded.segments, plan)
    settings = plan_sentence(plan, without=("workload",))
    lines = [settings, "", *layers_table(found, plan)]
    if sentence := layers_sentence(found):
        lines += ["", sentence]
    return "\n".join(lines) + "\n"


async def _measure(segments: list[Segment], each_ns: int, recorded: Run, csv_file: CsvFile | None) -> bool:
    """One layer after the other; True when Ctrl-C came first."""
    async with Probe() as probe:
        with Stoppable(probe) as stoppable, Progress() as progress:
            for segment in segments:
                measured_ns = 0
                while measured_ns < each_ns and not stoppable.is_stopped:
                    clock = f"{describe_clock(measured_ns / 1e9)} of {describe_clock(each_ns / 1e9)}"
                    progress.show(f"{segment.plan.workload}: {clock}, {segment.rounds} rounds")
                    round_ = await stoppable.measure(segment.plan)
                    if round_ is None:
                        return True
                    recorded.add(segment, round_)
                    if csv_file:
                        csv_file.add(recorded, segment, round_)
                    measured_ns += sum(interval.elapsed_ns for interval in round_.intervals)
            return stoppable.is_stopped
