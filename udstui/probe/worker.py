"""The process that measures: `python -m udstui.probe.worker`, or a fork that does what it does (probe.nursery).

It is asked over stdin and answers on stdout, one JSON message a line. The questions are all the same: one plan, in one
generation; the answer is rounds, or why there is none. The end of stdin is the end of the process, even in the middle
of a measurement, so it cannot outlive its owner; its servers then see the end of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter_ns

import msgspec

from udstui.children.owner import answer_until_left, follow_owner
from udstui.errors import UdstuiError, reason
from udstui.host.affinity import available_cores, stay_on
from udstui.measured import Round
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.probe.cores import Placement
from udstui.probe.lanes import Lanes
from udstui.probe.messages import Answer, Question, RoundsAnswer
from udstui.services.programs.running import end_all
from udstui.serving.limits import allow_many_files
from udstui.transports.private_folder import PrivateFolder

_questions = msgspec.json.Decoder(Question)


class Worker:
    """Keeps the lanes of its plan up, and measures rounds when it is asked."""

    def __init__(self, folder: PrivateFolder) -> None:
        self._folder = folder
        self._available = available_cores()
        self._placement = Placement((), ())
        self._unheld = ""
        self._lanes: Lanes | None = None

    def _rounds(self, question: Question) -> Iterator[Round]:
        """Of its plan; the first time, and after a failure, the lanes are made and warmed up before."""
        lanes = self._warm(question.plan)
        end_ns = perf_counter_ns() + question.at_once_ns
        while True:
            yield Round(lanes.measure(question.plan.interval_ns), *self._placement, unheld=self._unheld)
            if perf_counter_ns() >= end_ns:
                return

    def _warm(self, plan: Plan) -> Lanes:
        if self._lanes is None:
            self._hold(check_plan(plan, self._available))
            self._folder.renew()
            self._lanes = Lanes(plan, self._placement, self._folder.path)
            self._lanes.warm_up(plan.warmup_ns, plan.interval_ns)
        return self._lanes

    def _hold(self, wanted: Placement) -> None:
        """Hold this process where clients are to run. Where that is refused, both sides run free."""
        self._unheld = stay_on(wanted.server) or stay_on(wanted.client)
        self._placement = Placement(self._available, self._available) if self._unheld else wanted

    def close(self) -> None:
        if self._lanes is not None:
            lanes, self._lanes = self._lanes, None
            lanes.close()

    def answer(self, request: bytes) -> Answer[tuple[Round, ...]]:
        """To a question as JSON: rounds of its plan, and why there are no more; after a failure the lanes are new."""
        rounds: list[Round] = []
        try:
            question = _questions.decode(request)
            if question.warms_up_only:
                self._warm(question.plan)
                return RoundsAnswer()
            for round_ in self._rounds(question):
                rounds.append(round_)
            return RoundsAnswer(tuple(rounds))
        except (OSError, MemoryError, RuntimeError) as error:  # out of descriptors, memory, threads
            why = reason(error) if isinstance(error, OSError) else str(error) or "out of memory"
            failure = UdstuiError(f"the probe cannot measure: {why}", "is this process limited (ulimit -a)?")
        except UdstuiError as error:
            failure = error
        self.close()  # whatever state the lanes are in
        return RoundsAnswer.refusal(failure, tuple(rounds) or None)


def main() -> None:
    follow_owner("udstui-probe")
    allow_many_files()
    with PrivateFolder() as folder:

        def leave() -> None:
            end_all()
            folder.remove()

        answer_until_left(Worker(folder).answer, leave)


if __name__ == "__main__":
    main()
