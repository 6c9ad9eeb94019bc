"""Resident memory that the real dashboard gains from round 1,000 to round 10,000, with the shortest intervals."""

from __future__ import annotations

import time

from tests.benchmarks.figure import Figure
from tests.benchmarks.live import Dashboard

FIRST, LAST = 1_000, 10_000


def figures() -> list[Figure]:
    with Dashboard("--interval", "5ms", "--warmup", "20ms") as dashboard:
        dashboard.wait_for_figure()
        before = _resident_mb(dashboard, FIRST)
        growth = _resident_mb(dashboard, LAST) - before
    return [Figure(f"memory gained from round {FIRST:,} to {LAST:,}", "<= 5", (growth,), "MB")]


def _resident_mb(dashboard: Dashboard, rounds: int) -> float:
    """When so many rounds are drawn."""
    while dashboard.rounds() < rounds:
        time.sleep(0.5)
    return dashboard.resident_bytes / 1e6
