from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from numpy.typing import NDArray

from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.stats.caveats import Caveat, Evidence, find_caveats
from udstui.stats.metrics import THROUGHPUT
from udstui.stats.steadiness import two_clusters
from udstui.stats.verdict import Verdict

STEADY = np.array([10_000.0, 10_100.0, 9_900.0] * 10)
FREE, SPIN, SPIN_IN_THREAD = Plan(cores="free"), Plan(wait="spin"), Plan(wait="spin", server="thread", runtime="python")
IN_PYTHON = Plan(runtime="python")
TWICE_TCP = Plan(transports=("tcp", "tcp"))
UDS_SOCKET = SocketSettings(212_992, 212_992, None)
TCP_SOCKET = SocketSettings(4_194_304, 131_072, True, "cubic")
DELAYED = SocketSettings(4_194_304, 131_072, False)
TWICE_UDS = Plan(transports=("uds", "uds"))
NARROW_UDS = SocketSettings(212_992, 106_496, None)
GROWN_TCP = SocketSettings(4_194_304, 6_291_456, True)
PACED = SocketSettings(4_194_304, 131_072, True, "bbr")
BULK = {"plan": Plan(workload="bulk-send"), "metric": THROUGHPUT}
OTHER_BUFFER = SocketSettings(1, 131_072, True)


def evidence(**changes: Any) -> Evidence:
    """A quiet machine: nothing to doubt, but for what is changed."""
    quiet: dict[str, Any] = {
        "plan": Plan(),
        "lanes": ("UDS", "TCP"),
        "figures": (STEADY, STEADY * 1.5),
        "verdict": verdict(1.49, 1.51),
        "client_cores": (1,),
        "server_cores": (1,),
        "steal_percent": 0.2,
        "other_cpu_percent": 2.0,
        "clock_step_ns": 60.0,
        "began_s": [0.25 * number for number in range(200)],
        "sockets": ((UDS_SOCKET, UDS_SOCKET), (TCP_SOCKET, TCP_SOCKET)),
    }
    made = quiet | changes
    of_the_second = made.pop("verdict")
    return Evidence(**({"verdicts": [of_the_second] if of_the_second else []} | made))


def verdict(low: float, high: float, rounds: int = 30) -> Verdict:
    return Verdict("op_p50_ns", "tcp", "uds", (low + high) / 2, low, high, rounds, True, generations=rounds / 3)


def lanes(values: NDArray[np.float64] | list[float]) -> dict[str, Any]:
    """The second lane's rounds."""
    return {"figures": (STEADY, np.array(values, np.float64))}


def scattered(percent: float) -> NDArray[np.float64]:
    """Even scatter with this robust coefficient of variation."""
    positions = np.tile(np.linspace(-2, 2, 41), 2)
    return 10_000 * (1 + positions * percent / 100 / 1.4826)


def clustered(share: int, factor: float) -> NDArray[np.float64]:
    """A value of 10 µs, but for `share` in 30 rounds that are slower; evenly spread over time."""
    return np.array([10_000.0 * (factor if index * share % 30 < share else 1.0) for index in range(30)])


def wild(factor: float) -> dict[str, Any]:
    """30 rounds, one of them so many times slower, and an interval that is wide for it."""
    values = STEADY.copy()
    values[7] *= factor
    return lanes(values) | {"verdict": verdict(1.3, 1.7)}


def codes(found: list[Caveat]) -> list[str]:
    return [caveat.code for caveat in found]


