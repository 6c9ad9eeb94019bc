"""Addresses as people write them: `unix:/path`, `unix:@name`, `tcp:HOST:PORT`, `tcp:[IPv6]:PORT`."""

from __future__ import annotations

import re
from typing import NamedTuple

from udstui.errors import UsageError, nearest
from udstui.units import shown

_SPELLINGS = {"unix": "unix", "uds": "unix", "tcp": "tcp", "seqpacket": "seqpacket"}
_VARIANTS = {("unix", "@"): "unix-abstract", ("tcp", "["): "tcp6"}
"""Where the first character of the location tells which of two transports is meant."""
_WRITTEN = {scheme: written for (written, _), scheme in _VARIANTS.items()}
_REMEDY = "write unix:/path or tcp:HOST:PORT"
_MEANT = (
    (r"(/.*)", "unix:{}"),
    (r"(?:[a-z]+\+)unix:(?://)?([^:]+):(/.*)", "unix:{}, and its path as --path {}"),
    (r"(?:[a-z]+\+)unix:(?://)?([^:]+)", "unix:{}"),
    (r"https?://([^/@]+:\d+)(/.+)", "tcp:{}, and its path as --path {}"),
    (r"[a-z]+://(?:[^/@]*@)?([^/@]+:\d+)(?:/.*)?", "tcp:{}"),
    (r"((?:[\w.-]+|\[[\da-f:]+\]):\d+)", "tcp:{}"),
)
"""What other programs call an address, and how it is written here."""
_LONGEST_TOLD = 120


class Address(NamedTuple):
    """Where a service listens. `str()` gives the spelling that parse_address reads back."""

    scheme: str
    location: str

    def __str__(self) -> str:
        slashes = "//" if self.location.startswith("//") else ""  # the first two are not read as the location's
        return f"{_WRITTEN.get(self.scheme, self.scheme)}:{slashes}{self.location}"


def parse_address(text: str) -> Address:
    """An address from `unix:/path`, `unix:///path`, `uds:/path`, `tcp:HOST:PORT` or `tcp://HOST:PORT`.

    Also `unix:@name` for Linux' abstract names, `tcp:[::1]:PORT` for IPv6, and `seqpacket:/path`.
    Raises UsageError when the scheme is missing or unknown, or nothing follows it.
    """
    scheme, colon, location = text.partition(":")
    known = _SPELLINGS.get(scheme.lower())
    if not colon or known is None:
        raise UsageError(f"{shown(text)} is not an address", _how_to_write(text))
    location = location.removeprefix("//")
    if not location or location == "@" or "\0" in location:
        raise UsageError(f"{shown(text)} is not an address", _REMEDY)
    return Address(_VARIANTS.get((known, location[0]), known), location)


def _how_to_write(text: str) -> str:
    """What a text that is no address most probably means."""
    for pattern, written in _MEANT:
        match = re.fullmatch(pattern, text, re.ASCII | re.IGNORECASE)
        if match and text.isprintable() and len(text) <= _LONGEST_TOLD:
            return f"write {written.format(*match.groups())}"
    scheme, colon, location = text.partition(":")
    near = nearest(scheme, _SPELLINGS) if colon else ""
    return f"did you mean {shown(f'{near}:{location}')}?" if near else _REMEDY


def is_address(text: str) -> bool:
    """Whether a text is written like an address; the name of a transport never is."""
    return ":" in text
