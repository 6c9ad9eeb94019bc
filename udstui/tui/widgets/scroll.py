"""What scrolls with up and down; left and right go on to what is beside it."""

from __future__ import annotations

from textual.binding import Binding
from textual.containers import VerticalScroll


class Scroll(VerticalScroll, inherit_bindings=False):
    BINDINGS = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]
