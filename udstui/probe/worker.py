"""The probe's process: `python -m udstui.probe.worker`, driven over stdin and stdout, one JSON message a line.

A request is a plan; its answer is a round, or why there is none. The end of stdin is the end of the process, even
in the middle of a measurement, so it cannot outlive its owner; its servers then see the end of theirs.
"""

from __future__ import annotations

import random

import msgspec

from udstui.affinity import available_cores, stay_on
from udstui.errors import UdstuiError, reason
from udstui.measured import Round
from udstui.owner import answer_until_left, follow_owner
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.probe.cores import Placement
from udstui.probe.lane import Lanes
from udstui.probe.messages import Answer, RoundAnswer
from udstui.services.programs.running import end_all
from udstui.serving.limits import allow_many_files
from udstui.transports.private_folder import PrivateFolder

_plans = msgspec.json.Decoder(Plan)


class Worker:
    """Keeps the lanes of the last plan up, and measures a round when it is asked."""

    def __init__(self, folder: PrivateFolder) -> None:
        self._folder = folder
        self._available = available_cores()
        self._placement = Placement((), ())
        self._unheld = ""
        self._plan: Plan | None = None
        self._lanes: Lanes | None = None

    def round(self, plan: Plan) -> Round:
        """One round of this plan; after a change, the lanes are made anew and warmed up before."""
        if self._lanes is None or plan != self._plan:
            self.close()
            self._hold(check_plan(plan, self._available))
            self._folder.renew()
            self._lanes, self._plan = Lanes(plan, self._placement, self._folder.path), plan
            self._lanes.warm_up(plan.warmup_ns, plan.interval_ns)
        order = random.sample(range(len(plan.transports)), len(plan.transports))
        intervals = self._lanes.measure(order, plan.interval_ns)
        return Round(intervals, *self._placement, unheld=self._unheld)

    def _hold(self, wanted: Placement) -> None:
        """Hold this process where clients are to run. Where that is refused, both sides run free."""
        self._unheld = stay_on(wanted.server) or stay_on(wanted.client)
        self._placement = Placement(self._available, self._available) if self._unheld else wanted

    def close(self) -> None:
        if self._lanes is not None:
            lanes, self._lanes = self._lanes, None
            lanes.close()

    def answer(self, request: bytes) -> Answer[Round]:
        """To a plan as JSON: a round of it, or why there is none; the round after a failure has new lanes."""
        try:
            return RoundAnswer(self.round(_plans.decode(request)))
        except (OSError, MemoryError, RuntimeError) as error:  # out of descriptors, memory, threads
            self.close()
            why = reason(error) if isinstance(error, OSError) else str(error) or "out of memory"
            return RoundAnswer(
                problem=f"the probe cannot measure: {why}", remedy="is this process limited (ulimit -a)?"
            )
        except UdstuiError as error:
            self.close()  # whatever state the lanes are in
            return RoundAnswer.refusal(error)


def main() -> None:
    follow_owner()
    allow_many_files()
    with PrivateFolder() as folder:

        def leave() -> None:
            end_all()
            folder.remove()

        answer_until_left(Worker(folder).answer, leave)


if __name__ == "__main__":
    main()
