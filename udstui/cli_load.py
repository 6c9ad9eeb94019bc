"""The command `load`: its options, and who does the work."""

from __future__ import annotations

from typing import Any

import click

from udstui.commands.options import Parsed, Planned, how_often, ladder_options, make_plan, plan_options
from udstui.commands.outputs import output_options, take_outputs
from udstui.settings.load import parse_rates


def _parse_limit(text: str) -> Any:
    from udstui.experiments.load import parse_limit

    return parse_limit(text)


_USUAL = {"connections": "64", "interval_ns": "100ms", "warmup_ns": "100ms"}


@click.command(cls=Planned, context_settings={"default_map": _USUAL})
@plan_options(without=("--rate",))
@click.option(
    "--rates",
    type=Parsed("rates", parse_rates),
    metavar="RATES",
    help="The ladder, like 10k/s,50k/s,100k/s.  [default: to saturation and a little beyond]",
)
@click.option(
    "--limit",
    type=Parsed("limit", _parse_limit),
    metavar="p99=100us",
    help="Find the highest rate at which p50, p99 or p99.9 keeps below this.",
)
@ladder_options("rate", passes=3)
@output_options()
def load(*, rates: tuple[int, ...] | None, limit: Any, **options: Any) -> int:
    """Offer more and more operations a second: what each lane holds.

    Tells how latency grows with the rate, too.
    """
    outputs = take_outputs(options)
    often = how_often(options)
    from udstui.commands.measure import few_passes_told, measure
    from udstui.experiments.load import Load
    from udstui.probe.check import for_load

    plan = for_load(make_plan(options))
    return measure(lambda host: few_passes_told(Load(plan, rates or (), limit=limit, host=host, **often)), outputs)
