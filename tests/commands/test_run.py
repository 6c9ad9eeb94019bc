from __future__ import annotations

import pytest

from tests.tui.fake_probe import make_round
from udstui.commands.run import is_known_within, until_sentence
from udstui.plan import Plan
from udstui.recording.run import Segment


def segment_of(rounds: int, transports: tuple[str, ...] = ("uds", "tcp")) -> Segment:
    segment = Segment(Plan(transports=transports))
    for number in range(rounds):
        segment.add(make_round(segment.plan, number))
    return segment


@pytest.mark.parametrize(
    ("rounds", "percent", "known"),
    [(30, 2.0, True), (9, 50.0, False), (30, 0.01, False), (0, 2.0, False), (30, None, False)],
)
def test_enough_is_known_when_the_interval_is_narrow_after_enough_rounds(
    rounds: int, percent: float | None, known: bool
) -> None:
    assert is_known_within(segment_of(rounds), percent) == known


def test_one_lane_has_no_interval() -> None:
    assert not is_known_within(segment_of(30, ("uds",)), 2.0)


@pytest.mark.parametrize(
    ("segment", "percent", "start"),
    [
        (segment_of(30), 2.0, "Ended because the ratio is known to within 0."),
        (segment_of(30), 0.1, "Ended before the ratio was known to within 0.1 %: it is known to within 0."),
        (segment_of(1), 2.0, "Ended with the duration: there is no interval to be narrower than 2.0 %"),
    ],
)
def test_which_of_the_two_ended_it(segment: Segment, percent: float, start: str) -> None:
    assert until_sentence(segment, percent).startswith(start)
