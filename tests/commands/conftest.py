from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from tests.scripted import Script
from udstui.commands import measure


@pytest.fixture
def full_disk() -> Iterator[TextIO]:
    """What has no room for a line. To be put in place of stdout by the test itself: pytest does so before."""
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115 - what it did not take cannot be closed quietly
    yield full
    with contextlib.suppress(OSError):
        full.close()


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Script:
    probe = Script()
    monkeypatch.setattr(measure, "Probe", lambda: probe)
    monkeypatch.setattr(measure, "hold_signals", lambda: None)  # they are pytest's
    return probe
