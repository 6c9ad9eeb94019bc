"""What the verdict must reach, measured on this machine: a line for each promise, with its counts.

    python -m tests.benchmarks.verdict [--quick] [LINE ...]

Everything takes an hour and a half; `--quick` tries each line with a few runs, which prove nothing. The lines are
called, pairs, next, moods, blocks, equals, one_percent, busy, wild, compare, generations, simulated and cost.
"""

from __future__ import annotations

import itertools
import math
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks import statistics_cost, verdict_generations, verdict_simulations
from tests.benchmarks.figure import HEADER, Figure
from tests.benchmarks.verdict_runs import BULK, OF_MOODS, OF_PROCESSES, SAME, Measured, Runs, Value, against_itself
from udstui.host.facts import read_host
from udstui.plan import Plan
from udstui.results.comparison import compare_runs
from udstui.results.earlier import Here
from udstui.results.history import found_of
from udstui.results.sides import Side
from udstui.stats.across_runs import RunCentre, expected_next
from udstui.stats.sequence import RatioSequence, RunVerdict
from udstui.stats.verdict import Verdict

ROUNDS = 1000
"""For so many one transport against itself is watched."""
_SHORT = 5 * 10**6


class Lines:
    def __init__(self, share: float = 1.0) -> None:
        """A share of 1 makes as many runs as the promises are about."""
        self._share = share
        self._runs = Runs()
        self._random = random.Random(1)

    def _count(self, full: int, least: int = 3) -> int:
        return max(least, round(full * self._share))

    def called(self) -> Iterator[Figure]:
        runs = self._runs.of(SAME, 2, self._count(25))
        sure = sum(run.verdict.conclusive for run in runs)
        ratios = [run.verdict.ratio or 1.0 for run in runs]
        said = f"{min(ratios):.3f} to {max(ratios):.3f}, median interval ± {_half_percent(runs):.2f} %"
        yield Figure(f"runs of 2 s, UDS against TCP, same core: called in {sure} of {len(runs)} ({said})", ">= 100",
                     [100 * sure / len(runs)], "%")  # fmt: skip
        yield Figure("and all of them lie within", "<= 4", [100 * (max(ratios) / min(ratios) - 1)], "%")

    def pairs(self) -> Iterator[Figure]:
        for name, plan in OF_PROCESSES.items():
            runs = self._runs.of(plan, 3, self._count(12))
            pairs = list(itertools.combinations([run.verdict for run in runs], 2))
            apart = sum(_exclude_each_other(*pair) for pair in pairs)
            told = (
                f"pairs of {len(runs)} runs of 3 s whose intervals exclude each other, {name}: {apart} of {len(pairs)}"
            )
            yield Figure(f"{told}; in 66", "<= 3", [66 * apart / len(pairs)])

    def next(self) -> Iterator[Figure]:
        for name, plan in (OF_PROCESSES | OF_MOODS).items():
            before, after = self._count(8), self._count(12)
            runs = self._runs.of(plan, 3, before + after)
            expected = expected_next(_centres(runs[:before]))
            if expected is None:
                yield Figure(f"after {before} runs of 3 s, {name}", ">= 11", [], missing="too few had an interval")
                continue
            ratios = [run.log_ratio for run in runs[before:]]
            inside = sum(expected.low <= ratio <= expected.high for ratio in ratios)
            width = (expected.high - expected.low) / (max(ratios) - min(ratios) or math.inf)
            said = f"{math.exp(expected.low):.3f} to {math.exp(expected.high):.3f}, then {_range(runs[before:])}"
            told = f"after {before} runs of 3 s, {name}: inside are {inside} of the next {len(ratios)} ({said}); in 12"
            yield Figure(told, ">= 11", [12 * inside / len(ratios)])
            yield Figure("and its width over theirs", "<= 2", [width])

    def moods(self) -> Iterator[Figure]:
        runs = self._runs.of(BULK, 0.7, self._count(20))
        sides = [run.verdict.ratio or 1.0 for run in runs if run.verdict.conclusive]
        contradicted = min(sum(ratio > 1 for ratio in sides), sum(ratio < 1 for ratio in sides))
        carried = [run.race.segment.lanes[0].gb_per_s or 0.0 for run in runs]
        said = f"UDS {min(carried):.1f} to {max(carried):.1f} GB/s, ratio {_range(runs)}"
        told = f"bulk-send 512 KiB, runs of 0.7 s ({said}): called in {len(sides)} of {len(runs)}, to the contrary in"
        yield Figure(told, "<= 0", [contradicted])

    def blocks(self) -> Iterator[Figure]:
        for name in ("ping-pong, same core", "rpc"):
            plan = OF_PROCESSES[name]
            (run,) = self._runs.of(plan, max(12, 40 * self._share), 1)
            blocks = [list(block) for _, block in itertools.groupby(run.rounds, lambda one: int(one.ended_s / 3))]
            whole = [statistics.median(one.log_ratio for one in block) for block in blocks[:-1]]
            runs = self._runs.of(plan, 3, self._count(12))
            halves = [math.log1p(width / 100) for one in runs if (width := one.verdict.half_width_percent)]
            ratios = [half / 1.96 / statistics.stdev(whole) for half in halves]
            told = f"half-width of runs of 3 s over 1.96 sd of {len(whole)} blocks of 3 s of one run, {name}"
            missing = "no run had an interval"
            yield Figure(f"{told}, at most", "<= 2.5", ratios, missing=missing)
            yield Figure("and at least", ">= 1", ratios, missing=missing)

    def equals(self) -> Iterator[Figure]:
        pool: list[list[float]] = []
        called, every = 0, self._count(60)
        plan = against_itself("uds", interval_ns=_SHORT)
        for number in range(every):
            kind = plan if number % 2 else against_itself("tcp", interval_ns=_SHORT)
            rounds = self._watched(kind)
            called += _is_ever_sure(rounds)
            pool += [
                [one.log_ratio for one in block] for _, block in itertools.groupby(rounds, lambda one: one.generation)
            ]
        real = called
        for _ in range(made := self._count(140)):
            called += _is_ever_sure(_resampled(pool, self._random))
        counts = f"called at any moment in {called} of {every + made} ({real} of {every} real ones)"
        told = f"one transport against itself, watched over {ROUNDS} rounds: {counts}"
        yield Figure(told, "<= 5", [100 * called / (every + made)], "%")

    def _watched(self, plan: Plan) -> Sequence[Value]:
        seconds = 4 * ROUNDS * plan.interval_ns / 1e9
        return Runs().of(plan, seconds, 1)[0].rounds[:ROUNDS]

    def one_percent(self) -> Iterator[Figure]:
        for transport in ("tcp", "uds"):
            yield from self._differences(transport, 1, 1, self._count(20))

    def busy(self) -> Iterator[Figure]:
        """Beside a program that computes all the time."""
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as neighbour:
            try:
                for transport in ("tcp", "uds"):
                    yield from self._differences(transport, 5, 3, self._count(10))
            finally:
                neighbour.kill()

    def _differences(self, transport: str, percent: int, seconds: int, count: int) -> Iterator[Figure]:
        """The second lane's figures are made slower afterwards: the difference is known, and the scatter real."""
        runs = self._runs.of(against_itself(transport, interval_ns=_SHORT), seconds, count)
        shifted = [_sequence(run.rounds, math.log1p(percent / 100)) for run in runs]
        called = sum(found.state == "sure" and (found.centre or 0) > 0 for found in shifted)
        wrong = sum(run.verdict.conclusive for run in runs)
        apart = 100 * statistics.stdev(run.log_ratio for run in runs)
        told = f"{transport}, one core, intervals of 5 ms (runs differ by {apart:.2g} %)"
        told = f"{percent} % within {seconds} s, {told}: called in {called} of {count}; in 10"
        yield Figure(told, ">= 9", [10 * called / count])
        told = f"equals within {seconds} s, {transport}: called in {wrong} of {count}; in 10"
        yield Figure(told, "<= 1", [10 * wrong / count])

    def wild(self) -> Iterator[Figure]:
        runs = self._runs.of(SAME, 2, self._count(25))
        for name, spoilt in (("one round 10 times too slow", _one_wild), ("5 % of rounds 2 to 20 times", _some_wild)):
            moved, lost = [], 0
            for run in runs:
                calm, wild = _sequence(run.rounds), _sequence(spoilt(run.rounds, self._random))
                moved.append(100 * abs(math.expm1((wild.centre or 0) - (calm.centre or 0))))
                lost += wild.state != calm.state
            yield Figure(f"{name}: verdict differs in {lost} of {len(runs)} runs", "<= 0", [lost])
            yield Figure("and the centre moves by at most", "<= 1", [max(moved)], "%")

    def compare(self) -> Iterator[Figure]:
        for each in (1, 3):
            runs = self._runs.of(SAME, 2, self._count(61, 7))
            records = [run.recorded(f"{number}") for number, run in enumerate(runs)]
            pairs = [(Side(records[at : at + each]), Side(records[at + each : at + 2 * each]))
                     for at in range(len(records) - 2 * each + 1)]  # fmt: skip
            gates = [compare_runs(*pair, 2.0).gate for pair in pairs]
            slower = sum(bool(gate and gate.slower) for gate in gates)
            told = f"equal runs of 2 s, {each} a side: slower by 2 % in {slower} of {len(pairs)} pairs"
            yield Figure(f"{told}; in 60", "<= 3", [60 * slower / len(pairs)])

    def generations(self) -> Iterator[Figure]:
        yield from verdict_generations.figures(self._count(5, 1))

    def simulated(self) -> Iterator[Figure]:
        yield from verdict_simulations.coverage(self._count(400, 10))

    def cost(self) -> Iterator[Figure]:
        yield from statistics_cost.figures(self._share)


