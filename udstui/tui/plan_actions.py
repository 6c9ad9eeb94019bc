"""The keys that change what is measured, and how. A dialog is imported when it is opened: the first figure is first."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from udstui.errors import UsageError
from udstui.settings import SETTINGS, setting_named
from udstui.text.command_line import command_line
from udstui.text.plan import is_known
from udstui.tui.notices import Notices

if TYPE_CHECKING:
    from udstui.targets import Target


class PlanActions(Notices):
    """The part of the application that answers them."""

    @abstractmethod
    async def draw_plan(self) -> None: ...

    def _explained(self, name: str) -> str:
        """What a setting is now, and what that means; empty where that needs no words."""
        setting, value = setting_named(name), getattr(self.session.plan, name)
        means = setting.explain(value)
        return f"{setting.id}: {setting.format(value)}: {means}" if means else ""

    async def attempt(self, change: Callable[[], object], explained: str = "") -> None:
        """Change the plan, or say why that cannot be."""
        before = self.session.plan
        try:
            change()
        except UsageError as error:
            self.tell(str(error), "error", about="plan")
        else:
            if self.session.plan != before:
                self.session.new_segment()
                self.session.note("plan", command_line(self.session.plan))
                await self.draw_plan()
                self.tell(self._explained(explained) if explained else "")

    async def action_next_choice(self, setting: str, step: int = 1) -> None:
        await self.attempt(lambda: self.session.editor.next_choice(setting, step), setting)

    async def action_halve_size(self) -> None:
        await self.attempt(self.session.editor.halve_size)

    async def action_double_size(self) -> None:
        await self.attempt(self.session.editor.double_size)

    async def _change(self, setting: str, value: object) -> None:
        """What a dialog answered."""
        if value is not None:
            await self.attempt(lambda: self.session.editor.choose(setting, value), setting)

    def action_type_size(self) -> None:
        from udstui.tui.screens.size import SizeScreen
        from udstui.workloads import check_takes_size

        try:
            check_takes_size(self.session.plan)
        except UsageError as error:
            self.tell(str(error), "error", about="plan")
            return
        self.push_screen(SizeScreen(self.session.plan), lambda size: self._change("size_bytes", size))

    def action_choose_transports(self) -> None:
        from udstui.tui.screens.transports import TransportsScreen

        chosen = self.session.plan.transports
        self.push_screen(TransportsScreen(chosen), self._race)

    async def _race(self, chosen: tuple[str, ...] | Target | None) -> None:
        """What the dialog of the transports answered."""
        from udstui.targets import Target

        if isinstance(chosen, Target):
            lanes, workload = chosen.lanes(), chosen.spoken.workload if chosen.spoken else self.session.plan.workload
            await self.attempt(lambda: self.session.editor.choose("workload", workload, transports=lanes), "workload")
        else:
            await self._change("transports", chosen)

    def action_choose_more(self) -> None:
        """One of the settings that have choices but no key."""
        from udstui.tui.screens.choice import ChoiceScreen

        plan = self.session.plan
        others = {
            setting.id: setting
            for setting in SETTINGS
            if setting.choices and not (setting.key or setting.several)
            if setting.is_heeded(plan) and is_known(plan, setting.name)
        }
        rows = {
            name: f"{setting.format(getattr(plan, setting.name))} · {setting.about}" for name, setting in others.items()
        }
        if rows:
            self.push_screen(
                ChoiceScreen(f"More settings of {plan.workload}", rows, ""),
                lambda chosen: None if chosen is None else self.action_explain(others[chosen].name),
            )
        else:
            self.tell(f"{plan.workload} has no more settings")

    def action_explain(self, name: str) -> None:
        from udstui.tui.screens.choice import ChoiceScreen

        setting = setting_named(name)
        assert setting.choices
        chosen = setting.format(getattr(self.session.plan, name))
        self.push_screen(
            ChoiceScreen(setting.label, setting.choices(), chosen),
            lambda choice: self._change(name, None if choice is None else setting.parse(choice)),
        )
