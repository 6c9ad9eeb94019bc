"""Options of a lane's sockets, a row each: `tcp[nodelay=off]`, `uds[sndbuf=1M]`.

They are set on both ends: before connecting, which is when TCP settles its window, and once more when connected, for a
Unix socket inherits nothing from its listener, and TCP forgets some.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from udstui.errors import SET_OPTION, UsageError, reason, translated, unknown_choice
from udstui.lane_name import LaneName, Options
from udstui.measured import SocketSettings
from udstui.transports.connection import SocketOption
from udstui.units import format_size, parse_size, shown

_TCP = frozenset({"tcp", "tcp6"})
_UNIX = frozenset({"uds", "uds-abstract", "uds-seqpacket", "uds-dgram", "socketpair"})
_IP = _TCP | {"udp"}
_SWITCH = {"on": 1, "off": 0}


class LaneOption(Struct, frozen=True, kw_only=True):
    """One option of a lane's sockets."""

    name: str
    """As it is written in a lane's name."""
    about: str
    """What it does, in one sentence without its full stop."""
    level: int
    number: int
    """Of setsockopt(2)."""
    transports: frozenset[str]
    """Those that have it."""
    values: tuple[str, ...]
    """What can be written; where others are taken too, examples."""
    parse: Callable[[str], str]
    """The usual spelling of a value. Raises UsageError."""
    pack: Callable[[str], int | bytes]
    """What the kernel is given for it."""
    in_effect: Callable[[SocketSettings], str | None]
    """The value that a socket has, in the spelling of parse(); None where that is not known."""
    remedy: str
    """What to do where the system gives another value than was asked for."""


def _parse_switch(name: str, text: str) -> str:
    if text not in _SWITCH:
        raise UsageError(f"unknown value {shown(text)} of {name}", f"write {name}=on or {name}=off")
    return text


def _parse_control(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,14}", text, re.ASCII):
        raise UsageError(f"{shown(text)} is not the name of a congestion control", f"choose from {known_controls()}")
    return text


def _size(text: str) -> str:
    return format_size(parse_size(text))


def _switched(field: str, settings: SocketSettings) -> str | None:
    value = getattr(settings, field)
    return None if value is None else "on" if value else "off"


