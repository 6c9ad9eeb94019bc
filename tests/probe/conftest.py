from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from udstui.probe import generations
from udstui.probe.client import Probe


@pytest.fixture
def no_process_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine two rounds take longer than a first generation."""
    monkeypatch.setattr(generations, "FIRST_NS", generations.LONGEST_NS)


@pytest_asyncio.fixture
async def probe(folder: Path) -> AsyncIterator[Probe]:
    """In a TMPDIR of its own, which must be empty afterwards."""
    async with Probe() as running:
        yield running
    assert list(folder.iterdir()) == []
