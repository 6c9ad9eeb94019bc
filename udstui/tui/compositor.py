"""What is on the screen, put together again only where it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class FrugalCompositor(Compositor):
    """Textual's asks all widgets in the rectangle around everything that has changed for all of their lines, those that
    are covered by others too: here most of the screen, though each round changes a few lines of it."""

    _changed: Sequence[Region] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Yield where strips are, what clips them, and the strips: those in front come first, and win."""
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        left = list(self._changed)
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            touched = [seen.intersection(part) for part in left if part.overlaps(seen)]
            if touched and widget.is_attached:  # one on its way out has no lines any more
                _, y, _, height = Region.from_union(touched)
                lines = Region(seen.x, y, seen.width, height)
                yield lines, clip, widget.render_lines(lines.translate(-region.offset))
                left = [part for part in left if not seen.contains_region(part)]
                if not left:
                    break
