"""What the statistics of a round cost in the process that draws, and a verdict over 100,000 rounds."""

from __future__ import annotations

from time import thread_time_ns

from tests.benchmarks.figure import HEADER, Figure
from tests.scripted import make_round
from udstui.plan import Plan
from udstui.results.segment import Segment

ROUNDS = 100_000
TIMED = 300


def figures() -> list[Figure]:
    plan = Plan()
    rounds = [make_round(plan, number) for number in range(50)]
    segment = Segment(plan)
    early = [_ms(lambda number=number: _one(segment, rounds[number % 50])) for number in range(TIMED)]
    for number in range(ROUNDS):
        segment.add(rounds[number % 50])
    verdicts = [_ms(segment.verdict) for _ in range(20)]
    late = [_ms(lambda number=number: _one(segment, rounds[number % 50])) for number in range(2 * TIMED)]
    return [
        Figure("a verdict over 100,000 rounds", "<= 5", verdicts, "ms"),
        Figure("statistics of one round, from the first on", "<= 2", early, "ms"),
        Figure("statistics of one round, after 100,000", "<= 2", late, "ms"),
    ]


def _one(segment: Segment, round_: object) -> None:
    """What the dashboard asks for after a round."""
    segment.add(round_)  # type: ignore[arg-type]
    segment.verdicts()
    segment.caveats()
    for lane in segment.lanes:
        lane.histogram.percentiles()


def _ms(work: object) -> float:
    """CPU time: what else runs on this machine does not count."""
    started = thread_time_ns()
    work()  # type: ignore[operator]
    return (thread_time_ns() - started) / 1e6


if __name__ == "__main__":
    print(HEADER)
    for figure in figures():
        print(figure.row())
