"""Addresses as people write them: `unix:/path`, `tcp:HOST:PORT`."""

from __future__ import annotations

from typing import NamedTuple

from udstui.errors import UsageError
from udstui.units import shown

_SPELLINGS = {"unix": "unix", "uds": "unix", "tcp": "tcp"}
_REMEDY = "write unix:/path or tcp:HOST:PORT"


class Address(NamedTuple):
    """Where a service listens. `str()` gives the spelling that parse_address reads back."""

    scheme: str
    location: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.location}"


def parse_address(text: str) -> Address:
    """An address from `unix:/path`, `unix:///path`, `uds:/path`, `tcp:HOST:PORT` or `tcp://HOST:PORT`.

    Raises UsageError when the scheme is missing or unknown, or nothing follows it.
    """
    scheme, colon, location = text.partition(":")
    known = _SPELLINGS.get(scheme.lower())
    if not colon or known is None:
        raise UsageError(f"{shown(text)} is not an address", _REMEDY)
    location = location.removeprefix("//")
    if not location or "\0" in location:
        raise UsageError(f"{shown(text)} is not an address", _REMEDY)
    return Address(known, location)
