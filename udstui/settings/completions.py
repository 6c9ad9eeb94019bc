"""How the shell goes on with a value that is none of a few choices: each way, with what it means."""

from __future__ import annotations

import itertools

from udstui.registry import About
from udstui.runtimes import RUNTIMES
from udstui.units import SIZE_LADDER, format_size


def lanes(text: str) -> dict[str, str]:
    """A transport with options, or with a runtime behind its `+`."""
    from udstui.transports import options

    begun, plus, _ = text.rpartition("+")
    runtimes = {f"{begun}+{name}": about for name, about in About(RUNTIMES).items()} if plus else {}
    return options.completions(text) | runtimes


def addresses(_: str) -> dict[str, str]:
    """Those of sockets that listen."""
    from udstui.transports.listening import listening_addresses

    return dict.fromkeys(listening_addresses(), "listens")


def sizes(_: str) -> dict[str, str]:
    return dict.fromkeys(map(format_size, SIZE_LADDER), "")


def ladders(text: str) -> dict[str, str]:
    """One size more, behind those with commas between."""
    begun, comma, _ = text.rpartition(",")
    return {f"{begun}{comma}{size}": "" for size in sizes(text)}


def cores(_: str) -> dict[str, str]:
    """Pairs of the first cores that this process may run on."""
    from udstui.host.affinity import available_cores

    first = available_cores()[:8]
    return {f"{client},{server}": "client, server" for client, server in itertools.product(first, repeat=2)}
