"""Transports: how bytes reach the other side. Each is one small file and one line in the registry below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from udstui.errors import UsageError
from udstui.plain import plain
from udstui.registry import Registry
from udstui.transports.address import Address, parse_address
from udstui.units import describe_size

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from udstui.lane_name import LaneName, Options
    from udstui.transports.connection import Connection, Peer, SocketOption, SocketPlace


class Listener(Protocol):
    """A listening socket, where it really listens, and how to take it down without a trace."""

    socket: socket.socket
    address: Address
    warning: str
    """What whoever made it should know, or nothing."""

    def close(self) -> None: ...


class Transport(Protocol):
    """What a transport has to know. It hands out plain sockets, so timed loops see nothing but those.

    Each says so that it is one, and has what is usual here where it says nothing else.
    """

    name: str
    """In plans, files and on the command line."""
    label: str
    """On the screen."""
    about: str
    """What it is, in a few words, beside its label."""
    scheme: str
    """Of its addresses."""
    lossy: bool = False
    """Whether it drops packets when the receiver is too slow."""
    tells_uid: bool = True
    """Whether peer() knows the user."""
    is_socket: bool = True
    """Whether bytes go through sockets."""
    limited_by: str = ""
    """What of the system sets largest_size_bytes(), where that can be raised; empty for others."""
    native_only: tuple[str, ...] = ()
    """Where only native loops carry bytes, on one connection: the workloads that they carry. Empty for all others."""
    has_file: bool = True
    """Whether its addresses are files, whose mode says who may connect."""
    has_door: bool = True
    """Whether a client makes its own end alone and connects it: place_of() knows where."""

    def missing(self) -> str:
        """Why this system does not have it, or nothing."""
        return ""

    def largest_size_bytes(self) -> int | None:
        """The largest message that it carries in one piece; None for a stream, which knows no messages."""
        return None

    def private_address(self, folder: Path, number: int) -> Address:
        """Where a lane's own server listens: inside the private folder, or on loopback."""

    def listen(self, address: Address, mode: int = 0o600) -> Listener:
        """Raise TransportError when the address cannot be had. `mode` is for the socket file, if there is one."""

    def open(self) -> tuple[socket.socket, str]:
        """A measuring client's socket, not connected yet, and the name that the other side will know it by."""

    def dial(self, *, reset_on_close: bool = False) -> socket.socket:
        """Any other client's socket, not connected yet.

        A new connection every round would leave thousands of TCP ports waiting for a minute each; a reset does not.
        """

    def connect(self, client: socket.socket, address: Address) -> Connection:
        """Connect a client's socket, and return what bytes go through: mostly the same socket.

        Raise TransportError when nobody listens.
        """

    def place_of(self, address: Address) -> SocketPlace | None:
        """Where a program that makes its own sockets connects; None where both ends are made by the client.

        Raises TransportError when the address cannot be resolved.
        """
        return None

    def own_options(self) -> tuple[SocketOption, ...]:
        """What is set on every socket of a client, before it connects."""
        return ()

    def peer(self, caller: socket.socket) -> Peer:
        """Who is at the other end of an accepted socket, by the name that open() foretold."""

    def accepted(self, caller: socket.socket) -> Connection:
        """What bytes go through, for an accepted socket: the other end of what connect() returned."""
        return caller


TRANSPORTS: Registry[Transport] = Registry(
    "udstui.transports",
    "uds", "tcp", "uds-seqpacket", "uds-dgram", "uds-abstract", "udp", "tcp6", "pipe", "socketpair", "shm", "posix-mq",
)  # fmt: skip


def _parsed(name: LaneName | str) -> LaneName:
    from udstui.lane_name import LaneName

    return LaneName.parse(name) if isinstance(name, str) else name


def lane_label(name: LaneName | str) -> str:
    """`UDS` for lane `uds`, `UDS 2` for `uds:2`, `TCP nodelay=off asyncio` for `tcp[nodelay=off]+asyncio`.

    A target is called by its address.
    """
    lane = _parsed(name)
    if lane.is_target:
        return plain(str(lane))
    options = [f"{name}={value}" for name, value in lane.options]
    number = str(lane.number) if lane.number > 1 else ""
    words = [TRANSPORTS.named(lane.transport).label, *options, lane.runtime, number]
    return " ".join(word for word in words if word)


def transport_for(address: Address) -> Transport:
    """The transport that carries an address."""
    return next(transport for transport in TRANSPORTS.values() if transport.scheme == address.scheme)


def transport_of(name: LaneName | str) -> Transport:
    """The transport of a lane, of our own or of a target, with the lane's options. Raises UsageError for neither."""
    lane = _parsed(name)
    if lane.is_target:
        return transport_for(parse_address(lane.target))
    return with_options(TRANSPORTS.named(lane.transport), lane.options)


def with_options(transport: Transport, options: Options) -> Transport:
    """The transport, whose sockets have these options on both ends."""
    if not options:
        return transport
    from udstui.transports.adjusted import Adjusted

    return Adjusted(transport, options)


def check_lane(lane: LaneName | str, size_bytes: int, *, needs_stream: bool, workload: str) -> None:
    """Raise UsageError when this system lacks the transport, or it cannot carry packets of this size."""
    transport = transport_of(lane)
    if problem := transport.missing():
        raise UsageError(f"{lane_label(lane)} is not to be had here: {problem}", "choose another transport")
    largest = transport.largest_size_bytes()
    if largest is None:
        return
    if needs_stream:
        raise UsageError(f"{workload} needs a stream, and {transport.label} carries messages", "choose uds or tcp")
    if size_bytes > largest:
        raised = f"raise {transport.limited_by}, " if transport.limited_by else ""
        raise UsageError(
            f"{transport.label} carries at most {largest} bytes ({describe_size(largest)}) in one packet",
            f"choose a smaller size, {raised}or another transport",
        )


def dial(address: Address, timeout_s: float) -> socket.socket:
    """A connected socket in blocking mode, for a client that measures nothing. Raise TransportError."""
    from udstui.transports.connection import closed_if_it_fails, set_timeout

    transport = transport_for(address)
    client = transport.dial()
    with closed_if_it_fails(client):
        # The kernel's own: what does not block is told at once that a Unix socket's queue is full.
        set_timeout(client, max(1, round(timeout_s * 1e9)))
        connected = transport.connect(client, address)
        set_timeout(connected, 0)
    return cast("socket.socket", connected)  # that of an address which can be written is one
