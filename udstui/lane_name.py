"""The name of a lane: how it is written, and how it is parsed."""

from __future__ import annotations

import re

from msgspec import Struct

_LANE = (
    r"(?P<transport>[a-z][a-z0-9-]*)(?:\[(?P<options>[^\[\]]*)\])?(?:\+(?P<runtime>[a-z][a-z0-9]*))?"
    r"(?::(?P<number>[1-9]\d?))?"
)
_SCHEMES_ALONE = frozenset({"unix", "seqpacket"})
"""Beginnings of addresses that no transport is called by: `unix:2` is a path."""
Options = tuple[tuple[str, str], ...]
"""Options of a lane's sockets: names and values as they are written."""
_SPELLINGS: dict[str, tuple[str, Options]] = {"tcp-reno": ("tcp", (("congestion", "reno"),))}
"""Short names for a transport with options."""


class LaneName(Struct, frozen=True):
    """Which lane: a transport with options in a runtime, or a target. Written `uds`, `tcp[nodelay=off]+asyncio`.

    The second lane of one name is `uds:2`. The number of a target is written but never read: a path may end like one.
    """

    transport: str = ""
    """Of the registry; empty for a target."""
    runtime: str = ""
    """Of the registry; empty for that of the plan."""
    target: str = ""
    """The address of a server that is not ours; empty for a transport."""
    number: int = 1
    """Counted among the lanes of one name, from 1."""
    options: Options = ()
    """What is asked for on the sockets of both ends; the table in udstui.transports.options explains each."""

    @classmethod
    def parse(cls, text: str) -> LaneName:
        """What `str()` has written. A text that is not written like a transport is a target; neither is looked up."""
        match = re.fullmatch(_LANE, text, re.ASCII)
        if not match or (match["transport"] in _SCHEMES_ALONE and match["number"]):
            return cls(target=text)
        transport, options = _SPELLINGS.get(match["transport"], (match["transport"], ()))
        if match["options"] is not None:
            options += tuple(_name_and_value(part) for part in match["options"].split(","))
        return cls(transport, match["runtime"] or "", number=int(match["number"] or 1), options=options)

    def __str__(self) -> str:
        runtime = f"+{self.runtime}" if self.runtime else ""
        number = f":{self.number}" if self.number > 1 else ""
        options = f"[{','.join(f'{name}={value}' for name, value in self.options)}]" if self.options else ""
        return f"{self.target or self.transport}{options}{runtime}{number}"

    @property
    def is_target(self) -> bool:
        return bool(self.target)


def _name_and_value(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()