@pytest.mark.parametrize(
    ("code", "doubtful", "sound"),
    [
        ("steal", {"steal_percent": 1.1}, {"steal_percent": 1.0}),
        ("busy", {"other_cpu_percent": 10.1}, {"other_cpu_percent": 10.0}),
        ("throttled", {"throttled_percent": 0.1}, {"throttled_percent": 0.0}),
        ("governor", {"governor": "performance,powersave"}, {"governor": "performance"}),
        ("migrations", {"plan": FREE, "migrations": 1}, {"plan": FREE, "migrations": 0}),
        ("unheld", {"unheld": "sched_setaffinity: Operation not permitted", "migrations": 3}, {"unheld": ""}),
        ("unsteady", lanes(scattered(10.5)), lanes(scattered(9.5))),
        ("drift", lanes([10_000] * 15 + [10_520] * 15), lanes([10_000] * 15 + [10_480] * 15)),
        ("two-clusters", lanes(clustered(9, 1.12)), lanes(clustered(9, 1.09))),
        ("two-clusters", lanes(clustered(4, 1.5)), lanes(clustered(3, 1.5))),
        ("wide", {"verdict": verdict(1.34, 1.66)}, {"verdict": verdict(1.36, 1.64)}),
        ("wide", {"verdict": verdict(1.3, 1.7, 10)}, {"verdict": verdict(1.3, 1.7, 9)}),
        (
            "two-ratios",
            {"verdict": verdict(1.49, 1.51), "over_all": (10_000.0, 13_000.0)},
            {"verdict": verdict(1.49, 1.51), "over_all": (10_000.0, 14_300.0)},
        ),
        (
            "two-ratios",
            {"verdict": verdict(1.42, 1.58), "over_all": (10_000.0, 14_000.0)},
            {"verdict": verdict(1.38, 1.62), "over_all": (10_000.0, 14_000.0)},
        ),
        (
            "two-ratios",
            {"verdict": verdict(1.49, 1.51), "over_all": (10_000.0, 9_000.0)},
            {"verdict": None, "over_all": (1.0, 9.0)},
        ),
        ("spin-one-core", {"plan": SPIN}, {"plan": SPIN, "client_cores": (0,)}),
        ("spin-one-gil", {"plan": SPIN_IN_THREAD, "client_cores": (0,)}, {"plan": SPIN, "client_cores": (0,)}),
        ("clock", {"clock_step_ns": 101.0}, {"clock_step_ns": 100.0}),
        ("clock", {"clock_step_ns": 101.0}, {"clock_step_ns": 101.0, "metric": THROUGHPUT}),
        ("nagle", {"sockets": ((TCP_SOCKET, None), (DELAYED, TCP_SOCKET))}, {"sockets": ((TCP_SOCKET, None),)}),
        ("nagle", {"sockets": ((TCP_SOCKET, TCP_SOCKET), (TCP_SOCKET, DELAYED))}, {"sockets": ((None, TCP_SOCKET),)}),
        (
            "buffers",
            {"plan": TWICE_TCP, "sockets": ((TCP_SOCKET, TCP_SOCKET), (OTHER_BUFFER, TCP_SOCKET))},
            {"plan": TWICE_TCP, "sockets": ((TCP_SOCKET, TCP_SOCKET), (TCP_SOCKET, TCP_SOCKET))},
        ),
        (
            "buffers",
            {"plan": TWICE_UDS, "sockets": ((UDS_SOCKET, UDS_SOCKET), (UDS_SOCKET, NARROW_UDS))},
            {"plan": TWICE_TCP, "sockets": ((TCP_SOCKET, TCP_SOCKET), (TCP_SOCKET, GROWN_TCP))},
        ),
        ("not-native", {"plan": IN_PYTHON, "native_missing": "no library; build it"}, {"plan": IN_PYTHON}),
        ("not-native", {"plan": IN_PYTHON, "native_missing": "no library"}, {"native_missing": "no library"}),
        ("lost", {"lost_percents": (0.0, 0.11)}, {"lost_percents": (0.0, 0.1)}),
        ("sent-only", {"sent_only": ("TCP",)}, {"sent_only": ()}),
        ("in-python", {"in_python": ("TCP",)}, {"in_python": ()}),
        ("two-processes", {"plan": Plan(workload="memcached")}, {"plan": Plan(workload="redis")}),
        (
            "two-processes",
            {"plan": Plan(workload="memcached")},
            {"plan": Plan(workload="memcached", transports=("unix:/x", "tcp:127.0.0.1:1"))},
        ),
        (
            "paced",
            {**BULK, "sockets": ((UDS_SOCKET, None), (PACED, None))},
            {**BULK, "sockets": ((UDS_SOCKET, None), (TCP_SOCKET, PACED))},  # who only reads is not held back
        ),
        ("paced", {**BULK, "sockets": ((PACED, None),)}, {"sockets": ((PACED, PACED),)}),
        ("wild-round", wild(2.5), {**wild(2.5), "verdict": verdict(1.49, 1.51)}),
        (
            "buffers",
            {"plan": TWICE_TCP, "sockets": ((None, TCP_SOCKET), (None, OTHER_BUFFER))},
            {"plan": TWICE_TCP, "sockets": ((None, TCP_SOCKET), (OTHER_BUFFER, None))},
        ),
    ],
)
def test_found_when_it_applies_and_not_when_it_just_does_not(
    code: str, doubtful: dict[str, Any], sound: dict[str, Any]
) -> None:
    assert code in codes(find_caveats(evidence(**doubtful)))
    assert codes(find_caveats(evidence(**sound))) == []


