"""Help beside the figures: every key, what the settings mean, and how to read the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from udstui.settings import SETTINGS
from udstui.tui.config import config_path, tilde
from udstui.tui.key import Groups, all_keys
from udstui.tui.widgets.scroll import Scroll

HOW_TO_READ = (
    (
        "The figure",
        "ping-pong: one full round trip of a packet, never halved; one operation at a time. "
        "bulk-send: what the receiver has read, per second.",
    ),
    (
        "The verdict",
        "Every round times each lane once, in random order, on fresh connections. The ratio is taken round by "
        "round; the interval tells where it lies in 95 of 100 such runs. It is called only from ten rounds on and when "
        "the interval excludes 1.",
    ),
)
_KEYS_COLUMNS = 6


class HelpPanel(Scroll):
    """Beside the figures, or below them, which go on."""

    BINDINGS = [Binding("enter", "app.choose_topic", show=False)]

    def __init__(self, groups: Groups) -> None:
        """`groups` are the keys that do something, by what they are about."""
        super().__init__()
        self._groups = groups
        self.border_title = "Help"
        self.border_subtitle = "↑ ↓ scroll · enter: topics · ? closes"

    def on_mount(self) -> None:
        self.focus()

    def compose(self) -> ComposeResult:
        chosen: dict[str | None, Binding] = {}
        for active in self.app.active_bindings.values():
            chosen.setdefault(active.binding.id, active.binding)  # of several keys, the first
        with Container(id="keys"):
            for title, keys in self._groups.items():
                with Vertical():
                    yield Static(title, classes="title", markup=False)
                    for key in keys:
                        shown = self.app.get_key_display(chosen[key.id]) if key.id in chosen else key.keys
                        yield _key_line(shown, key.description)
            with Vertical():
                yield Static("Everywhere", classes="title", markup=False)
                yield _key_line("1-9", "Tabs")
                if any(key.backwards for key in all_keys(self._groups)):
                    yield _key_line("shift", "With a setting's letter: backwards")
                yield _key_line("tab", "From one control to the next, as arrows do")
                yield _key_line("esc", "Close a message, leave a dialog")
                yield _key_line("ctrl+c", "Copy what the mouse selected, or quit")
        for title, text in (*HOW_TO_READ, *_choices()):
            yield Static(title, classes="title", markup=False)
            yield Static(text, markup=False)
        path = config_path()
        if path is not None:
            yield Static("Your own keys", classes="title", markup=False)
            yield Static(f'[keys] in {tilde(path)}\nlike  size.double = "plus"; the names are', markup=False)
            yield Static(", ".join(key.id for key in all_keys(self._groups)), markup=False)


def _choices() -> Iterator[tuple[str, str]]:
    """Each setting that has choices, and what they mean."""
    for setting in SETTINGS:
        if setting.choices:
            yield setting.id, "\n".join(f"{name}: {means}" for name, means in setting.choices().items())


def _key_line(keys: str, description: str) -> Static:
    return Static(Content.assemble((keys.rjust(_KEYS_COLUMNS), "bold $text-accent"), f"  {description}"), markup=False)
