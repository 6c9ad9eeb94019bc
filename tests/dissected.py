"""A scripted anatomy, for the tests of what it finds, of its text and of its JSON."""

from __future__ import annotations

import itertools
import random

from msgspec.structs import replace

from tests.scripted import Script, make_round
from udstui.experiments.anatomy import ROUNDS, Anatomy
from udstui.experiments.driver import drive
from udstui.measured import Round
from udstui.plan import Plan

Medians = dict[str, tuple[float, float]]
PYTHON_ADDS_NS = 1_500
MEDIANS_NS: Medians = {"same": (11_000, 17_000), "split": (52_000, 78_000), "spin": (5_000, 9_000)}


class _Steps(Script):
    """Rounds with these medians; each generation has a luck of its own, of up to so many percent."""

    def __init__(self, medians_ns: Medians, luck_percent: float, wild_round: int | None, steal_percent: float) -> None:
        super().__init__(calls_ns=(4_100, 9_100))
        self._steps_ns = medians_ns
        self._luck = itertools.cycle([1 + luck_percent / 100 * share for share in (0.1, -1, 0.6, -0.4, 1)])
        self._factor = 1.0
        self._wild_round = wild_round
        self._steal = steal_percent

    async def measure(self, plan: Plan) -> Round:
        step = "same" if plan.cores == "same" else "spin" if plan.wait == "spin" else "split"
        if plan.workload == "connect":
            parts = {"connect_ns": 8_000.0, "exchange_ns": 9_000.0, "close_ns": 2_000.0}
            answer = make_round(plan, medians_ns=[19_000.0] * len(plan.transports))
            return replace(answer, intervals=tuple(replace(interval, **parts) for interval in answer.intervals))
        if self.rounds % ROUNDS == 0:
            self._factor = next(self._luck)
        factor = self._factor * (40 if self.rounds == self._wild_round else 1)
        self.rounds += 1
        in_c = self._steps_ns[step]
        medians_ns = [median_ns * factor for median_ns in (*in_c, *(each + PYTHON_ADDS_NS for each in in_c))]
        return make_round(plan, medians_ns=medians_ns, steal_percent=self._steal)


async def dissected(
    cores: tuple[int, ...] = (0, 1),
    changes: Medians | None = None,
    luck_percent: float = 0.0,
    wild_round: int | None = None,
    steal_percent: float = 0.0,
) -> Anatomy:
    """An anatomy that has measured everything."""
    anatomy = Anatomy(Plan(), cores, random.Random(1))
    await drive(anatomy, _Steps(MEDIANS_NS | (changes or {}), luck_percent, wild_round, steal_percent))
    return anatomy
