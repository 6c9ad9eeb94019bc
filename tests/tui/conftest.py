"""Fixtures for the dashboard: an app with a scripted probe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import _wait

from tests.tui.fake_probe import HOST, FakeProbe
from udstui.plan import Plan
from udstui.tui import race_loop
from udstui.tui.app import UdstuiApp


@pytest.fixture
def probe() -> FakeProbe:
    return FakeProbe()


@pytest.fixture
def app(probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch) -> UdstuiApp:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(race_loop, "RETRY_AFTER_S", 0.0)
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = UdstuiApp(probe, Plan(), HOST)
    app.animation_level = "none"
    return app


@pytest.fixture(autouse=True, scope="session")
def _quick_pilot() -> Iterator[None]:
    """The pilot calls the app idle after 20 ms of little CPU time, twice a key: half of the time of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_wait, "SLEEP_GRANULARITY", 0.005)
        patch.setattr(_wait, "SLEEP_IDLE", 0.001)
        yield
