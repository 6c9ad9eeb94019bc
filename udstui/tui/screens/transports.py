"""The dialog that chooses who races whom."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Button, Input, Label, OptionList, Select

from udstui.errors import UsageError
from udstui.plain import plain
from udstui.plan import MOST_LANES
from udstui.settings import completions, setting_named
from udstui.targets import Target, find_targets
from udstui.text.targets import who
from udstui.transports import TRANSPORTS, lane_label, transport_of
from udstui.transports.options import examples
from udstui.units import describe_size

_NONE = ""
_EXAMPLE = "or type a lane, like tcp[nodelay=off,sndbuf=1M]"


def described(name: str) -> Content:
    """A transport, what it is, and its limit, or what its option does; grey, with the reason, where it is missing."""
    transport, option = transport_of(name), examples().get(name)
    if problem := transport.missing():
        return Content.styled(f"{lane_label(name)}: {problem}", "$quiet")
    if option:
        return Content.assemble(lane_label(name), (f"  {option}", "$quiet"))
    largest = transport.largest_size_bytes()
    limit = "" if largest is None else f", up to {describe_size(largest)}"
    return Content.assemble(transport.label, (f"  {transport.about}{limit}", "$quiet"))


class _Lanes(Suggester):
    """Goes on with a lane's name as the shell does."""

    async def get_suggestion(self, value: str) -> str | None:
        ways = (*TRANSPORTS, *completions.lanes(value))
        return next((way for way in ways if value and way.startswith(value)), None)


class TransportsScreen(ModalScreen[tuple[str, ...] | Target | None]):
    """Answers with the names of the transports, with a server to race, or with None when all is left as it was."""

    BINDINGS = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, transports: tuple[str, ...]) -> None:
        super().__init__()
        self._transports = transports
        self._targets: list[Target] = []

    def compose(self) -> ComposeResult:
        known = (*TRANSPORTS, *examples())
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Transports"
            dialog.border_subtitle = "tab goes on · enter opens · esc leaves"
            yield Label("Up to four lanes; the same one twice shows how sure the verdict is", markup=False)
            for lane in range(MOST_LANES):
                choices = [(Content("–"), _NONE)] if lane else []
                choices += [(described(name), name) for name in known]
                choices += [(Content(name), name) for name in dict.fromkeys(self._transports) if name not in known]
                chosen = self._transports[lane] if lane < len(self._transports) else _NONE
                yield Select(choices, value=chosen, allow_blank=False, compact=True)
            yield Input(placeholder=_EXAMPLE, id="typed", suggester=_Lanes(), compact=True)
            yield Label("", id="problem", markup=False)
            yield Label("Or a server that runs already, at both its ends:", id="or", markup=False)
            yield OptionList(id="targets", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Race", variant="primary", id="race", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self._show_targets()
        self.run_worker(self._look())

    async def _look(self) -> None:
        """In a thread: to go through all processes takes as long as there are many."""
        found = await asyncio.to_thread(find_targets)
        self._targets = [target for target in found if target.is_worth_a_race]
        self._show_targets()

    def _show_targets(self) -> None:
        shown = self.query_one("#targets", OptionList)
        for target in self._targets:
            lanes = " ".join(map(plain, target.lanes()))
            shown.add_option(Content.assemble(who(target), (f"\n  {lanes}", "$quiet")))
        shown.highlighted = 0 if self._targets else None
        shown.display = self.query_one("#or").display = bool(self._targets)

    @on(OptionList.OptionSelected)
    def race(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._targets[event.option_index])

    @on(Input.Submitted)
    @on(Button.Pressed, "#race")
    def accept(self) -> None:
        chosen = [name for select in self.query(Select) if (name := str(select.value)) != _NONE]
        try:
            self.dismiss(self._checked(chosen, self.query_one("#typed", Input).value.strip()))
        except UsageError as error:
            self.query_one("#problem", Label).update(str(error))

    def _checked(self, chosen: list[str], typed: str) -> tuple[str, ...]:
        """All lanes. Raises UsageError for one that cannot be had, or is not written like one, and for too many."""
        if typed:
            chosen.append(setting_named("transports").parse(typed))
        if len(chosen) > MOST_LANES:
            raise UsageError(f"{len(chosen)} lanes are too many", "take one away above")
        for name in chosen:
            if problem := transport_of(name).missing():
                raise UsageError(f"{lane_label(name)}: {problem}")
        return tuple(chosen)

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        self.dismiss(None)
