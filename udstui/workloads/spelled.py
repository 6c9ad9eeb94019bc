r"""Requests as people type them and as files keep them: bytes spelled in ASCII, like `GET x\r\n`.

`${NAME}` stands for a variable of the environment, which is put in only when the request is sent: so a password is in
no file, on no screen and on no command line.
"""

from __future__ import annotations

import os
import re

from udstui.errors import UsageError
from udstui.units import shown

_ESCAPE = r"\\(?:x([0-9a-fA-F]{2})|(.?))"
_SHORT = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
_SPELLED = {ord(char): f"\\{short}" for short, char in _SHORT.items()}
_VARIABLE = rb"\$\{([A-Za-z_][A-Za-z0-9_]*)\}"


def spelled(data: bytes) -> str:
    """What unspelled() reads back."""
    return "".join(_SPELLED.get(byte, chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)


def unspelled(text: str) -> bytes:
    """The bytes of a text with escapes; its other characters as UTF-8. Raises UsageError for an unknown escape."""

    def one(match: re.Match[str]) -> str:
        digits, short = match.groups()
        if digits is None and short not in _SHORT:
            raise UsageError(f"{shown(match[0])} in {shown(text)} is no escape", r"write \r \n \t \0 \\ or \xNN")
        return (
            chr(0xDC00 + int(digits, 16))
            if digits and int(digits, 16) > 127
            else chr(int(digits, 16))
            if digits
            else _SHORT[short]
        )

    return re.sub(_ESCAPE, one, text, flags=re.DOTALL).encode("utf-8", "surrogateescape")


def filled_in(data: bytes) -> bytes:
    """With the variables of the environment in their places. Raises UsageError for one that is not set."""

    def one(match: re.Match[bytes]) -> bytes:
        value = os.environb.get(match[1])
        if value is None:
            raise UsageError(f"{match[0].decode()} is not in the environment", "export it, or write no ${...}")
        return value

    return re.sub(_VARIABLE, one, data)
