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
_USUAL_PIXELS = 13
"""Of three digits and a point: what is narrower is no larger, so that figures are alike, and do not jump."""
_ROWS_OF_WORDS, _FEWEST_RATIO_ROWS = 2, 3
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


def write_large(
    canvas: Canvas, text: str, place: tuple[int, int, int, int], scale: tuple[int, int], style: str
) -> None:
    """In the middle of `place` (left, columns, first half row, half rows); a pixel is `scale` columns and half rows."""
    (left, columns, top, halves), (across, down) = place, scale
    at = left + max(0, (columns - across * columns_of(text)) // 2)
    half = top + max(0, (halves - down * _PIXEL_ROWS) // 2)
    for character in text:
        rows = _glyph(character)
        for y, row in enumerate(rows):
            for x, pixel in enumerate(row):
                if pixel == "#":
                    for part in range(across * down):
                        canvas.dot(half + y * down + part // across, at + x * across + part % across, style)
        at += across * (len(rows[0]) + 1)


def _pixel(pixels: int, columns: int, down: int) -> tuple[int, int]:
    """How many columns and half rows one has in a text of so many: never wider than high."""
    return max(1, min(down, (columns - 2) // pixels)), down


def picture(told: Told, width: int, height: int) -> Canvas:
    """Lanes two by two, the ratio below or in the place of a fourth, the longest sentence that fits at the bottom."""
    labels, views, answer, sentences = told.labels, told.views, told.answer, told.sentences
    lanes = len(labels)
    canvas, share, bands = Canvas(width, height), width // (2 if lanes > 1 else 1), 1 + (lanes > 2)
    spare = height - _ROWS_OF_WORDS - (_FEWEST_RATIO_ROWS if lanes != 3 else 0)
    down = max(1, min(round(2 * height / 3 / _PIXEL_ROWS), (2 * (spare // bands) - 3) // _PIXEL_ROWS))
    halves = _PIXEL_ROWS * down
    band = 1 + (halves + 2) // 2  # its caption, and half a row at least below the digits
    every = zip(*map(_captions, labels, views), strict=True)  # the same words of every lane
    captions = next((said for said in every if max(map(len, said)) < share), [label[:share] for label in labels])
    pixel = _pixel(max([_USUAL_PIXELS, *(columns_of(view.figure) for view in views)]), share, down)
    for lane, (said, view) in enumerate(zip(captions, views, strict=False)):
        style, left, top = f"lane-{lane + 1}", lane % 2 * share, lane // 2 * band
        canvas.write(top, left + (share - len(said)) // 2, said, style)
        write_large(canvas, view.figure, (left, share, 2 * top + 2, halves), pixel, style)
    for row in range(bands * band if lanes > 1 else 0):
        canvas.ground(row, share, "│", "quiet")
    if answer and lanes == 3:
        _write_ratio(canvas, answer, (share, share, 2 * band + 2, halves), down)
        words, style = f"{answer.better} over {answer.worse}", _style(answer)
        canvas.write(band, share + max(1, (share - len(words)) // 2), words[: share - 2], style)
    elif answer:
        top = bands * band + (bands == 1)
        rows = max(_FEWEST_RATIO_ROWS, height - top - _ROWS_OF_WORDS - 1)
        down = max(1, min(2 * rows // _PIXEL_ROWS, (width - 2) // columns_of(answer.ratio)))
        _write_ratio(canvas, answer, (0, width, 2 * top, 2 * rows), down)
    sentence = next(
        (text for text in sentences if len(text) <= width - 2), sentences[-1][: width - 2] if sentences else ""
    )
    canvas.write(height - 2, max(0, (width - len(sentence)) // 2), sentence, "text")
    canvas.write(height - 1, max(0, (width - len(_HINT)) // 2), _HINT, "quiet")
    return canvas


def _write_ratio(canvas: Canvas, answer: Answer, place: tuple[int, int, int, int], down: int) -> None:
    write_large(canvas, answer.ratio, place, _pixel(columns_of(answer.ratio), place[1], down), _style(answer))


def _style(answer: Answer) -> str:
    return f"lane-{answer.better_lane + 1}" if answer.state == SURE else "quiet"


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
