"""Unix domain sockets: AF_UNIX, stream."""

from __future__ import annotations

import errno
import os
import socket
import stat
import struct
from pathlib import Path

from udstui.errors import TransportError, UsageError, reason
from udstui.transports.address import Address

# sun_path holds 108 bytes on Linux and 104 elsewhere, the last one a zero.
LONGEST_PATH_BYTES = 107 if os.uname().sysname == "Linux" else 103
_BACKLOG = 512
_UCRED = struct.Struct("iII")  # pid, uid, gid


class Uds:
    name = "uds"
    label = "UDS"
    scheme = "unix"

    def private_address(self, folder: Path, number: int) -> Address:
        return Address("unix", str(folder / f"{number}.sock"))

    def listen(self, address: Address) -> UdsListener:
        path = _fitting_path(address)
        _remove_left_over(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Only the mask makes the file private from its first moment; a chmod would come too late.
        mask = os.umask(0o177)
        try:
            listener.bind(path)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise TransportError(
                f"cannot listen on {address}: {reason(error)}",
                "choose a path in a folder that you may write to",
            ) from error
        finally:
            os.umask(mask)
        return UdsListener(listener, path)

    def open(self) -> tuple[socket.socket, str]:
        return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), _spell(os.getpid(), os.getuid())

    def connect(self, client: socket.socket, address: Address) -> None:
        path = _fitting_path(address)
        try:
            client.connect(path)
        except OSError as error:
            raise TransportError(
                f"cannot connect to {address}: {reason(error)}", "is a server listening there?"
            ) from error

    def peer(self, connection: socket.socket) -> str:
        if not hasattr(socket, "SO_PEERCRED"):  # the private folder alone keeps others out
            return _spell(os.getpid(), os.getuid())
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        pid, uid, _ = _UCRED.unpack(credentials)
        return _spell(pid, uid)


class UdsListener:
    def __init__(self, listener: socket.socket, path: str) -> None:
        self.socket = listener
        self.address = Address("unix", path)
        self._identity = _identity(path)

    def close(self) -> None:
        """Close, and remove the socket file unless somebody has put another in its place."""
        self.socket.close()
        path = self.address.location
        if self._identity is not None and _identity(path) == self._identity:
            Path(path).unlink(missing_ok=True)


def _spell(pid: int, uid: int) -> str:
    return f"pid {pid} uid {uid}"


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _fitting_path(address: Address) -> str:
    length = len(os.fsencode(address.location))
    if length > LONGEST_PATH_BYTES:
        raise UsageError(
            f"the path of {address} is {length} bytes long, a socket's path holds {LONGEST_PATH_BYTES}",
            "choose a shorter one",
        )
    return address.location


def _remove_left_over(path: str) -> None:
    """Remove a socket that nobody listens on. Anything else that is there stays, and is an error."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise TransportError(f"cannot look at {path}: {reason(error)}", "choose another path") from error
    if not stat.S_ISSOCK(mode):
        raise TransportError(f"{path} is there already and is not a socket", "choose another path, or remove it")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        found = caller.connect_ex(path)
    if found == errno.ECONNREFUSED:
        Path(path).unlink(missing_ok=True)
    elif found != errno.ENOENT:
        raise TransportError(f"a server is listening on unix:{path} already", "stop it, or choose another path")
