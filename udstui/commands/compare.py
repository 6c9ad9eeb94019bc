"""`udstui compare`: two recorded runs, or one and several others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from udstui.commands.output import print_out
from udstui.errors import RecordingError
from udstui.recording.compare_json import to_json
from udstui.recording.read import read_recorded
from udstui.results.comparison import compare_runs
from udstui.stats.verdict import FEWEST_ROUNDS
from udstui.text.compare import comparison_text
from udstui.text.compare_warnings import comparison_warnings

SLOWER = 3
"""Exit status when a lane is slower than was allowed."""


def compare(paths: Sequence[Path], as_json: bool, fail_if_slower_percent: float | None) -> int:
    """Compare every run with the first, print what differs, and return the exit status.

    Raises RecordingError, after printing, when a lane was to be tested for being slower and none could be.
    """
    first, *others = [read_recorded(path) for path in paths]
    found = [compare_runs(first, other, fail_if_slower_percent) for other in others]
    if as_json:
        print_out("".join(to_json(one, comparison_warnings(one)) for one in found))
    else:
        print_out("\n\n".join(map(comparison_text, found)) + "\n")
    gates = [(one.candidate.path, one.gate) for one in found if one.gate]
    if any(gate.slower for _, gate in gates):
        return SLOWER
    for path, gate in gates:
        if not gate.is_tested:
            raise RecordingError(
                f"no lane of {path} could be tested for being slower",
                f"measure at least {FEWEST_ROUNDS} rounds in both runs",
            )
    return 0
