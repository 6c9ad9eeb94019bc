"""The dialog that takes a packet size."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.validation import ValidationResult, Validator
from textual.widgets import Input, Label

from udstui.errors import UsageError
from udstui.units import format_size, parse_size


class SizeValidator(Validator):
    def validate(self, value: str) -> ValidationResult:
        try:
            parse_size(value)
        except UsageError as error:
            return self.failure(str(error))
        return self.success()


class SizeScreen(ModalScreen[int | None]):
    """Answers with the size in bytes, or None when it is left as it was."""

    BINDINGS = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self._size_bytes = size_bytes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Packet size"
            yield Label("1 to 64M, like 128, 64K or 16M (powers of 1024)", markup=False)
            yield Input(format_size(self._size_bytes), validators=[SizeValidator()], select_on_focus=True)
            yield Label("", id="problem", markup=False)

    @on(Input.Changed)
    def show_problem(self, event: Input.Changed) -> None:
        result = event.validation_result
        problems = result.failure_descriptions if result else []
        self.query_one("#problem", Label).update("; ".join(problems))

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        if event.validation_result is None or event.validation_result.is_valid:
            self.dismiss(parse_size(event.value))
