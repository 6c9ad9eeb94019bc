"""The presenter's view: figures that are read from the last row, the ratio, and one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.text.answer_under_panels import SURE, Answer
from udstui.tui.widgets.canvas import Canvas
from udstui.tui.widgets.lane_panel import PanelView
from udstui.tui.widgets.lines_panel import LinesPanel

_PIXEL_ROWS = 5
_GLYPHS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", " # ", " # ", " # "),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ".": (" ", " ", " ", " ", "#"),
    "x": ("   ", "# #", " # ", "# #", "   "),
    "–": ("   ", "   ", "###", "   ", "   "),
}
"""Five rows of pixels, `#` for one that is lit."""
_HINT = "x or a click leaves this view"


def columns_of(text: str) -> int:
    """How many pixels a text is wide."""
    return sum(len(_glyph(character)[0]) + 1 for character in text) - 1


class Told(Struct, frozen=True):
    """What is shown."""

    labels: Sequence[str] = ()
    views: Sequence[PanelView] = ()
    answer: Answer | None = None
    sentences: Sequence[str] = ()
    """The longest first."""


def _glyph(character: str) -> tuple[str, ...]:
    return _GLYPHS.get(character, ("   ",) * _PIXEL_ROWS)


def write_large(canvas: Canvas, text: str, place: tuple[int, int, int], half: int, style: str) -> None:
    """In the middle of `place` (left, columns, half rows), which begins at this half row: as large as it fits."""
    left, columns, halves = place
    scale = max(1, min(halves // _PIXEL_ROWS, (columns - 2) // max(1, columns_of(text))))
    at = left + max(0, (columns - scale * columns_of(text)) // 2)
    half += max(0, (halves - scale * _PIXEL_ROWS) // 2)
    for character in text:
        rows = _glyph(character)
        for y, row in enumerate(rows):
            for x, pixel in enumerate(row):
                if pixel == "#":
                    for part in range(scale * scale):
                        canvas.dot(half + y * scale + part // scale, at + x * scale + part % scale, style)
        at += scale * (len(rows[0]) + 1)


def picture(told: Told, width: int, height: int) -> Canvas:
    """Lanes side by side in the upper part, the ratio below, the longest sentence that fits at the bottom."""
    labels, views, answer, sentences = told.labels, told.views, told.answer, told.sentences
    canvas, third = Canvas(width, height), max(3, height // 3)
    share = width // max(1, len(labels))
    every = zip(*map(_captions, labels, views), strict=True)  # the same words of every lane
    captions = next((said for said in every if max(map(len, said)) < share), [label[:share] for label in labels])
    for lane, (said, view) in enumerate(zip(captions, views, strict=False)):
        style, left = f"lane-{lane + 1}", lane * share
        canvas.write(0, left + (share - len(said)) // 2, said, style)
        write_large(canvas, view.figure, (left, share, 2 * third), 3, style)
        for row in range(third + 2 if lane else 0):
            canvas.ground(row, left, "│", "quiet")
    top = third + 2
    if answer:
        style = f"lane-{answer.better_lane + 1}" if answer.state == SURE else "quiet"
        write_large(canvas, answer.ratio, (0, width, 2 * max(3, height - top - 3)), 2 * top, style)
    sentence = next(
        (text for text in sentences if len(text) <= width - 2), sentences[-1][: width - 2] if sentences else ""
    )
    canvas.write(height - 2, max(0, (width - len(sentence)) // 2), sentence, "text")
    canvas.write(height - 1, max(0, (width - len(_HINT)) // 2), _HINT, "quiet")
    return canvas


def _captions(label: str, view: PanelView) -> list[str]:
    longest, shortest = (view.ranks[0], view.ranks[-1]) if view.ranks else ("", "")
    wordings = (
        (label, view.captions[0], view.unit, longest),
        (label, view.captions[-1], view.unit, shortest),
        (label, view.unit),
    )
    return [" · ".join(filter(None, words)) for words in wordings]


class Presenter(LinesPanel):
    COMPONENT_CLASSES = {f"presenter--lane-{lane}" for lane in range(1, 5)} | {"presenter--text", "presenter--quiet"}
    PREFIX = "presenter"

    def __init__(self) -> None:
        super().__init__(id="presenter")

    def show(self, told: Told) -> None:
        self.show_lines(lambda width, height: picture(told, width, height).rows())

    async def on_click(self) -> None:
        await self.run_action("app.present")
