"""What the dashboard costs: its figures over headless ones, CPU for what it draws, and its share of measuring."""

from __future__ import annotations

import asyncio
import statistics
import time

from tests.benchmarks.figure import Figure
from tests.benchmarks.live import Dashboard
from udstui.measured import Round
from udstui.plan import Plan
from udstui.probe.client import Probe

TURNS = 12
LARGE_TURNS = 4
WATCHED_S = 4.0
EXPERIMENT_S = 5.0
LATE_TURNS = 3
LATE_AFTER_S = 24.0
"""New processes come ever more rarely: by then they cost little."""
_OTHER_TABS = (
    ("Timeline, frozen: nothing is drawn", "f"),
    ("Distribution", "2"),
    ("Distribution, percentiles", "2", "d"),
    ("Sweep, stopped", "3", "g", "g"),
    ("Anatomy, stopped", "4", "g", "g"),
    ("Layers", "l", "5"),
    ("Host", "6"),
    ("Log", "7"),
)
"""Each with the keys that bring it into view, and something into it."""
_Rows = list[dict[str, str]]


def figures() -> list[Figure]:
    """Each turn starts both anew, in either order: some of a figure's bias lives as long as a process."""
    plan = Plan()
    ratios: dict[tuple[str, str], list[float]] = {
        (percentile, lane): [] for percentile in ("p50", "p99") for lane in plan.lane_names()
    }
    cpu_ms, shares = [], []
    for turn in range(TURNS):
        headless = _headless(plan) if turn % 2 else []
        rows, cpu_ms_of_turn = _watched()
        headless = headless or _headless(plan)
        cpu_ms.append(cpu_ms_of_turn)
        shares.append(_share_percent(rows))
        for (percentile, name), values in ratios.items():
            lane = plan.lane_names().index(name)
            cells = [row[f"op_{percentile}_ns"] for row in rows if row["transport"] == name]
            percentiles = [getattr(round_.intervals[lane].durations, f"{percentile}_ns") for round_ in headless]
            shown = statistics.median(float(cell) for cell in cells if cell)
            alone = statistics.median(value for value in percentiles if value is not None)
            values.append(shown / alone)
    large = [_watched(size=(200, 60))[1] for _ in range(LARGE_TURNS)]
    limits = {"p50": "<= 1.02", "p99": "<= 1.05"}
    return [
        *(
            Figure(f"{percentile}, {name}: dashboard / headless", limits[percentile], values)
            for (percentile, name), values in ratios.items()
        ),
        Figure("dashboard's CPU for 100 ms of measuring, 120x40", "<= 8", cpu_ms, "ms"),
        Figure("dashboard's CPU for 100 ms of measuring, 200x60", "<= 12", large, "ms"),
        Figure("dashboard's wall time spent measuring, seconds 2 to 6", ">= 90", shares, "%"),
        Figure("dashboard's wall time spent measuring, from second 25 on", ">= 90", _late_shares(), "%"),
        *(
            Figure(f"CPU for 100 ms of measuring in the tab {name}", "<= 15", [_watched(*keys)[1]], "ms")
            for name, *keys in _OTHER_TABS
        ),
    ]


def _late_shares() -> list[float]:
    return [_share_percent(_watched(after_s=LATE_AFTER_S)[0]) for _ in range(LATE_TURNS)]


def _watched(*keys: str, size: tuple[int, int] = (120, 40), after_s: float = 1.0) -> tuple[_Rows, float]:
    """The rows that the dashboard measured in a few seconds, and its CPU in ms for each 100 ms in them.

    Before, the keys are pressed so far apart that `g` has something to show. `after_s` is when it begins after the
    first figure: past what is only done at first.
    """
    with Dashboard(size=size) as dashboard:
        dashboard.wait_for_figure()
        time.sleep(after_s)
        for key in keys:
            dashboard.press(key)
            time.sleep(EXPERIMENT_S)
        rows_before, cpu_before = len(dashboard.rows()), dashboard.cpu_ns
        time.sleep(WATCHED_S)
        cpu_ns, rows = dashboard.cpu_ns - cpu_before, dashboard.rows()[rows_before:]
    measured_s = sum(int(row["elapsed_ns"]) for row in rows) / 1e9
    return rows, cpu_ns / 1e6 / (10 * measured_s)


def _share_percent(rows: _Rows) -> float:
    """Of the time from the first interval's start to the last one's, how much was inside of intervals."""
    rows = sorted(rows, key=lambda row: float(row["time_s"]))
    measured_s = sum(int(row["elapsed_ns"]) for row in rows[:-1]) / 1e9
    return 100 * measured_s / (float(rows[-1]["time_s"]) - float(rows[0]["time_s"]))


def _headless(plan: Plan) -> list[Round]:
    """Rounds for as long as the dashboard is watched."""

    async def measure() -> list[Round]:
        async with Probe() as probe:
            await probe.measure(plan)
            rounds = []
            end = time.perf_counter() + WATCHED_S
            while time.perf_counter() < end:
                rounds.append(await probe.measure(plan))
            return rounds

    return asyncio.run(measure())
