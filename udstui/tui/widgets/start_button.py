"""The button that stands in an empty tab and begins what fills it, as the key does."""

from __future__ import annotations

from textual.widgets import Button


class StartButton(Button):
    def __init__(self, label: str) -> None:
        super().__init__(label, variant="primary", compact=True)

    async def on_button_pressed(self) -> None:
        await self.run_action("app.source('go')")
