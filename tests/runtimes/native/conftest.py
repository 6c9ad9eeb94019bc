from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runtimes.native.ends import KINDS, End, connected
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.library import load, why_not


@pytest.fixture(scope="session")
def loops() -> Loops:
    library = load()
    if library is None:
        pytest.skip(why_not())
    return Loops(library)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ends(kind: str) -> Iterator[tuple[End, End]]:
    """Our end and theirs."""
    with connected(kind) as both:
        yield both


@pytest.fixture(params=["block", "spin"])
def spin(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "spin")
