"""What each lane has over the first at each percentile: as a table, and in a line."""

from __future__ import annotations

import pytest

from tests.tui.sessions import segment_of
from udstui.plan import Plan
from udstui.tui.tabs.distribution import difference_lines, difference_sentence


def test_the_difference_at_each_percentile() -> None:
    assert difference_lines(segment_of(12)) == [
        "                  p50       p90       p99     p99.9    p99.99",
        "UDS           12.0 µs   14.4 µs   17.3 µs   20.9 µs         –",
        "TCP           18.0 µs   21.6 µs   26.0 µs   31.3 µs         –",
        "TCP − UDS    +5.98 µs  +7.20 µs  +8.70 µs  +10.4 µs         –",
    ]
    assert difference_lines(segment_of(12, Plan(transports=("uds",))))[1:] == [
        "UDS     12.0 µs   14.4 µs   17.3 µs   20.9 µs         –"
    ]


@pytest.mark.parametrize(
    ("width", "sentence"),
    [
        (78, "TCP − UDS  p50 +5.98 µs  p90 +7.20 µs  p99 +8.70 µs  p99.9 +10.4 µs  p99.99 –"),
        (58, "TCP − UDS  p50 +5.98 µs  p90 +7.20 µs  p99 +8.70 µs"),
        (30, "TCP − UDS  p50 +5.98 µs"),
        (12, "TCP − UDS"),
    ],
)
def test_the_differences_in_a_line(width: int, sentence: str) -> None:
    assert difference_sentence(segment_of(12), width) == sentence
    assert difference_sentence(segment_of(12, Plan(transports=("uds",))), width) == ""


THREE = ("uds", "tcp", "pipe")


def test_every_lane_is_told_beside_the_first() -> None:
    lines = difference_lines(segment_of(12, Plan(transports=THREE)))
    assert [line.split("  ")[0] for line in lines[1:]] == ["UDS", "TCP", "pipe", "TCP − UDS", "pipe − UDS"]
    assert lines[-2].split()[3] == "+5.98" and lines[-1].split()[3] == "+12.0"


@pytest.mark.parametrize(
    ("width", "sentence"),
    [
        (78, "over UDS  p50 TCP +5.98 µs, pipe +12.0 µs  p90 TCP +7.20 µs, pipe +14.2 µs"),
        (58, "over UDS  p50 TCP +5.98 µs, pipe +12.0 µs"),
        (40, "p50 over UDS  TCP +5.98 µs"),
    ],
)
def test_the_differences_of_more_lanes_in_a_line(width: int, sentence: str) -> None:
    assert difference_sentence(segment_of(12, Plan(transports=THREE)), width) == sentence
