"""The dialog that takes a packet size."""

from __future__ import annotations

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.validation import ValidationResult, Validator
from textual.widgets import Button, Input, Label

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.probe.check import check_lanes, largest_size_bytes
from udstui.transports import transport_of
from udstui.units import describe_size, format_size, parse_size


class SizeValidator(Validator):
    """Accepts what all lanes of the plan can carry."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def validate(self, value: str) -> ValidationResult:
        try:
            check_lanes(msgspec.structs.replace(self._plan, size_bytes=parse_size(value)))
        except UsageError as error:
            return self.failure(str(error))
        return self.success()


class SizeScreen(ModalScreen[int | None]):
    """Answers with the size in bytes, or None when it is left as it was."""

    BINDINGS = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Packet size"
            largest = format_size(largest_size_bytes(self._plan))
            yield Label(f"1 to {largest}, like 128, 64K or 16M (powers of 1024)", markup=False)
            for text in _limits(self._plan):
                yield Label(text, classes="limit", markup=False)
            size = format_size(self._plan.size_bytes)
            yield Input(size, validators=[SizeValidator(self._plan)], select_on_focus=True)
            yield Label("", id="problem", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Set", variant="primary", id="set", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    @on(Input.Changed)
    def show_problem(self, event: Input.Changed) -> None:
        result = event.validation_result
        problems = result.failure_descriptions if result else []
        self.query_one("#problem", Label).update("; ".join(problems))

    @on(Input.Submitted)
    @on(Button.Pressed, "#set")
    def accept(self) -> None:
        field = self.query_one(Input)
        if field.is_valid:
            self.dismiss(parse_size(field.value))

    @on(Button.Pressed, "#cancel")
    def cancel(self) -> None:
        self.dismiss(None)


def _limits(plan: Plan) -> list[str]:
    """What the lanes that carry datagrams have for a limit, a line each."""
    transports = [transport_of(name) for name in dict.fromkeys(plan.transports)]
    limits = [(transport.label, transport.largest_size_bytes()) for transport in transports]
    return [f"{label}: up to {describe_size(limit)} in a packet" for label, limit in limits if limit is not None]
