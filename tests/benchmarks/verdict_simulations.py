"""What the verdict promises, counted in simulated runs with fixed seeds.

`python -m tests.benchmarks.verdict_simulations [SHARE]` prints a table; a share of 0.1 makes a tenth of the runs. All
of them take some minutes.
"""

from __future__ import annotations

import itertools
import math
import statistics
import sys
from collections.abc import Callable, Iterator
from time import thread_time_ns

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.figure import HEADER, Figure
from udstui.probe.generations import FIRST_NS, LONGER_BY, LONGEST_NS
from udstui.stats.across_runs import RunCentre, expected_next, sets_differ
from udstui.stats.at_one_look import look_once
from udstui.stats.sequence import RatioSequence, RunVerdict

Rounds = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int], Rounds]
"""The rounds of one generation, around 0."""
ROUNDS = 1000
ROUNDS_A_SECOND = 90
_ROUND_NS = 2 * 20 * 10**6
"""Of two lanes."""
SIZES, PASSES, ROUNDS_A_PASS = 13, 5, 3
"""Of a sweep."""


def autoregressive(rho: float) -> Noise:
    def noise(random: np.random.Generator, rounds: int) -> Rounds:
        steps = random.standard_normal(rounds)
        steps[1:] *= math.sqrt(1 - rho**2)
        return np.array(list(itertools.accumulate(steps, lambda last, step: rho * last + step)))

    return noise


def biased(times: float) -> Noise:
    """Every generation has a bias, so many times as large as the scatter of rounds."""
    return lambda random, rounds: times * random.standard_normal() + random.standard_normal(rounds)


def bimodal(random: np.random.Generator, rounds: int) -> Rounds:
    return random.choice([-1.0, 1.0], rounds) + 0.2 * random.standard_normal(rounds)


def heavy_tails(random: np.random.Generator, rounds: int) -> Rounds:
    return random.standard_t(2.1, rounds)


def sticky(stay: float) -> Noise:
    """Two modes, one of which is left with a probability of 1 - stay."""

    def noise(random: np.random.Generator, rounds: int) -> Rounds:
        mode = np.cumsum(random.random(rounds) > stay) + random.integers(2)
        return 2.0 * (mode % 2) - 1 + 0.2 * random.standard_normal(rounds)

    return noise


NOISES: dict[str, Noise] = {
    "independent": autoregressive(0.0),
    "AR(1) 0.5 in a generation": autoregressive(0.5),
    "a bias a generation of 0.5 times the scatter of rounds": biased(0.5),
    "a bias of once": biased(1.0),
    "a bias of twice": biased(2.0),
    "bimodal": bimodal,
    "t(2.1)": heavy_tails,
}
REPORTED: dict[str, Noise] = {
    "AR(1) 0.8 in a generation": autoregressive(0.8),
    "modes that last 4 rounds": sticky(0.75),
    "modes that last 33 rounds": sticky(0.97),
    "a bias of three times": biased(3.0),
}
"""What is told as it is, without a goal."""


def generations(noise: Noise, random: np.random.Generator, rounds: int) -> Iterator[tuple[int, float]]:
    """So many rounds with the number of their generation, as long as those of a default race; the last is cut short."""
    made = 0
    for number in itertools.count():
        length_ns = min(FIRST_NS * LONGER_BY**number, LONGEST_NS)
        for value in noise(random, math.ceil(length_ns / _ROUND_NS)):
            if made == rounds:
                return
            made += 1
            yield number, float(value)


def every_verdict(rounds: Iterator[tuple[int, float]]) -> Iterator[RunVerdict]:
    sequence = RatioSequence()
    for generation, value in rounds:
        sequence.add(value, generation)
        yield sequence.verdict()


def holds_always(rounds: Iterator[tuple[int, float]]) -> bool:
    """Whether the interval holds 0 at every moment."""
    return all(one.low is None or one.high is None or one.low <= 0 <= one.high for one in every_verdict(rounds))


