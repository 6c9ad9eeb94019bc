from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.probe import cores
from udstui.probe.cores import Placement, place


@pytest.fixture(autouse=True)
def no_siblings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_siblings", lambda core: {core})


@pytest.mark.parametrize(
    ("wanted", "usual", "available", "placement"),
    [
        ("same", "split", (0, 1), Placement((1,), (1,))),
        ("split", "same", (0, 1), Placement((0,), (1,))),
        ("split", "same", (2, 5, 7), Placement((5,), (7,))),
        ("free", "same", (0, 1), Placement((0, 1), (0, 1))),
        ("auto", "same", (0, 1), Placement((1,), (1,))),
        ("auto", "split", (0, 1), Placement((0,), (1,))),
        ("auto", "split", (3,), Placement((3,), (3,))),
        ("1,0", "same", (0, 1), Placement((1,), (0,))),
        (" 1 , 1 ", "same", (0, 1), Placement((1,), (1,))),
    ],
)
def test_placements(wanted: str, usual: str, available: tuple[int, ...], placement: Placement) -> None:
    assert place(wanted, usual, available) == placement


def test_split_avoids_the_other_half_of_a_physical_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_siblings", lambda core: {2, 3} if core in (2, 3) else {0, 1})
    assert place("split", "same", (0, 1, 2, 3)) == Placement((1,), (3,))
    assert place("split", "same", (2, 3)) == Placement((2,), (3,))


@pytest.mark.parametrize(
    ("wanted", "available"),
    [("split", (0,)), ("0,2", (0, 1)), ("7,0", (0, 1)), ("0,99999", (0, 1))],
)
def test_what_cannot_be_is_refused_with_a_remedy(wanted: str, available: tuple[int, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        place(wanted, "same", available)
    assert caught.value.remedy