def _asked(field: str, settings: SocketSettings) -> str:
    """The size of a buffer that has to be asked for to have this one: Linux doubles it (socket(7))."""
    return format_size(getattr(settings, field) // 2)


def known_controls() -> str:
    """The congestion controls that everybody may choose on this kernel, as a list."""
    try:
        return ", ".join(Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control").read_text().split())
    except OSError:
        return "reno, cubic"


OPTIONS: Mapping[str, LaneOption] = {
    option.name: option
    for option in (
        LaneOption(
            name="nodelay",
            about="TCP_NODELAY: off lets Nagle's algorithm hold a small packet back while another is unacknowledged",
            level=socket.IPPROTO_TCP,
            number=socket.TCP_NODELAY,
            transports=_TCP,
            values=("off", "on"),
            parse=partial(_parse_switch, "nodelay"),
            pack=_SWITCH.__getitem__,
            in_effect=partial(_switched, "no_delay"),
            remedy="event loops set it by themselves; choose runtime native or python",
        ),
        LaneOption(
            name="congestion",
            about="TCP_CONGESTION: how the sender paces itself, on loopback too; reno paces nothing",
            level=socket.IPPROTO_TCP,
            number=getattr(socket, "TCP_CONGESTION", 13),
            transports=_TCP,
            values=("reno", "cubic", "bbr"),
            parse=_parse_control,
            pack=str.encode,
            in_effect=lambda settings: settings.congestion_control,
            remedy="choose another",
        ),
        LaneOption(
            name="quickack",
            about="TCP_QUICKACK: on acknowledges at once when connected; the kernel may delay again as bytes flow",
            level=socket.IPPROTO_TCP,
            number=getattr(socket, "TCP_QUICKACK", 12),
            transports=_TCP,
            values=("on", "off"),
            parse=partial(_parse_switch, "quickack"),
            pack=_SWITCH.__getitem__,
            in_effect=partial(_switched, "quick_ack"),
            remedy="a program has to set it again after every receive",
        ),
        LaneOption(
            name="sndbuf",
            about="SO_SNDBUF: how much may wait to be read, which Linux doubles for its own bookkeeping",
            level=socket.SOL_SOCKET,
            number=socket.SO_SNDBUF,
            transports=_UNIX | _IP,
            values=("1M", "256K", "64K"),
            parse=_size,
            pack=parse_size,
            in_effect=partial(_asked, "send_buffer_bytes"),
            remedy="raise net.core.wmem_max with sysctl, or ask for less",
        ),
        LaneOption(
            name="rcvbuf",
            about="SO_RCVBUF: how much a receiver holds, doubled likewise; TCP no longer sizes it by itself then",
            level=socket.SOL_SOCKET,
            number=socket.SO_RCVBUF,
            transports=_IP,
            values=("1M", "256K", "64K"),
            parse=_size,
            pack=parse_size,
            in_effect=partial(_asked, "receive_buffer_bytes"),
            remedy="raise net.core.rmem_max with sysctl, or ask for less",
        ),
    )
}


def options_of(transport: str) -> tuple[LaneOption, ...]:
    """Those that a transport has."""
    return tuple(option for option in OPTIONS.values() if transport in option.transports)


def parse_options(lane: LaneName) -> Options:
    """The options of a lane in the usual spelling and order. Raises UsageError for what its transport has not."""
    known = {option.name: option for option in options_of(lane.transport)}
    given: dict[str, str] = {}
    for name, value in lane.options:
        if name not in known:
            problem = f"{lane.transport} has no option {shown(name)}"
            raise unknown_choice(problem, name, known) if known else UsageError(problem, "leave it out")
        if name in given:
            raise UsageError(f"{name} is given twice for {lane.transport}", "give it once")
        given[name] = known[name].parse(value)
    return tuple((name, given[name]) for name in known if name in given)


def kernel_options(options: Options) -> tuple[SocketOption, ...]:
    """The options as setsockopt() takes them."""
    rows = [(OPTIONS[name], value) for name, value in options]
    return tuple((option.level, option.number, option.pack(value)) for option, value in rows)


def set_options(end: object, options: Options) -> None:
    """Set them on a socket. Raises TransportError when the kernel refuses one."""
    if not isinstance(end, socket.socket):
        return
    for name, value in options:
        option = OPTIONS[name]
        with translated(SET_OPTION, f"{name}={value}"):
            end.setsockopt(option.level, option.number, option.pack(value))


def refusal(example: socket.socket, options: Options) -> str:
    """Why the kernel refuses one of the options on a socket like this, or nothing."""
    for name, value in options:
        option = OPTIONS[name]
        try:
            example.setsockopt(option.level, option.number, option.pack(value))
        except OSError as error:
            instead = f"; there are {known_controls()}" if name == "congestion" else ""
            return f"the kernel refuses {name}={value} ({reason(error)}){instead}"
    return ""


class Unmet(NamedTuple):
    """An option that is not in effect as it was asked for."""

    option: LaneOption
    has: str
    """What there is in its place."""
    remedy: str


def unmet(lane: LaneName, settings: SocketSettings) -> Unmet | None:
    """The first option of a lane that a socket does not have as it was asked for."""
    for name, value in lane.options:
        option, found = OPTIONS[name], OPTIONS[name].in_effect(settings)
        if found is None or found == value:
            continue
        is_raised = found[0].isdigit() and parse_size(found) > parse_size(value)
        return Unmet(option, found, "the system gives no less" if is_raised else option.remedy)
    return None


def examples() -> dict[str, str]:
    """Lanes with one option each, of the two transports that everything is about, and what the option does."""
    return {
        f"{transport}[{option.name}={option.values[0]}]": option.about
        for transport in ("tcp", "uds")
        for option in options_of(transport)
    }


def completions(text: str) -> dict[str, str]:
    """The ways to go on with a lane's name that ends in the middle of its options, each with what it does."""
    begun, bracket, inside = text.rpartition("[")
    if not bracket or "]" in inside:
        return {}
    *before, last = inside.split(",")
    taken = {part.partition("=")[0] for part in before}
    head = f"{begun}[{''.join(f'{part},' for part in before)}"
    return {
        f"{head}{option.name}={value}]": option.about
        for option in options_of(begun)
        if option.name not in taken
        for value in option.values
        if f"{option.name}={value}".startswith(last)
    }
