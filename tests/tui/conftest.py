"""Fixtures for the dashboard: an app with a scripted probe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripted import HOST, FakeProbe
from udstui.plan import Plan
from udstui.tui import race_loop
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live


@pytest.fixture
def probe() -> FakeProbe:
    return FakeProbe()


@pytest.fixture(autouse=True)
def every_round_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race_loop, "DRAW_EVERY_NS", 0)


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on the screen depends on the rounds alone."""
    monkeypatch.setattr("udstui.tui.app.TICK_S", 3600.0)


@pytest.fixture(autouse=True)
def nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on the screen does not depend on the servers of this machine."""
    monkeypatch.setattr("udstui.tui.screens.transports.find_targets", list)


@pytest.fixture
def app(probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch) -> UdstuiApp:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(race_loop, "RETRY_AFTER_S", 0.0)
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = UdstuiApp(Live(probe, Plan(), HOST))
    app.animation_level = "none"
    return app
