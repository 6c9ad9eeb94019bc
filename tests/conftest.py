"""Fixtures for all rooms."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.folders import short_folder
from udstui.transports import TRANSPORTS, Transport

settings.register_profile("on any machine", deadline=None)
settings.load_profile("on any machine")

gc.disable()  # until all is collected


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: it need not be looked through again and again."""
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
    gc.enable()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder with a path short enough for sockets; the TMPDIR of this test and of what it starts."""
    with short_folder() as path:
        monkeypatch.setenv("TMPDIR", str(path))
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield path


@pytest.fixture(params=["uds", "tcp"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """The two that everything is about, in turn."""
    return TRANSPORTS[request.param]


@pytest.fixture(params=[name for name in TRANSPORTS if not TRANSPORTS[name].native_only])
def any_transport(request: pytest.FixtureRequest) -> Transport:
    """Every transport with descriptors in turn; skipped where the system lacks it."""
    transport = TRANSPORTS[request.param]
    if problem := transport.missing():
        pytest.skip(problem)
    return transport


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the tests, and what they start, leave their history: never in the user's own folder."""
    path = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(path))
        yield path
