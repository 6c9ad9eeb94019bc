"""The dialog that has room for every caveat and its remedy; what was said stands before them, under its own heading."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from udstui.stats.caveats import Caveat


class CaveatsScreen(ModalScreen[None]):
    BINDINGS = [("escape", "dismiss", "Close")]

    def __init__(self, caveats: Sequence[Caveat], said: Sequence[str]) -> None:
        super().__init__()
        self._caveats = caveats
        self._said = said

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -wide-dialog") as dialog:
            dialog.border_title = "Messages and caveats" if self._said else "Caveats"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll(id="caveats"):
                if self._said:
                    yield Static("Said last", classes="title")
                    for text in self._said:
                        yield Static(text, markup=False)
                    yield Static("Caveats", classes="title")
                for caveat in self._caveats:
                    yield Static(Content.assemble((f"▲ {caveat.message}\n", "$text-warning"), caveat.remedy))
                if not self._caveats:
                    yield Static("No reason to doubt these figures was found.", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Close", variant="primary", id="close", compact=True)

    @on(Button.Pressed, "#close")
    def close(self) -> None:
        self.dismiss()
