"""Sockets that systemd made and handed over, already listening (sd_listen_fds(3)); they stay systemd's."""

from __future__ import annotations

import os
import socket

from udstui.errors import UsageError
from udstui.transports.address import Address

_FIRST = 3
_MOST = 64
_LOOK_UP_EVERY_S = 0.5
"""Whoever accepts from it cannot be woken by a shutdown, which would be one for systemd, too."""
_TCP = {socket.AF_INET: "tcp", socket.AF_INET6: "tcp6"}
_UNIX = {socket.SOCK_STREAM: "unix", socket.SOCK_SEQPACKET: "seqpacket"}


class HandedListener:
    """A listening socket of systemd's: its file is not ours to remove, nor its mode to set."""

    warning = ""

    def __init__(self, listener: socket.socket) -> None:
        """Raise UsageError for a socket that does not listen, or of a kind that udstui does not serve."""
        self.socket = listener
        self.socket.settimeout(_LOOK_UP_EVERY_S)
        self.address = _address_of(listener)

    def close(self) -> None:
        self.socket.close()


def handed_listeners() -> list[HandedListener]:
    """Those that were handed to this process, once: the variables that tell of them are removed. Raises UsageError."""
    owner, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if owner != str(os.getpid()):
        return []
    if not (count.isascii() and count.isdigit() and int(count) <= _MOST):
        raise UsageError(f"LISTEN_FDS is {count!r}, not a number of sockets", f"hand over at most {_MOST}")
    found = []
    for number in range(_FIRST, _FIRST + int(count)):
        try:
            os.set_inheritable(number, False)
            found.append(HandedListener(socket.socket(fileno=number)))
        except OSError as error:
            raise UsageError(
                f"descriptor {number} of LISTEN_FDS is no socket", "see the unit's .socket file"
            ) from error
    return found


def _address_of(listener: socket.socket) -> Address:
    name = listener.getsockname()
    scheme = _UNIX.get(listener.type, "") if listener.family == socket.AF_UNIX else _TCP.get(listener.family, "")
    if not scheme or not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise UsageError(
            "a socket that was handed over does not listen, or is neither unix nor tcp", "use ListenStream= in the unit"
        )
    if isinstance(name, bytes):  # abstract
        return Address("unix-abstract", f"@{os.fsdecode(name[1:])}")
    if listener.family == socket.AF_UNIX:
        return Address(scheme, name)
    host, port = name[:2]
    return Address(scheme, f"[{host}]:{port}" if scheme == "tcp6" else f"{host}:{port}")
