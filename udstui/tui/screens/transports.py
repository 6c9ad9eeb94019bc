"""The dialog that chooses who races whom."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Select

from udstui.plan import MOST_LANES
from udstui.transports import TRANSPORTS

_NONE = ""


class TransportsScreen(ModalScreen[tuple[str, ...] | None]):
    """Answers with the names of the transports, or None when they are left as they were."""

    BINDINGS = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, transports: tuple[str, ...]) -> None:
        super().__init__()
        self._transports = transports

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Transports"
            yield Label("Up to four lanes; the same one twice shows how sure the verdict is", markup=False)
            for lane in range(MOST_LANES):
                choices = [(transport.label, name) for name, transport in TRANSPORTS.items()]
                if lane:
                    choices.insert(0, ("–", _NONE))
                chosen = self._transports[lane] if lane < len(self._transports) else _NONE
                yield Select(choices, value=chosen, allow_blank=False, compact=True)
            with Horizontal(classes="buttons"):
                yield Button("Race", variant="primary", id="race", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    @on(Button.Pressed, "#race")
    def accept(self) -> None:
        chosen = [str(select.value) for select in self.query(Select)]
        self.dismiss(tuple(name for name in chosen if name != _NONE))

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        self.dismiss(None)
