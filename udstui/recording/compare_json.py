"""A comparison as JSON, schema `udstui.compare/3`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.recording.json_file import in_one_line
from udstui.results.comparison import Comparison, Difference, Gate, RatioChange

SCHEMA = "udstui.compare/3"


class ComparisonRecord(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    baseline: Sequence[str]
    candidate: Sequence[str]
    """Paths of the runs of either side, as they were given."""
    warnings: Sequence[str]
    differences: Sequence[Difference]
    ratio_changes: Sequence[RatioChange]
    earlier_runs: int
    """Runs of the history that tell how far runs of the same lie apart, beside those of the sides."""
    gate: Gate | None
    """Which lanes are slower than was allowed; null where nothing was asked."""
    not_comparable: Sequence[str]
    """Those of the warnings that forbid any test."""


def to_json(comparison: Comparison, warnings: Sequence[str], not_comparable: Sequence[str]) -> str:
    """One line, with its line end; the warnings are sentences."""
    record = ComparisonRecord(
        baseline=[run.path for run in comparison.baseline.runs],
        candidate=[run.path for run in comparison.candidate.runs],
        warnings=warnings,
        differences=comparison.differences,
        ratio_changes=comparison.ratio_changes,
        earlier_runs=comparison.earlier_runs,
        gate=comparison.gate,
        not_comparable=not_comparable,
    )
    return in_one_line(record)
