"""What is on the screen, put together again only where it has changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.widget import Widget


class FrugalCompositor(Compositor):
    """Textual's goes through all widgets in the rectangle around everything that has changed: here most of the screen,
    though each round changes a few lines of it."""

    _changed: Sequence[Region] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        len(self.cuts)  # where widgets begin and end: made now of all of them, and kept until the layout changes
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        found = super().visible_widgets
        if not self._changed:
            return found
        return {
            widget: (region, clip)
            for widget, (region, clip) in found.items()
            if any(changed.overlaps(region) for changed in self._changed)
        }
