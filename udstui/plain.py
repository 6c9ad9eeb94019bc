"""Text from outside made harmless: nothing in it moves the cursor, turns text round, or ends a line.

Addresses, file names, what a server says and what a file holds may have been written by anybody. Wherever such a text
enters a label, a message, a table or a log, it goes through here first.
"""

from __future__ import annotations

import codecs

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
"""Marks that change the direction of the text behind them (Unicode UAX 9)."""
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, both C0 and C1, halves of characters, what is no character, and separators of lines."""


_IN_ASCII = str.maketrans("µμ·–—−×±…≈→▶◀▸│┤└─█▏▎▍▌▋▊▉•", "uu----x~.~>><>||+-########*")
"""One character for one, so that columns stay columns."""


def spell_in_ascii() -> None:
    """Have what the encoding of a stream lacks spelt with what it has: `us` for `µs`. Its name is `udstui-ascii`."""
    codecs.register_error("udstui-ascii", _spell)


def _spell(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end].translate(_IN_ASCII)
    return lacking.encode("ascii", "replace").decode("ascii"), error.end


def plain(text: str) -> str:
    """The text on one line, with what would not be shown as itself written as an escape, like `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    from unicodedata import category  # a large table, for a text that is rare

    return "".join(
        each.encode("unicode_escape").decode() if each in _TURNING or category(each) in _UNSEEN else each
        for each in text
    )
