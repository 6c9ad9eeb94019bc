from __future__ import annotations

import pytest

from udstui.stats.verdict import OnThisMachine, Verdict
from udstui.text.verdict_sentence import verdict_sentence

SEVERAL = OnThisMachine(1.72, 1.61, 1.85, 9)


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict("op_p50_ns", "tcp", "uds", 1.47, 1.44, 1.5, 212, True),
         "UDS is 1.47x faster than TCP at the median (95 % CI 1.44 to 1.50, 212 rounds)"),
        (Verdict("op_mean_ns", "tcp", "uds", 0.5, 0.4, 0.8, 10, True),
         "TCP is 2.00x faster than UDS at the mean (95 % CI 1.25 to 2.50, 10 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.00312, 1.0012, 1.00504, 900, True),
         "UDS is 1.003x faster than TCP at the median (95 % CI 1.001 to 1.005, 900 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1 / 1.001, 1 / 1.0019, 1 / 1.00012, 900, True),
         "TCP is 1.001x faster than UDS at the median (95 % CI 1.0001 to 1.002, 900 rounds)"),
        (Verdict("gb_per_s", "tcp", "uds", 1.2, 1.1, 1.3, 50, True),
         "UDS carries 1.20x as much as TCP (95 % CI 1.10 to 1.30, 50 rounds)"),
        (Verdict("op_p50_ns", "uds:2", "uds", 1.01, 0.98, 1.04, 50, False),
         "Not sure yet which of UDS and UDS 2 is better in median (UDS 1.01x, 95 % CI 0.98 to 1.04, 50 rounds)"),
        (Verdict("gb_per_s", "uds:2", "uds", 1.01, 0.05, 20.0, 50, False),
         "Not sure yet which of UDS and UDS 2 is better in throughput (UDS 1.01x, 95 % CI wider than 10x, 50 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.63, 1.62, 1.64, 212, True, on_this_machine=SEVERAL),
         "UDS is 1.63x faster than TCP at the median "
         "(95 % CI 1.62 to 1.64 in this run, 1.61 to 1.85 in 9 runs on this machine, 212 rounds)"),
        (Verdict("op_p50_ns", "uds", "tcp", 0.5, 0.4, 0.8, 10, True, on_this_machine=OnThisMachine(0.5, 0.4, 0.625, 3)),
         "UDS is 2.00x faster than TCP at the median "
         "(95 % CI 1.25 to 2.50 in this run, 1.60 to 2.50 in 3 runs on this machine, 10 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.01, 0.98, 1.04, 50, False, on_this_machine=SEVERAL),
         "Not sure yet which of UDS and TCP is better in median "
         "(UDS 1.01x, 95 % CI 0.98 to 1.04 in this run, 1.61 to 1.85 in 9 runs on this machine, 50 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", 1.5, None, None, 9, False),
         "Too early to compare UDS and TCP in median (9 of 10 rounds, UDS 1.50x so far)"),
        (Verdict("op_p50_ns", "pipe", "uds", 0.5, None, None, 9, False),
         "Too early to compare UDS and pipe in median (9 of 10 rounds, pipe 2.00x so far)"),
        (Verdict("op_p50_ns", "pipe", "uds", 0.8, 0.5, 1.25, 50, False),
         "Not sure yet which of UDS and pipe is better in median (pipe 1.25x, 95 % CI 0.80 to 2.00, 50 rounds)"),
        (Verdict("op_p50_ns", "tcp", "uds", None, None, None, 0, False), "Too early (0 rounds)"),
    ],
)  # fmt: skip
def test_verdicts_as_sentences(verdict: Verdict, sentence: str) -> None:
    assert verdict_sentence(verdict) == sentence
