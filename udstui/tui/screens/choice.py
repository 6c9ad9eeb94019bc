"""The dialog that explains the choices of one setting, and takes one."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class ChoiceScreen(ModalScreen[str | None]):
    """Answers with the choice, or None when it is left as it was."""

    BINDINGS = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, choices: Mapping[str, str], chosen: str) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        width = max(len(name) for name in self._choices)
        options = []
        for name, explained in self._choices.items():
            row = Table.grid(padding=(0, 2))
            row.add_column(width=width, style="bold")
            row.add_column()
            row.add_row(name, explained)
            options.append(Option(row, id=name))
        with Vertical(classes="dialog -wide-dialog") as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "↑ ↓ choose · enter takes · esc leaves"
            yield OptionList(*options)

    def on_mount(self) -> None:
        if self._chosen in self._choices:
            self.query_one(OptionList).highlighted = list(self._choices).index(self._chosen)

    @on(OptionList.OptionSelected)
    def accept(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
