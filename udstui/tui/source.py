"""Where the rounds on the screen come from: a probe, or a file. The dashboard is the same for both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from textual.screen import Screen

from udstui.tui.key import Groups
from udstui.tui.session import Session
from udstui.tui.state import State
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.view import View
from udstui.tui.words import Pieces

Commands = Mapping[str, Callable[..., Awaitable[None] | None]]


class Dashboard(View, Protocol):
    """What a source wants of the dashboard besides."""

    def tab(self, tab_id: str = "") -> SessionTab:
        """The tab with this id; the one in view without an id."""

    async def show_tab(self, tab: SessionTab) -> None: ...
    def push_screen(self, screen: Screen[Any], callback: Any) -> object: ...


class Source(Protocol):
    name: str
    """A class of the screen, so that the style sheet knows."""
    keys: Groups
    """Those that do something. A setting of the plan that none of them changes stays as it is."""
    tabs: Sequence[type[SessionTab]]
    titles: Sequence[str]
    """What stands at the top, the longest wording first."""
    session: Session
    state: State
    commands: Commands
    """What the keys of this source do: the actions `source('NAME', …)`."""
    view: Dashboard
    """Set by the dashboard, before it asks for anything."""

    async def run(self) -> None:
        """Put rounds into the session and have them drawn, until this is cancelled. Raises UdstuiError."""

    def state_wordings(self) -> list[Pieces]:
        """What is going on, the longest wording first."""

    def tick(self) -> None:
        """A second has passed."""

    def progress(self) -> str:
        """How far an experiment is; empty without one."""

    def farewell(self) -> list[str]:
        """Lines for the terminal when the dashboard is gone."""

    def close(self) -> None:
        """Leave nothing behind, however the dashboard ends. Called from any thread, and perhaps twice."""
