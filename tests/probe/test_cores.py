from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.host.topology import Core
from udstui.probe.cores import Placement, place


def alike(numbers: tuple[int, ...]) -> list[Core]:
    return [Core(number, frozenset({number})) for number in numbers]


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
    assert place(wanted, usual, available, alike) == placement


def thread(number: int, node: int = 0, speed: float = 1.0, *, threads: int = 2) -> Core:
    """One of a processor whose physical cores have so many threads, with numbers next to each other."""
    first = number // threads * threads
    return Core(number, frozenset(range(first, first + threads)), node, speed)


@pytest.mark.parametrize(
    ("cores", "same", "split"),
    [
        ([thread(0), thread(1), thread(2), thread(3)], 3, (1, 3)),
        ([thread(2), thread(3)], 3, (2, 3)),  # there is no other: its two threads
        (
            [thread(n) for n in range(4)] + [thread(n, speed=0.7, threads=1) for n in range(4, 8)],
            3,
            (1, 3),
        ),  # the highest numbers are the slow ones
        ([thread(0), thread(1), thread(2, speed=0.7, threads=1), thread(3, speed=0.7, threads=1)], 1, (3, 1)),
        ([thread(n, node=n % 2, threads=1) for n in range(8)], 7, (5, 7)),  # numbers in turns on two sockets
        ([thread(0, 0, threads=1), thread(1, 1, threads=1)], 1, (0, 1)),
    ],
)
def test_one_node_and_the_fastest_kind_are_chosen(cores: list[Core], same: int, split: tuple[int, int]) -> None:
    numbers = tuple(core.number for core in cores)
    assert place("same", "split", numbers, lambda _: cores) == ((same,), (same,))
    client, server = split
    assert place("split", "same", numbers, lambda _: cores) == ((client,), (server,))


@pytest.mark.parametrize(
    ("wanted", "available"),
    [("split", (0,)), ("0,2", (0, 1)), ("7,0", (0, 1)), ("0,99999", (0, 1))],
)
def test_what_cannot_be_is_refused_with_a_remedy(wanted: str, available: tuple[int, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        place(wanted, "same", available)
    assert caught.value.remedy
