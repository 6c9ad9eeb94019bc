"""A help topic, as `udstui help` shows it; measuring goes on behind it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Markdown

from udstui.text.help_topic import help_topic
from udstui.tui.widgets.scroll import Scroll


class TopicScreen(ModalScreen[None]):
    AUTO_FOCUS = "#topic"
    BINDINGS = [("escape", "dismiss", "Close")]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._topic = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -wide-dialog") as dialog:
            dialog.border_title = f"Help: {self._topic}"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with Scroll(id="topic", can_focus=True):
                yield Markdown(help_topic(self._topic), open_links=False)
