"""What a terminal that draws no boxes, blocks and braille is sent instead: ASCII that is as wide."""

from __future__ import annotations

import os

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_TERMINALS = frozenset({"linux", "vt100", "vt102", "vt220", "dumb"})
_SPELT = (
    ("─━╌┄╍┅", "-"), ("│┃┆┊╎┇┋", "|"), ("║", "!"), ("╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╺╸╹╻", "+"), ("█▉▋▓", "#"), ("▀", "'"),
    ("▄", "_"), ("▌▍▏▐░▒", ":"), ("▁▂", "."), ("▃▅", "o"), ("▆▇", "#"), ("●", "o"), ("■", "#"), ("◆", "*"), ("○", "."),
    ("▲", "^"), ("▼", "v"), ("◌", "."), ("⏸", "="), ("▶", ">"), ("❄", "*"), ("µμ", "u"), ("·•", "-"), ("–—−", "-"),
    ("×", "x"), ("±", "~"), ("≈", "~"), ("…", "."), ("↑", "^"), ("↓", "v"), ("←", "<"), ("→", ">"), ("▔▁", "-"),
    ("▊▎", "|"), ("🔎", "/ "),
)  # fmt: skip
_TABLE = str.maketrans({character: spelt for characters, spelt in _SPELT for character in characters})


def needs_ascii() -> bool:
    """Whether the terminal has no more than ASCII for sure."""
    return os.environ.get("TERM", "") in _TERMINALS


def spelt(text: str) -> str:
    """As many cells, all of them ASCII but for characters that nothing stands for."""
    return text if text.isascii() else text.translate(_TABLE)


class AsciiFilter(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(spelt(text), style, control) for text, style, control in segments]
