"""The dialog that takes a packet size."""

from __future__ import annotations

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.validation import ValidationResult, Validator
from textual.widgets import Button, Input, Label, OptionList

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.probe.check import check_lanes, largest_size_bytes
from udstui.transports import transport_of
from udstui.units import SIZE_LADDER, describe_size, format_size, parse_size


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

    BINDINGS = [
        ("escape", "dismiss(None)", "Cancel"),
        ("up", "step(-1)", "The size before"),
        ("down", "step(1)", "The next size"),
    ]

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._ladder = [size for size in SIZE_LADDER if size <= largest_size_bytes(plan)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Packet size"
            dialog.border_subtitle = "↑ ↓ choose · enter sets · esc leaves"
            largest = format_size(largest_size_bytes(self._plan))
            yield Label(f"1 to {largest}, like 128, 64K or 16M (powers of 1024)", markup=False)
            for text in _limits(self._plan):
                yield Label(text, classes="limit", markup=False)
            size = format_size(self._plan.size_bytes)
            yield Input(size, validators=[SizeValidator(self._plan)], select_on_focus=True)
            yield Label("", id="problem", markup=False)
            ladder = OptionList(*map(describe_size, self._ladder), id="ladder")
            ladder.can_focus = False  # up and down move it from the field
            yield ladder
            with Horizontal(classes="buttons"):
                yield Button("Set", variant="primary", id="set", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self._highlight(self._plan.size_bytes)

    @on(Input.Changed)
    def show_problem(self, event: Input.Changed) -> None:
        result = event.validation_result
        problems = result.failure_descriptions if result else []
        self.query_one("#problem", Label).update("; ".join(problems))
        if result and result.is_valid:
            self._highlight(parse_size(event.value))

    def _highlight(self, size_bytes: int) -> None:
        """The largest of the ladder that is not above it."""
        self.query_one(OptionList).highlighted = sum(size <= size_bytes for size in self._ladder) - 1

    def action_step(self, step: int) -> None:
        at = (self.query_one(OptionList).highlighted or 0) + step
        if 0 <= at < len(self._ladder):
            self.query_one(Input).value = format_size(self._ladder[at])

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._ladder[event.option_index])

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
    return [
        f"{transport.label}: up to {describe_size(limit)} in a packet"
        + (f" ({of})" if (of := transport.limited_by) else "")
        for transport in transports
        if (limit := transport.largest_size_bytes()) is not None
    ]