@pytest.mark.parametrize(
    "few", [lanes(3 * scattered(40)), lanes([10_000] * 4 + [20_000] * 5), {"figures": (STEADY[:0], STEADY[:0])}]
)
def test_few_rounds_say_nothing_about_steadiness(few: dict[str, Any]) -> None:
    few = {"figures": tuple(values[:9] for values in few["figures"])}
    assert codes(find_caveats(evidence(**few))) == []


def test_nothing_known_is_nothing_to_doubt() -> None:
    assert find_caveats(Evidence(Plan())) == []


def test_each_says_what_and_what_to_do() -> None:
    worst = evidence(
        plan=SPIN_IN_THREAD,
        steal_percent=40.0,
        other_cpu_percent=120.0,
        migrations=7,
        clock_step_ns=4_000.0,
        verdict=verdict(1.0, 2.0),
        sockets=((UDS_SOCKET, UDS_SOCKET), (DELAYED, DELAYED)),
        **lanes([10_000] * 15 + [20_000] * 15),
    )
    found = find_caveats(worst)
    assert codes(found) == [
        "spin-one-core",
        "spin-one-gil",
        "nagle",
        "clock",
        "steal",
        "busy",
        "migrations",
        "two-clusters",
        "unsteady",
        "drift",
        "wide",
    ]
    assert all(caveat.message and caveat.remedy for caveat in found)
    assert "TCP fall into two groups, around 10.0 µs and 20.0 µs" in found[7].message


@pytest.mark.parametrize(
    ("every", "wild_round", "slower_from"), [(1, "round 8 ", "00:03 (round 14)"), (3, "round 22 ", "00:03 (round 40)")]
)
def test_a_caveat_says_which_round_and_when(every: int, wild_round: str, slower_from: str) -> None:
    began_at = datetime(2026, 1, 2, 12, 34, 56, tzinfo=UTC)
    clock = f"{(began_at + timedelta(seconds=1.75)).astimezone():%H:%M:%S}"
    for known, when in ((None, "at 00:01"), (began_at, clock)):
        message = find_caveats(evidence(every=every, run_began_at=known, **wild(2.5)))[0].message
        assert message.startswith(f"{wild_round}stands out ({when}): it alone makes up ")
    slower = find_caveats(evidence(every=every, **lanes([10_000] * 13 + [180_000] * 17)))
    assert f"TCP became 18.0x slower at {slower_from}, so its figure is that of neither time" in {
        caveat.message for caveat in slower
    }


def test_every_pair_that_is_told_is_looked_at_for_two_ratios() -> None:
    first, second = verdict(1.49, 1.51), structs.replace(verdict(1.19, 1.21), baseline="pipe")
    of_three = {"lanes": ("UDS", "TCP", "pipe"), "figures": [STEADY] * 3, "verdicts": [first, second]}
    (found,) = find_caveats(evidence(**of_three, over_all=(10_000.0, 15_000.0, 9_000.0)))
    assert found.code == "two-ratios"
    assert found.message.startswith(
        "round by round UDS against pipe is 1.20x, and by the figures of all operations 0.90x"
    )
    both = find_caveats(evidence(**of_three, over_all=(10_000.0, 8_000.0, 9_000.0)))
    assert [caveat.message for caveat in both] == [
        "round by round UDS against TCP is 1.50x, and by the figures of all operations 0.80x; "
        "UDS against pipe is 1.20x, and by the figures of all operations 0.90x: rounds were of several kinds"
    ]