NAMES = [name for name in vars(Lines) if not name.startswith("_")]


def figures(share: float = 1.0, names: Sequence[str] = ()) -> Iterator[Figure]:
    lines = Lines(share)
    for name in names or NAMES:
        make: Callable[[], Iterator[Figure]] = getattr(lines, name)
        yield from make()


def _sequence(rounds: Sequence[Value], shift: float = 0.0) -> RunVerdict:
    sequence = RatioSequence()
    for one in rounds:
        sequence.add(one.log_ratio + shift, one.generation, one.ended_s)
    return sequence.verdict()


def _is_ever_sure(rounds: Sequence[Value]) -> bool:
    sequence = RatioSequence()
    for one in rounds:
        sequence.add(one.log_ratio, one.generation)
        if sequence.verdict().state == "sure":
            return True
    return False


def _resampled(pool: Sequence[Sequence[float]], random_: random.Random) -> list[Value]:
    """A run of whole generations, drawn from those that were measured; each is turned round in half of the cases."""
    rounds: list[Value] = []
    for number in itertools.count():
        sign = random_.choice((-1, 1))
        rounds += [Value(number, sign * value, 0.0) for value in random_.choice(pool)]
        if len(rounds) >= ROUNDS:
            return rounds[:ROUNDS]
    raise AssertionError


