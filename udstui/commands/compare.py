"""`udstui compare`: recorded runs, each with the first of them, or one set with another."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path

from udstui.commands.output import ProgressLine, print_out
from udstui.errors import RecordingError
from udstui.recording.compare_json import to_json
from udstui.recording.history import read_history
from udstui.recording.read import read_recorded
from udstui.results.comparison import Comparison, compare_runs
from udstui.results.history import KnownRuns
from udstui.results.sides import Side
from udstui.stats.sequence import ENOUGH_GENERATIONS, FEWEST_ROUNDS
from udstui.text.compare import comparison_text
from udstui.text.compare_warnings import Warned, comparison_warnings

SLOWER = 3
"""Exit status when a lane is slower than was allowed."""


def compare(
    paths: Sequence[Path], with_paths: Sequence[Path], as_json: bool, fail_if_slower_percent: float | None
) -> int:
    """Compare those of `with_paths` together with the others together; without such, each of the others with the first.

    Prints what differs, and returns the exit status. Raises RecordingError, after printing, when lanes were to be
    tested for being slower and cannot be, all of them.
    """
    baselines, candidates = (paths, [with_paths]) if with_paths else (paths[:1], [[path] for path in paths[1:]])
    baseline = _side(baselines)
    history = _history()
    found = [compare_runs(baseline, _side(each), fail_if_slower_percent, history) for each in candidates]
    warned = [comparison_warnings(one) for one in found]
    if as_json:
        print_out("".join(map(_json, found, warned)))
    else:
        print_out("\n\n".join(map(comparison_text, found, warned)) + "\n")
    if fail_if_slower_percent is None:
        return 0
    for one, warnings in zip(found, warned, strict=True):
        _check_tested(one, warnings)
    return SLOWER if any(one.gate and one.gate.slower for one in found) else 0


def _side(paths: Sequence[Path]) -> Side:
    with ProgressLine() as line:
        return Side([read_recorded(path, line.show) for path in paths])


def _history() -> KnownRuns:
    """One that cannot be read tells nothing of how far runs lie apart, and that is said anyway."""
    with contextlib.suppress(RecordingError):
        return KnownRuns(read_history().runs)
    return KnownRuns()


def _json(comparison: Comparison, warnings: Sequence[Warned]) -> str:
    texts = [[one.text for one in warnings if one.forbids_test or not only] for only in (False, True)]
    return to_json(comparison, *texts)


def _check_tested(comparison: Comparison, warnings: Sequence[Warned]) -> None:
    """Raise RecordingError where a lane may be slower without anybody seeing it: a gate that cannot tell is shut."""
    forbidden = [one.text for one in warnings if one.forbids_test]
    if forbidden:
        raise RecordingError(
            f"{comparison.candidate.name} is not comparable: {forbidden[0]}",
            "measure both the same way, on one machine",
        )
    gate, generations = comparison.gate, math.ceil(ENOUGH_GENERATIONS)
    if gate and gate.untested and not gate.slower:
        raise RecordingError(
            f"{len(gate.untested)} lanes of {comparison.candidate.name} could not be tested for being slower",
            f"measure longer: {FEWEST_ROUNDS} rounds and {generations} generations at least in all runs",
        )
