"""A comparison as JSON, schema `udstui.compare/2`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from udstui.results.comparison import Comparison, Difference, Gate, RatioChange

SCHEMA = "udstui.compare/2"


class ComparisonRecord(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    baseline: str
    candidate: str
    """Paths, as they were given."""
    warnings: Sequence[str]
    differences: Sequence[Difference]
    ratio_changes: Sequence[RatioChange]
    gate: Gate | None
    """Which lanes are slower than was allowed; null where nothing was asked."""


def to_json(comparison: Comparison, warnings: Sequence[str]) -> str:
    """One line, with its line end; the warnings are sentences."""
    record = ComparisonRecord(
        baseline=comparison.baseline.path,
        candidate=comparison.candidate.path,
        warnings=warnings,
        differences=comparison.differences,
        ratio_changes=comparison.ratio_changes,
        gate=comparison.gate,
    )
    return msgspec.json.encode(record).decode() + "\n"
