from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runtimes.native.ends import KINDS, End, connected, loops_or_skip
from udstui.runtimes.native.binding import Loops


@pytest.fixture(scope="session")
def loops() -> Loops:
    return loops_or_skip()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ends(kind: str) -> Iterator[tuple[End, End]]:
    """Our end and theirs."""
    with connected(kind) as both:
        yield both


@pytest.fixture(params=["block", "spin", "poll"])
def wait(request: pytest.FixtureRequest) -> str:
    """Of a service; the loops of a client that polls are functions of their own."""
    return str(request.param)


@pytest.fixture(params=["block", "spin"])
def spin(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "spin")
