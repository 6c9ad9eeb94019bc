"""Drawing with characters: lines in half blocks, words, and where what goes; no widget, and no plot library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Cell = tuple[str, str, str]
"""A character, the style of it, and that of what is behind it; a style is a name, empty for the usual one."""
_UPPER, _LOWER, _FULL = "▀", "▄", "█"


class Canvas:
    """Rows and columns of cells from the top left. What lies outside is left out; words hide lines."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._halves: dict[tuple[int, int], list[str]] = {}
        """Lines by half row and column: the styles of all that pass there, which take turns."""
        self._ground: dict[tuple[int, int], Cell] = {}
        self._words: dict[tuple[int, int], Cell] = {}

    def ground(self, row: int, column: int, character: str, style: str) -> None:
        """What lines and words may hide."""
        self._ground[row, column] = (character, style, "")

    def write(self, row: int, column: int, text: str, style: str) -> None:
        for at, character in enumerate(text, start=column):
            self._words[row, at] = (character, style, "")

    def line(self, points: Iterable[tuple[int, int]], style: str) -> None:
        """Unbroken through these half rows, each with its column; columns rise."""
        last: tuple[int, int] | None = None
        for half, column in points:
            start_half, start = last or (half, column - 1)
            previous = start_half
            for at in range(start + 1, column + 1):
                here = round(start_half + (half - start_half) * (at - start) / (column - start))
                for y in range(min(previous, here), max(previous, here) + 1):
                    if y != previous or here == previous:
                        self.dot(y, at, style)
                previous = here
            last = (half, column)

    def dot(self, half: int, column: int, style: str) -> None:
        """A half row of one column."""
        styles = self._halves.setdefault((half, column), [])
        if style not in styles:
            styles.append(style)

    def is_free(self, row: int, column: int, length: int) -> bool:
        """Whether words of this length would hide nothing."""
        return all(
            0 <= at < self.width
            and (row, at) not in self._words
            and (2 * row, at) not in self._halves
            and (2 * row + 1, at) not in self._halves
            for at in range(column, column + length)
        )

    def rows(self) -> list[list[Cell]]:
        """Runs of one style, row by row."""
        rows: list[dict[int, Cell]] = [{} for _ in range(self.height)]
        for cells in (self._ground, self._lines(), self._words):
            for (row, column), cell in cells.items():
                if 0 <= row < self.height and 0 <= column < self.width:
                    rows[row][column] = cell
        return [_runs(cells, self.width) for cells in rows]

    def _lines(self) -> dict[tuple[int, int], Cell]:
        """The cells that lines pass, of one or of both of their halves."""
        found: dict[tuple[int, int], Cell] = {}
        for (half, column), styles in self._halves.items():
            place, style = (half // 2, column), styles[column // 2 % len(styles)]
            other = found.get(place)
            if other is None:
                found[place] = (_LOWER if half % 2 else _UPPER, style, "")
            elif other[1] == style:
                found[place] = (_FULL, style, "")
            else:
                found[place] = (_UPPER, other[1], style) if half % 2 else (_UPPER, style, other[1])
        return found


def _runs(cells: Mapping[int, Cell], width: int) -> list[Cell]:
    """Neighbours of one style as one; blanks in between, and at the end."""
    runs: list[Cell] = []
    text, style, behind, at = "", "", "", 0
    for column in sorted(cells):
        cell = cells[column]
        if column > at:
            if style or behind:
                runs.append((text, style, behind))
                text, style, behind = "", "", ""
            text += " " * (column - at)
        if (style, behind) != cell[1:]:
            if text:
                runs.append((text, style, behind))
            text, (_, style, behind) = "", cell
        text += cell[0]
        at = column + 1
    if at < width and (style or behind):
        runs.append((text, style, behind))
        text, style, behind = "", "", ""
    text += " " * (width - at)
    return [*runs, (text, style, behind)] if text else runs