def run_of(rounds: Rounds, generations_a_second: float) -> RunVerdict:
    """Of a run with ROUNDS_A_SECOND."""
    sequence = RatioSequence()
    for index, value in enumerate(rounds.tolist()):
        sequence.add(value, int(index / ROUNDS_A_SECOND * generations_a_second))
    return sequence.verdict()


def percent_of(count: int, of: int) -> list[float]:
    return [100 * count / of]


def coverage(runs: int) -> Iterator[Figure]:
    for number, (name, noise) in enumerate({**NOISES, **REPORTED}.items()):
        random = np.random.default_rng(100 + number)
        kept = sum(holds_always(generations(noise, random, ROUNDS)) for _ in range(runs))
        goal = 94.0 if name in NOISES else 0.0
        told = f"at every moment up to {ROUNDS} rounds the interval holds the truth: {name} ({kept} of {runs} runs)"
        yield Figure(told, f">= {goal:g}", percent_of(kept, runs), "%")


def one_percent(runs: int) -> Iterator[Figure]:
    for scatter, a_second in itertools.product((0.5, 1.0, 1.5), (8 / 3, 4.0, 5.0, 8.0)):
        random = np.random.default_rng(200)
        called = wrong = 0
        for _ in range(runs):
            noise = scatter / 100 * random.standard_normal(ROUNDS_A_SECOND)
            found, equal = run_of(noise + math.log(1.01), a_second), run_of(noise, a_second)
            called += found.state == "sure"
            wrong += equal.state == "sure"
        where = f"rounds scatter by {scatter:g} %, {a_second:.3g} generations a second ({runs} runs)"
        yield Figure(f"1 % is called within 1 s: {where}", ">= 90", percent_of(called, runs), "%")
        yield Figure(f"equals are called within 1 s: {where}", "<= 5", percent_of(wrong, runs), "%")


def width(runs: int) -> Iterator[Figure]:
    for a_second, share in itertools.product((5 / 3, 8 / 3, 5.0), (0.0, 1.0)):
        random = np.random.default_rng(300)
        number = np.arange(3 * ROUNDS_A_SECOND) * a_second // ROUNDS_A_SECOND
        found = []
        for _ in range(runs):
            biases = share * random.standard_normal(int(number[-1]) + 1)
            found.append(run_of(0.01 * (biases[number.astype(int)] + random.standard_normal(len(number))), a_second))
        sd = statistics.stdev([one.centre or 0.0 for one in found])
        halves = [((one.high or 0.0) - (one.low or 0.0)) / 2 / 1.96 / sd for one in found]
        apart = sum(
            (one.low or 0) > (other.high or 0) or (other.low or 0) > (one.high or 0)
            for one, other in itertools.combinations(found[:120], 2)
        )
        pairs = 66 * apart / math.comb(len(found[:120]), 2)
        where = f"{3 * a_second:.0f} generations in 3 s, their bias {share:g} times the scatter of rounds ({runs} runs)"
        yield Figure(f"half-width over 1.96 sd: {where}", "<= 2.5", halves)
        yield Figure(f"intervals that exclude each other, of 66 pairs: {where}", "<= 3", [pairs])


def wild(runs: int) -> Iterator[Figure]:
    """UDS is 1.3 times faster, rounds scatter by 2 %, eight generations in 3 s."""
    random = np.random.default_rng(400)
    moved: dict[str, list[float]] = {"one round is 10 times slower": [], "5 % of rounds are 2 to 20 times slower": []}
    lost = dict.fromkeys(moved, 0)
    for _ in range(runs):
        rounds = math.log(1.3) + 0.02 * random.standard_normal(3 * ROUNDS_A_SECOND)
        calm, one, many = run_of(rounds, 8 / 3), rounds.copy(), rounds.copy()
        one[random.integers(len(one))] -= math.log(10)
        chosen = random.random(len(many)) < 0.05
        many[chosen] -= np.log(random.uniform(2, 20, int(chosen.sum())))
        for name, values in zip(moved, (one, many), strict=True):
            found = run_of(values, 8 / 3)
            moved[name].append(100 * abs((found.centre or 0) - (calm.centre or 0)))
            lost[name] += found.state != calm.state
    for name, moves in moved.items():
        yield Figure(f"{name}: the centre moves by at most ({runs} runs)", "<= 1", [max(moves)], "%")
        yield Figure(f"{name}: runs whose verdict differs", "<= 0", [lost[name]])


