"""Fixtures for the dashboard: an app with a scripted probe."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual._context import active_app
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.worker import Worker

from tests.scripted import HOST, PATIENCE_S, FakeProbe
from udstui.plan import Plan
from udstui.tui import race_loop
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live

_QUIET_TURNS = 5
"""Turns of the loop in which nothing came that was not there before."""


@pytest.fixture(autouse=True, scope="session")
def apps_are_freed() -> Iterator[None]:
    """An app keeps what it has made out of the collector's sight: rightly where it is the only one of its process."""
    gc.collect()
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        yield
    gc.unfreeze()


def _looks_for_servers(worker: Worker[object]) -> bool:
    """In a thread of its own, and moves what stands below when it has found some, or none."""
    return not worker.is_finished and getattr(worker._work, "__name__", "") == "_look"


async def until_nothing_is_due(min_sleep: float = 0.0, max_sleep: float = PATIENCE_S) -> None:
    """Wait until every message is handled and all is drawn. (Textual looks 50 times a second whether the CPU idles.)"""
    app, loop = active_app.get(), asyncio.get_running_loop()
    give_up = loop.time() + max_sleep
    await asyncio.sleep(min_sleep)
    quiet = 0
    while quiet < _QUIET_TURNS and loop.time() < give_up:
        screen = app.screen if app._running else None  # those behind it wait for their turn
        is_due = any(not pump._message_queue.empty() for pump in app._registry if pump._is_mounted) or (
            screen is not None and (screen._dirty_widgets or screen._layout_required or screen._callbacks)
        )
        is_due = is_due or app._resize_timer is not None or any(map(_looks_for_servers, app.workers))
        quiet = 0 if is_due else quiet + 1
        await asyncio.sleep(0.001)


@pytest.fixture(autouse=True, scope="session")
def styles_are_parsed_once() -> Iterator[None]:
    """Each app parses the same styles; here they are kept from one app to the next, by what their variables say."""
    parsed: dict[tuple[object, ...], list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def kept(sheet: Stylesheet, *what: object, **how: object) -> list[RuleSet]:
        key = (*what, *how.items(), *sorted(sheet._variables.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *what, **how)  # type: ignore[arg-type]
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", kept)
        yield


@pytest.fixture(autouse=True)
def the_pilot_waits_for_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("app", "pilot"):
        monkeypatch.setattr(f"textual.{place}.wait_for_idle", until_nothing_is_due)


@pytest.fixture(autouse=True)
def a_terminal_with_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")


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
    return UdstuiApp(Live(probe, Plan(), HOST))


@pytest.fixture
def any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that it runs on is in a picture: no theme, no path, not its cores, not how slow it is."""
    monkeypatch.setenv("HOME", "")
    monkeypatch.setattr(race_loop, "_now_s", lambda: 1.0)  # or a restart would be marked where a slow machine was
    monkeypatch.setattr("udstui.tui.notices.NOTICE_S", math.inf)
    for place in ("widgets.settings_bar", "tabs.anatomy"):
        monkeypatch.setattr(f"udstui.tui.{place}.available_cores", lambda: (0, 1))
