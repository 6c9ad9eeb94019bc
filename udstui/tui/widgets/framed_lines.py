"""Lines between the left and the right edge of their widget, which are made once and not for every line."""

from __future__ import annotations

from rich.segment import Segment as Text
from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class FramedLines(StylesCache):
    """Textual's makes border, padding and colors anew for each line that has changed, which takes longer than the line.

    For widgets whose lines have the full width and neither tint, hatch, outline nor opacity.
    """

    _edges: tuple[list[Text], list[Text]] | None = None
    """What is left and right of each line, until everything is made anew."""

    def clear(self) -> None:
        super().clear()
        self._edges = None

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        """The lines y of the widget inside the crop."""
        top, _, _, left = widget.gutter
        width, height = widget.size
        if self._edges is None or crop.y < top or crop.bottom > top + height or self._width != crop.width:
            strips = super().render_widget(widget, crop)
            if whole := self._cache.get(top):
                self._edges = list(whole.crop(0, left)), list(whole.crop(left + width))
            return strips
        left_edge, right_edge = self._edges
        for y in crop.line_range:
            if y in self._dirty_lines or y not in self._cache:
                line = Strip([*left_edge, *widget.render_line(y - top), *right_edge], self._width)
                self._cache[y] = line
        self._dirty_lines.difference_update(crop.line_range)
        strips = [self._cache[y] for y in crop.line_range]
        for line_filter in widget.get_line_filters():
            strips = [strip.apply_filter(line_filter, widget.background_colors[1]) for strip in strips]
        return strips