def next_runs(times: int) -> Iterator[Figure]:
    """Runs lie apart by 1 %, and know their centres with an error of 0.3 %."""
    random = np.random.default_rng(500)
    enough, inside, widths = 0, 0, []
    for _ in range(times):
        centres = 0.01 * random.standard_normal(20)
        expected = expected_next([RunCentre(float(centre), 0.003) for centre in centres[:8]])
        assert expected is not None
        hits = int(((expected.low <= centres[8:]) & (centres[8:] <= expected.high)).sum())
        inside, enough = inside + hits, enough + (hits >= 11)
        widths.append((expected.high - expected.low) / float(np.ptp(centres[8:])))
    yield Figure(
        f"after 8 runs, next runs inside of what is expected ({times} times)",
        ">= 95",
        percent_of(inside, 12 * times),
        "%",
    )
    yield Figure("of 12 next runs 11 or 12 are inside", ">= 80", percent_of(enough, times), "%")
    yield Figure("width of what is expected over the range of 12 next runs", "<= 2", widths)


def compared(pairs: int) -> Iterator[Figure]:
    """Two runs of the same with eight generations each, which moods of the machine move by 0.7 % and by 2 %."""
    for mood, history in itertools.product((0.7, 2.0), (0, 6)):
        random = np.random.default_rng(600)
        slower = 0
        for _ in range(pairs):
            runs = []
            for _ in range(2 + history):
                rounds = 0.01 * (mood * random.standard_normal() + random.standard_normal((8, 34)))
                found = look_once(rounds.tolist())
                runs.append(RunCentre(found.centre, found.error, found.generations))
            slower += sets_differ(runs[:1], runs[1:2], runs[2:]).low > math.log(1.02)
        told = (
            f"two equal runs, moods of {mood} %, {history} runs before them: slower by 2 %, of 60 pairs ({pairs} pairs)"
        )
        yield Figure(told, "<= 3", [60 * slower / pairs])


def sweeps(times: int) -> Iterator[Figure]:
    for bias in (0.0, 3.0):
        random = np.random.default_rng(700)
        wrong = 0
        for _ in range(times):
            rounds = random.standard_normal((SIZES, PASSES, ROUNDS_A_PASS)) + bias * random.standard_normal(
                (SIZES, PASSES, 1)
            )
            found = [look_once(size, SIZES) for size in rounds.tolist()]
            wrong += any(not one.low <= 0 <= one.high for one in found)
        told = f"sweeps of equals with a winner at some size, bias {bias:g} times the scatter ({wrong} of {times})"
        allowed = 5 + 2 * math.sqrt(5 * 95 / times)  # and two standard errors
        yield Figure(told, f"<= {allowed:.1f}", percent_of(wrong, times), "%")


def cost() -> Iterator[Figure]:
    values = np.random.default_rng(800).standard_normal(100_000).tolist()
    sequence = RatioSequence()
    started = thread_time_ns()
    for index, value in enumerate(values):
        sequence.add(value, index // 30)
    each_us = (thread_time_ns() - started) / len(values) / 1e3
    started = thread_time_ns()
    sequence.verdict()
    yield Figure("a round is added to 100,000", "<= 20", [each_us], "µs")
    yield Figure("a verdict over 100,000 rounds", "<= 5", [(thread_time_ns() - started) / 1e6], "ms")


def figures(share: float = 1.0) -> Iterator[Figure]:
    runs = max(10, round(400 * share))
    yield from coverage(runs)
    yield from one_percent(runs)
    yield from width(runs)
    yield from wild(runs)
    yield from next_runs(10 * runs)
    yield from compared(10 * runs)
    yield from sweeps(5 * runs)
    yield from cost()


if __name__ == "__main__":
    print(HEADER, flush=True)
    for figure in figures(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure.row(), flush=True)