def _one_wild(rounds: Sequence[Value], random_: random.Random) -> list[Value]:
    at = random_.randrange(len(rounds))
    return [one._replace(log_ratio=one.log_ratio - math.log(10) * (index == at)) for index, one in enumerate(rounds)]


def _some_wild(rounds: Sequence[Value], random_: random.Random) -> list[Value]:
    return [
        one._replace(log_ratio=one.log_ratio - math.log(random_.uniform(2, 20)) * (random_.random() < 0.05))
        for one in rounds
    ]


def _exclude_each_other(one: Verdict, other: Verdict) -> bool:
    if not (one.ci_low and one.ci_high and other.ci_low and other.ci_high):
        return False
    return one.ci_low > other.ci_high or other.ci_low > one.ci_high


def _centres(runs: Sequence[Measured]) -> list[RunCentre]:
    """As the history keeps them; of runs that have an interval."""
    here = Here("here", "this", read_host())
    return [found.ratios[0].centre for run in runs for found in found_of(run.race.run, here)]


def _range(runs: Sequence[Measured]) -> str:
    ratios = [run.verdict.ratio or 1.0 for run in runs]
    return f"{min(ratios):.3f} to {max(ratios):.3f}"


def _half_percent(runs: Sequence[Measured]) -> float:
    return statistics.median(run.verdict.half_width_percent or math.inf for run in runs)


if __name__ == "__main__":
    words = sys.argv[1:]
    is_quick = "--quick" in words
    print(HEADER, flush=True)
    for figure in figures(0.05 if is_quick else 1.0, [word for word in words if word != "--quick"]):
        print(figure.row(), flush=True)
