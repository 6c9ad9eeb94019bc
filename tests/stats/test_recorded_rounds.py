"""Rounds recorded on a 2-core KVM machine with intervals of 50 ms, quiet and busy, replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from udstui.stats.sequence import RatioSequence, RunVerdict

RECORDED = [json.loads(line) for line in Path(__file__).with_name("recorded_rounds.jsonl").read_text().splitlines()]
ROUNDS_A_GENERATION = 4
"""The runs had one set of processes each; a fifth of a second stands for a generation."""


def replayed(machine: str, plan: str) -> list[list[RunVerdict]]:
    """Of each run the verdicts after every round."""
    runs = []
    for run in RECORDED:
        if (run["machine"], run["plan"]) == (machine, plan):
            sequence, seen = RatioSequence(), []
            for index, value in enumerate(run["log_ratios"]):
                sequence.add(value, index // ROUNDS_A_GENERATION)
                seen.append(sequence.verdict())
            runs.append(seen)
    return runs


def test_what_every_round_says_is_called() -> None:
    for machine, plan in (("quiet", "pingpong-same"), ("quiet", "rpc"), ("quiet", "block-split")):
        for run in replayed(machine, plan):
            assert run[-1].state == "sure" and run[-1].low is not None and run[-1].low > 0


@pytest.mark.parametrize(
    ("machine", "plan"), [("quiet", "aa-uds-same"), ("busy", "aa-uds-same"), ("busy", "aa-bulk-uds")]
)
def test_equals_are_not_called_different_in_the_end(machine: str, plan: str) -> None:
    assert [run[-1].state for run in replayed(machine, plan)] == ["not sure yet"] * 4


@pytest.mark.parametrize("machine", ["quiet", "busy"])
def test_states_do_not_flicker(machine: str) -> None:
    """However wild a machine is, a run takes a verdict back once at most."""
    for plan in {run["plan"] for run in RECORDED if run["machine"] == machine}:
        for run in replayed(machine, plan):
            assert run[-1].revoked <= 1


@pytest.mark.parametrize(
    ("machine", "plan", "told"),
    [
        (
            "quiet",
            "pingpong-same",
            [
                "0.288429 (0.202340 to 0.374517) sure, 15",
                "0.315050 (0.262646 to 0.367454) sure, 15",
                "0.325400 (0.280672 to 0.370128) sure, 15",
                "0.321086 (0.278416 to 0.363755) sure, 15",
            ],
        ),
        (
            "quiet",
            "rpc",
            [
                "0.066243 (0.058552 to 0.073934) sure, 15",
                "0.064221 (0.052176 to 0.076267) sure, 15",
                "0.061721 (0.048328 to 0.075115) sure, 15",
                "0.067464 (0.059472 to 0.075456) sure, 15",
            ],
        ),
        (
            "busy",
            "rpc",
            [
                "0.067946 (0.002053 to 0.133839) sure, 15",
                "0.047070 (-0.117396 to 0.211535) not sure yet, None",
                "0.112650 (-0.051441 to 0.276741) not sure yet, None",
                "0.109473 (-0.020751 to 0.239697) not sure yet, None",
            ],
        ),
        (
            "busy",
            "aa-uds-same",
            [
                "0.073023 (-0.174553 to 0.320600) not sure yet, None",
                "0.020043 (-0.145575 to 0.185661) not sure yet, None",
                "-0.001678 (-0.014970 to 0.011614) not sure yet, None",
                "0.102583 (-0.379454 to 0.584619) not sure yet, None",
            ],
        ),
    ],
)
def test_recorded_rounds_give_these_verdicts(machine: str, plan: str, told: list[str]) -> None:
    assert [described(run[-1]) for run in replayed(machine, plan)] == told


def described(verdict: RunVerdict) -> str:
    return f"{verdict.centre:.6f} ({verdict.low:.6f} to {verdict.high:.6f}) {verdict.state}, {verdict.called_at_round}"
