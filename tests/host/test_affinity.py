from __future__ import annotations

import os
from typing import NoReturn

import pytest

from udstui.host import affinity
from udstui.host.affinity import available_cores, stay_on


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refuse)


def test_it_is_held_where_it_runs_already() -> None:
    assert stay_on(available_cores()) == ""


@pytest.mark.usefixtures("refused")
def test_the_call_that_is_refused_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(affinity, "available_cores", lambda: (0, 1))
    assert stay_on({1}) == "sched_setaffinity: Operation not permitted"
    assert stay_on((0, 1)) == "", "there it runs, whether it may say so or not"


def test_a_core_that_is_not_there_is_told_of() -> None:
    assert stay_on({4000}).startswith("sched_setaffinity: ")


@pytest.mark.parametrize("error", [PermissionError(1, "no"), OSError(38, "not there")])
def test_where_it_may_not_ask_the_cores_are_those_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def refuse(_: int) -> NoReturn:
        raise error

    monkeypatch.setattr(os, "sched_getaffinity", refuse)
    assert len(available_cores()) == os.sysconf("SC_NPROCESSORS_ONLN")
