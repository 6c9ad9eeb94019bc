"""Addresses as people write them: `unix:/path`, `unix:@name`, `tcp:HOST:PORT`, `tcp:[IPv6]:PORT`."""

from __future__ import annotations

from typing import NamedTuple

from udstui.errors import UsageError
from udstui.units import shown

_SPELLINGS = {"unix": "unix", "uds": "unix", "tcp": "tcp", "seqpacket": "seqpacket"}
_VARIANTS = {("unix", "@"): "unix-abstract", ("tcp", "["): "tcp6"}
"""Where the first character of the location tells which of two transports is meant."""
_WRITTEN = {scheme: written for (written, _), scheme in _VARIANTS.items()}
_REMEDY = "write unix:/path or tcp:HOST:PORT"


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
        raise UsageError(f"{shown(text)} is not an address", _REMEDY)
    location = location.removeprefix("//")
    if not location or location == "@" or "\0" in location:
        raise UsageError(f"{shown(text)} is not an address", _REMEDY)
    return Address(_VARIANTS.get((known, location[0]), known), location)


def is_address(text: str) -> bool:
    """Whether a text is written like an address; the name of a transport never is."""
    return ":" in text
