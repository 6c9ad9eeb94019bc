"""What the statistics of a round cost in the process that draws, and a verdict over 100,000 rounds."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time_ns

from msgspec.structs import replace

from tests.benchmarks.figure import HEADER, Figure
from tests.scripted import make_round
from udstui.measured import Round
from udstui.plan import Plan
from udstui.results.segment import Segment

ROUNDS = 100_000
TIMED = 300
_A_GENERATION = 30


def figures(share: float = 1.0) -> list[Figure]:
    plan = Plan()
    rounds = [make_round(plan, number) for number in range(50)]
    segment = Segment(plan)
    made = 0

    def one() -> Round:
        nonlocal made
        made += 1
        return replace(rounds[made % 50], generation=made // _A_GENERATION)

    early = [_ms(lambda: _told(segment, one())) for _ in range(TIMED)]
    for _ in range(max(1000, round(share * ROUNDS))):
        segment.add(one())
    late = [_ms(lambda: _told(segment, one())) for _ in range(2 * TIMED)]
    verdicts = [_ms(segment.verdicts) for _ in range(20)]
    return [
        Figure(f"a verdict over {made:,} rounds", "<= 5", verdicts, "ms"),
        Figure("statistics of one round, from the first on", "<= 1", early, "ms"),
        Figure(f"statistics of one round, after {made:,}", "<= 1", late, "ms"),
    ]


def _told(segment: Segment, round_: Round) -> None:
    """What the dashboard asks for after a round."""
    segment.add(round_)
    segment.verdicts()
    segment.caveats()
    for lane in segment.lanes:
        lane.histogram.percentiles()


def _ms(work: Callable[[], object]) -> float:
    """CPU time: what else runs on this machine does not count."""
    started = thread_time_ns()
    work()
    return (thread_time_ns() - started) / 1e6


if __name__ == "__main__":
    print(HEADER)
    for figure in figures():
        print(figure.row())
