"""The history of runs as a table, and what it says of the next run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from udstui.plain import plain
from udstui.results.earlier import Earlier, FoundRatio, FoundRun, Here, on_this_machine
from udstui.results.history import is_same
from udstui.results.recorded import settings_of
from udstui.stats.across_runs import FEWEST_RUNS
from udstui.stats.metrics import metric_named
from udstui.text.columns import columns
from udstui.text.command_line import command_line
from udstui.transports import lane_label
from udstui.units import describe_range, describe_ratio

_HEADER = ("when", "lanes", "", "ratio", "95 % CI in the run", "rounds", "plan")
_EMPTY = "No run has left a line yet: udstui run and the dashboard leave one when they end"
_MARK = "*"


def history_text(runs: Sequence[FoundRun], here: Here, unreadable: int) -> str:
    """A line a run, the newest last; then, for each plan with enough runs here, what the next one will say."""
    lines = list(_table(runs, here)) if runs else [_EMPTY]
    if any(not is_same(run.here, here) for run in runs):
        lines.append(
            f"{_MARK} of another machine, another udstui, or the machine as it was set then: not counted below"
        )
    ours = [run for run in runs if is_same(run.here, here)]
    expected = list(_expected(ours))
    if expected:
        lines += ["", "Expected of the next run on this machine, 19 times of 20:", *columns(expected, "<<>><")]
    elif ours:
        lines += ["", f"From {FEWEST_RUNS} runs of one plan on, it is told what to expect of the next (run --repeat)"]
    if unreadable:
        lines += ["", f"Passed over: {unreadable} line{'s' * (unreadable != 1)} torn, or of another version"]
    return "\n".join(lines)


def _table(runs: Sequence[FoundRun], here: Here) -> Iterator[str]:
    rows: list[Sequence[str]] = [_HEADER]
    for run in runs:
        for one in _first_of_each(run):
            mark = "" if is_same(run.here, here) else _MARK
            told = describe_ratio(one.ratio, 3), describe_range(one.ci_low, one.ci_high, 3), f"{one.rounds}"
            rows.append((f"{_when(run.at)}{mark}", *_of(one), *told, _plan(run)))
    yield from columns(rows, "<<<>>><")


def _expected(runs: Sequence[FoundRun]) -> Iterator[Sequence[str]]:
    """A row for each plan and pair of lanes with enough runs."""
    by_settings: dict[tuple[object, ...], list[FoundRun]] = {}
    for run in runs:
        by_settings.setdefault(settings_of(run.plan), []).append(run)
    for same in by_settings.values():
        earlier = Earlier(same)
        last = {(one.candidate, one.baseline, one.metric): (run, one) for run in same for one in _first_of_each(run)}
        for key, (run, one) in last.items():
            expected = on_this_machine(earlier.ratios(key))
            if expected:
                interval = f"{describe_ratio(expected.low, 3)} to {describe_ratio(expected.high, 3)}"
                yield (*_of(one), interval, f"{expected.runs} runs", _plan(run))


def _first_of_each(run: FoundRun) -> list[FoundRatio]:
    """For each pair of lanes the ratio by which they are compared."""
    return list({one.baseline: one for one in reversed(run.ratios)}.values())[::-1]


def _of(one: FoundRatio) -> tuple[str, str]:
    lanes = f"{lane_label(one.candidate)} : {lane_label(one.baseline)}"
    return plain(lanes), metric_named(one.metric).short


def _plan(run: FoundRun) -> str:
    """As it is measured again."""
    return plain(command_line(run.plan).removeprefix("udstui "))


def _when(at: str) -> str:
    """By the clock of this place, to the minute; as it is written where it is no time."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return plain(at[:16])
