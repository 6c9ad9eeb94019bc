"""The program with rounds from a script in place of a probe: `python -m tests.docs.scripted_program run ...`."""

from __future__ import annotations

from typing import Any
from unittest import mock

from msgspec.structs import replace

from tests.scripted import Script, make_round
from udstui.cli import main
from udstui.measured import Round
from udstui.plan import Plan


class Probe(Script):
    """Rounds are made once, and a tenth of a second passes with each."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[Plan, int], Round] = {}

    async def measure(self, plan: Plan) -> Round:
        self.rounds += 1
        key = plan, self.rounds % 3
        if key not in self._made:
            self._made[key] = make_round(plan, self.rounds, (600_000, 900_000, 1_200_000, 1_500_000))
        made = self._made[key]
        at_ns = self.rounds * 10**8
        intervals = tuple(replace(each, started_ns=at_ns + each.order) for each in made.intervals)
        return replace(made, intervals=intervals, generation=1 + self.rounds // 3)


def done(*_: Any, **__: Any) -> int:
    """In place of what goes on until somebody ends it."""
    return 0


PATCHES = {
    "udstui.commands.measure.Probe": Probe,
    "udstui.tui.start.dashboard": done,
    "udstui.tui.start.replay": done,
    "udstui.commands.serve.serve": done,
}

if __name__ == "__main__":
    for name, instead in PATCHES.items():
        mock.patch(name, instead).start()
    main()
