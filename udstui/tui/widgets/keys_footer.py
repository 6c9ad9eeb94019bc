"""The keys at the bottom, in groups: as many of the first ones as there is room for, none of them cut."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey, FooterLabel, KeyGroup


class KeysFooter(Footer):
    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    async def recompose(self) -> None:
        await super().recompose()
        self._leave_out()

    def on_resize(self) -> None:
        self._leave_out()

    def _leave_out(self) -> None:
        room = self.size.width
        for entry in _entries(list(self.children)):
            room -= sum(map(_columns, entry))
            for widget in entry:
                widget.display = room >= 0


def _entries(children: list[Widget]) -> list[list[Widget]]:
    """A group and its name belong together."""
    entries: list[list[Widget]] = []
    for child in children:
        if isinstance(child, FooterLabel):
            entries[-1].append(child)
        else:
            entries.append([child])
    return entries


def _columns(widget: Widget) -> int:
    """What it takes, its distance to the next one included."""
    if isinstance(widget, KeyGroup):
        own = sum(map(_columns, widget.children))
    elif isinstance(widget, FooterKey):
        own = len(widget.render())
    else:
        own = len(str(widget.render()))
    return own + widget.styles.gutter.width + widget.styles.margin.width
