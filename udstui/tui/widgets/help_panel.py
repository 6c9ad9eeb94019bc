"""Help beside the figures: every key, what the settings mean, and how to read the verdict."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

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
    (
        "cores",
        "same: one core, client and server take turns. split: two cores; in a virtual machine waking the other "
        "one may dominate. free: the scheduler decides, and figures may flip. auto: same for ping-pong, split "
        "for bulk-send.",
    ),
    ("wait", "block: sleep in the kernel until bytes come. spin: ask again and again; wants two cores."),
    ("server", "process: its own. thread: of the probe; both sides share one interpreter lock."),
)


class HelpPanel(VerticalScroll):
    """Docked at the right; the figures go on beside it."""

    def __init__(self, groups: Iterable[tuple[str, list[ActiveBinding]]]) -> None:
        super().__init__()
        self.border_title = "Help"
        self.border_subtitle = "? closes"
        self._groups = list(groups)

    def compose(self) -> ComposeResult:
        for title, bindings in self._groups:
            yield Static(title, classes="title", markup=False)
            for active in bindings:
                key = self.app.get_key_display(active.binding)
                yield Static(
                    Content.assemble((key.rjust(9), "bold $accent"), f"  {active.binding.description}"), markup=False
                )
        for title, text in HOW_TO_READ:
            yield Static(title, classes="title", markup=False)
            yield Static(text, markup=False)
