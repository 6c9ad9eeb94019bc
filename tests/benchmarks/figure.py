"""What a benchmark yields: figures with a target, each the median of many values taken in this run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEADER = "| figure | target | median | quartiles | values | met |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Figure:
    name: str
    target: str
    """`<= 1.10` or `>= 0.95`, in the unit of the values."""
    values: Sequence[float]
    unit: str = ""
    missing: str = ""
    """Why there are no values."""

    def row(self) -> str:
        target = f"{self.target} {self.unit}".strip()
        if not self.values:
            return f"| {self.name} | {target} | not measured: {self.missing} | | 0 | – |"
        low, median, high = quartiles(self.values)
        met = "yes" if self.is_met else "**no**"
        middle = f"{median:.3g} {self.unit}".strip()
        return f"| {self.name} | {target} | {middle} | {low:.3g} to {high:.3g} | {len(self.values)} | {met} |"

    @property
    def is_met(self) -> bool:
        relation, limit = self.target.split()
        median = statistics.median(self.values)
        return median <= float(limit) if relation == "<=" else median >= float(limit)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return (values[0],) * 3
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high