def test_a_wild_round_among_many_of_its_generation_is_no_news() -> None:
    few, many = wild(2.5), wild(2.5)
    many["verdict"] = structs.replace(many["verdict"], generations=6.0)
    assert codes(find_caveats(evidence(**few))) == ["wild-round", "wide"]
    assert codes(find_caveats(evidence(**many))) == ["wide"]


@pytest.mark.parametrize(("outlier", "told"), [(0.109, True), (0.106, False)])
def test_a_round_is_blamed_from_four_fifths_of_the_scatter_on(outlier: float, told: bool) -> None:
    logs = np.array([-0.01] * 15 + [0.0] + [0.01] * 14 + [outlier])
    level = np.full(len(logs), 10_000.0)
    found = find_caveats(evidence(figures=(level, level * np.exp(logs)), verdict=verdict(1.3, 1.7)))
    assert codes(found) == [*["wild-round"] * told, "wide"]


def test_under_usual_noise_no_round_is_blamed_alone() -> None:
    random = np.random.default_rng(11)
    level = np.full(20, 10_000.0)
    for _ in range(500):
        noisy = level * np.exp(random.standard_normal(20))
        assert "wild-round" not in codes(find_caveats(evidence(figures=(level, noisy), verdict=verdict(1, 2))))


@pytest.mark.parametrize("outlier", [1.0, 10.0, 0.1])
def test_an_outlier_does_not_hide_two_clusters(outlier: float) -> None:
    random = np.random.default_rng(12)
    for _ in range(50):
        values = np.array([10_000.0] * 14 + [20_000.0] * 15 + [10_000 * outlier]) * random.normal(1, 0.03, 30)
        found = two_clusters(random.permutation(values))
        assert found == (pytest.approx(10_000, rel=0.05), pytest.approx(20_000, rel=0.05))


@pytest.mark.parametrize("rounds", [30, 100])
def test_rare_spikes_are_outliers_and_no_second_cluster(rounds: int) -> None:
    """Each round is one with a chance of 5 %: what is left are the series in which an eighth and more were."""
    random = np.random.default_rng(13)
    spiked = (
        random.normal(1, 0.03, rounds) * np.where(random.random(rounds) < 0.05, random.uniform(2, 10, rounds), 1)
        for _ in range(300)
    )
    assert sum(two_clusters(values) is not None for values in spiked) <= 0.06 * 300


def test_nobody_is_told_to_hold_what_is_held() -> None:
    doubtful = lanes(np.concatenate([scattered(60), 3 * scattered(60)]))
    for plan, told in ((Plan(cores="same"), False), (Plan(), False), (FREE, True)):
        remedies = [caveat.remedy for caveat in find_caveats(evidence(plan=plan, **doubtful))]
        assert remedies
        assert any("hold both sides" in remedy for remedy in remedies) == told


@pytest.mark.parametrize("rounds", [20, 40, 100])
def test_one_distribution_is_hardly_ever_taken_for_two(rounds: int) -> None:
    random = np.random.default_rng(3)
    for scatter in (random.standard_normal, random.standard_exponential, random.random):
        found = sum(two_clusters(20 + 3 * scatter(rounds)) is not None for _ in range(300))
        assert found <= 9


def test_drift_that_scatter_explains_is_no_drift() -> None:
    random = np.random.default_rng(4)
    found = sum(
        "drift" in codes(find_caveats(evidence(**lanes(10_000 * (1 + 0.09 * random.standard_normal(20))))))
        for _ in range(300)
    )
    assert found <= 9
