"""The tabs below the panels: their titles in one line, and below it the one that is open."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.containers import Vertical
from textual.events import MouseDown
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from udstui.tui.tabs.session_tab import SessionTab

ALL_TITLES_COLUMNS = 80
"""In a narrower screen the titles are short."""


class TabBar(Widget):
    """One widget for all titles. (Textual's own has a widget for each, and some around them.)"""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"tab-bar--title", "tab-bar--open", "tab-bar--line", "tab-bar--open-line"}

    class Pressed(Message):
        def __init__(self, tab: SessionTab) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, tabs: Sequence[SessionTab]) -> None:
        super().__init__()
        self._tabs = tabs
        self._open = tabs[0]

    def show(self, tab: SessionTab) -> None:
        """This one is open now."""
        self._open = tab
        self.refresh()

    def titles(self) -> list[tuple[SessionTab, str]]:
        """What stands in the line, blanks included."""
        if self.app.size.width < ALL_TITLES_COLUMNS:
            return [(tab, f"{tab.label(short=True)} ") for tab in self._tabs]
        return [(tab, f" {tab.label(short=False)} ") for tab in self._tabs]

    def render_line(self, y: int) -> Strip:
        names = ("line", "open-line") if y else ("title", "open")
        usual, marked = (self.get_component_rich_style(f"tab-bar--{name}") for name in names)
        segments = [
            Segment("━" * len(text) if y else text, marked if tab is self._open else usual)
            for tab, text in self.titles()
        ]
        rest = Segment(("━" if y else " ") * self.size.width, usual)
        return Strip([*segments, rest]).crop(0, self.size.width)

    def on_mouse_down(self, event: MouseDown) -> None:
        left = 0
        for tab, text in self.titles():
            if left <= event.x < left + len(text):
                self.post_message(self.Pressed(tab))
            left += len(text)


class Tabs(Vertical):
    """A tab is put on the screen when it is opened for the first time: the others cost nothing."""

    class Opened(Message):
        """It is in view, and has a size as soon as all is laid out."""

    def __init__(self, tabs: Sequence[SessionTab]) -> None:
        self._bar = TabBar(tabs)
        super().__init__(self._bar, tabs[0], id="tabs")
        self.every = tabs
        self.active = tabs[0]

    async def prepare(self, tab: SessionTab) -> None:
        """Put it on the screen, unseen, if it was never open."""
        if tab.parent is None:
            tab.display = False
            await self.mount(tab)

    async def open(self, tab: SessionTab) -> None:
        await self.prepare(tab)
        self.active = tab
        for each in self.every:
            each.display = each is tab
        self._bar.show(tab)
        self.post_message(self.Opened())
