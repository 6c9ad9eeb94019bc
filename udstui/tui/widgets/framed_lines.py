"""Lines between the left and the right edge of their widget, which are made once and not for every line."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment as Text
from textual._styles_cache import StylesCache
from textual.strip import Strip


class FramedLines(StylesCache):
    """Textual's makes border, padding and colors anew for each line that has changed, which takes longer than the line.

    For widgets whose lines have the full width and neither tint, hatch, outline nor opacity.
    """

    _edges: tuple[object, list[Text], list[Text]] | None = None
    """What they were made for, and both of them."""

    def clear(self) -> None:
        super().clear()
        self._edges = None

    def render_line(self, styles: Any, y: int, size: Any, content_size: Any, *others: Any) -> Strip:
        """The widget's line y; the others are the padding, two backgrounds, what renders a line, and more."""
        gutter, (_, base, background, render_content_line, *_) = styles.gutter, others
        if not gutter.top <= y < gutter.top + content_size.height:
            return super().render_line(styles, y, size, content_size, *others)
        made_for = (styles.border, gutter, base, background)
        if self._edges is None or self._edges[0] != made_for:
            whole = super().render_line(styles, y, size, content_size, *others)
            left, right = whole.crop(0, gutter.left), whole.crop(size.width - gutter.right, size.width)
            self._edges = made_for, list(left), list(right)
            return whole
        _, left_edge, right_edge = self._edges
        return Strip([*left_edge, *render_content_line(y - gutter.top), *right_edge], size.width)
