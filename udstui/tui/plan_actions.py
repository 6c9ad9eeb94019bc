"""The keys that change what is measured, and how."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from textual.app import App

from udstui.errors import UsageError
from udstui.text.command_line import command_line
from udstui.tui.keys import EXPLANATIONS
from udstui.tui.screens.choice import ChoiceScreen
from udstui.tui.screens.race import RaceScreen
from udstui.tui.screens.size import SizeScreen
from udstui.tui.screens.transports import TransportsScreen
from udstui.tui.session import Session
from udstui.tui.state import State


class PlanActions(App[None]):
    """The part of the application that answers them."""

    session: Session
    state: State
    race: RaceScreen

    @abstractmethod
    def tell(self, text: str, kind: str = "") -> None: ...

    @abstractmethod
    def show_state(self) -> None: ...

    async def draw_plan(self, explained: str = "") -> None:
        """The plan was changed: on the screen at once, in the figures with the next round."""
        self.state.waiting_rounds = None
        self.session.note("plan", command_line(self.session.plan))
        await self.race.show_plan()
        self.show_state()
        value = getattr(self.session.plan, explained, "")
        self.tell(f"{explained}: {value}: {EXPLANATIONS[explained].get(value, 'client, server')}" if explained else "")

    async def attempt(self, change: Callable[[], object], explained: str = "") -> None:
        """Change the plan, or say why that cannot be."""
        before = self.session.plan
        try:
            change()
        except UsageError as error:
            self.tell(str(error))
        else:
            if self.session.plan != before:
                await self.draw_plan(explained)

    async def action_next_workload(self) -> None:
        await self.attempt(self.session.next_workload)

    async def action_halve_size(self) -> None:
        await self.attempt(self.session.halve_size)

    async def action_double_size(self) -> None:
        await self.attempt(self.session.double_size)

    async def action_next_connections(self) -> None:
        await self.attempt(self.session.next_connections)

    async def action_next_server(self) -> None:
        self.session.next_server()
        await self.draw_plan("server")

    async def action_next_cores(self) -> None:
        self.session.next_cores()
        await self.draw_plan("cores")

    async def action_next_wait(self) -> None:
        self.session.next_wait()
        await self.draw_plan("wait")

    async def _change(self, setting: str, value: object) -> None:
        """What a dialog answered."""
        if value is not None:
            explained = setting if setting in EXPLANATIONS else ""
            await self.attempt(lambda: self.session.change(**{setting: value}), explained)

    def action_type_size(self) -> None:
        self.push_screen(SizeScreen(self.session.plan), lambda size: self._change("size_bytes", size))

    def action_choose_transports(self) -> None:
        chosen = self.session.plan.transports
        self.push_screen(TransportsScreen(chosen), lambda names: self._change("transports", names))

    def action_explain(self, setting: str) -> None:
        chosen = getattr(self.session.plan, setting)
        self.push_screen(
            ChoiceScreen(setting.capitalize(), EXPLANATIONS[setting], chosen),
            lambda value: self._change(setting, value),
        )
