"""Unix domain sockets: AF_UNIX, stream."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from udstui.errors import CONNECT, LISTEN_ON_PATH, MAKE_SOCKET, TransportError, UsageError, translated
from udstui.transports import Transport
from udstui.transports.address import Address
from udstui.transports.connection import Connection, Peer, SocketPlace, closed_if_it_fails

# sun_path holds 108 bytes on Linux and 104 elsewhere, the last one a zero.
LONGEST_PATH_BYTES = 107 if os.uname().sysname == "Linux" else 103
PRIVATE_PREFIX = "udstui-"
"""What the names of private folders begin with (transports.private_folder)."""
_BACKLOG = 512
_TAKE_PLACE_WITHIN_S = 2.0
_LOOK_AGAIN_AFTER_S = 0.01
_MOST_LOOKS = 5
"""At a lock whose holder does not listen: one of ours does so right after it has taken the name."""
_UCRED = struct.Struct("iII")  # pid, uid, gid


class Uds(Transport):
    name = "uds"
    label = "UDS"
    about = "stream named by a file"
    scheme = "unix"
    kind = socket.SOCK_STREAM

    def private_address(self, folder: Path, number: int) -> Address:
        return Address(self.scheme, str(folder / f"{number}.sock"))

    def listen(self, address: Address, mode: int = 0o600) -> UdsListener:
        path = _fitting_path(address)
        with _taking_place(path):
            _remove_left_over(address, self.dial())
            listener = self.dial()
            # The mask gives the file its mode from its first moment. By the time of a chmod(), something else may be
            # there.
            mask = os.umask(0o777 & ~mode)
            try:
                with closed_if_it_fails(listener), translated(LISTEN_ON_PATH, address):
                    listener.bind(path)
                    listener.listen(_BACKLOG)
            finally:
                os.umask(mask)
            return UdsListener(listener, address, path)

    def open(self) -> tuple[socket.socket, str]:
        return self.dial(), _spell(os.getpid(), os.getuid())

    def dial(self, *, reset_on_close: bool = False) -> socket.socket:
        with translated(MAKE_SOCKET, f"{self.label} socket"):
            return socket.socket(socket.AF_UNIX, self.kind)

    def connect(self, client: socket.socket, address: Address) -> Connection:
        path = _fitting_path(address)
        with translated(CONNECT, address):
            client.connect(path)
        return client

    def place_of(self, address: Address) -> SocketPlace | None:
        return SocketPlace(socket.AF_UNIX, self.kind, os.fsencode(_fitting_path(address)))

    def peer(self, caller: socket.socket) -> Peer:
        return unix_peer(caller)


class UdsListener:
    warning = ""

    def __init__(self, listener: socket.socket, address: Address, path: str | None) -> None:
        self.socket = listener
        self.address = address
        self._path = path
        self._identity = _identity(path) if path else None

    def close(self) -> None:
        """Close, and remove the socket file unless somebody has put another in its place."""
        self.socket.close()
        if self._path and self._identity is not None and _identity(self._path) == self._identity:
            Path(self._path).unlink(missing_ok=True)


def unix_peer(caller: socket.socket) -> Peer:
    """The process and the user at the other end of a Unix socket, as the kernel noted them down at connect()."""
    if not hasattr(socket, "SO_PEERCRED"):  # the private folder alone keeps others out
        return Peer(_spell(os.getpid(), os.getuid()), os.getuid())
    pid, uid, _ = _UCRED.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(_spell(pid, uid), uid)


def check_is_ours(client: socket.socket, address: Address, pid: int | None) -> None:
    """Raise TransportError when the server that a Unix socket is connected to is another user's, and not `pid` of ours.

    Whoever can exchange the private folder can put a server of his in the place of ours.
    """
    if client.family != socket.AF_UNIX:
        return
    peer = unix_peer(client)
    if peer.uid != os.getuid() and peer.name != _spell(pid or 0, peer.uid or 0):
        raise TransportError(
            f"the server at {address} is not ours but user {peer.uid}'s",
            "set TMPDIR to a folder that nobody else may write to",
        )


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


@contextlib.contextmanager
def _taking_place(path: str) -> Iterator[None]:
    """Let only one udstui at a time take a path: between bind() and listen() a socket looks as if nobody were there.

    The lock is an abstract name made of the folder and the file: it leaves nothing behind, and is gone with its
    process. It keeps apart servers of this program in one network namespace, on Linux. Any user can take any abstract
    name, so who holds it is asked, and another user is no holder. In a private folder nobody is, and there is no lock.
    Raises TransportError when another server of ours does not get done.
    """
    try:
        folder = Path(path).parent.stat()
    except OSError:  # no such folder: which bind() will say better
        yield
        return
    if sys.platform != "linux" or _is_private(Path(path).parent, folder):
        yield
        return
    with translated(MAKE_SOCKET, "UDS socket"):
        lock = socket.socket(socket.AF_UNIX)
    with lock:
        name = _lock_name(folder, Path(path).name)
        give_up_s = time.monotonic() + _TAKE_PLACE_WITHIN_S
        looks = 0
        while not _is_taken(lock, name):
            uid = _holder(name)
            looks = looks + 1 if uid is None else 0
            if looks > _MOST_LOOKS or uid not in (None, 0, os.getuid()):
                break
            if time.monotonic() > give_up_s:
                raise TransportError(f"a server is starting on {path} already", "stop it, or choose another path")
            time.sleep(_LOOK_AGAIN_AFTER_S)
        yield


def _is_private(folder: Path, found: os.stat_result) -> bool:
    """Whether it is one of transports.private_folder, in which every server has a name of its own."""
    return folder.name.startswith(PRIVATE_PREFIX) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _is_taken(lock: socket.socket, name: bytes) -> bool:
    """Whether the lock is ours now."""
    try:
        lock.bind(name)
        lock.listen(_BACKLOG)
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    return True


def _holder(name: bytes) -> int | None:
    """The user who holds this lock; None where nobody listens there, so it may just have been given up, or taken."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.setblocking(False)
        try:
            asking.connect(name)
        except OSError:
            return None
        return unix_peer(asking).uid


def _lock_name(folder: os.stat_result, name: str) -> bytes:
    """The name of a path's lock, the same for every spelling."""
    place = f"{folder.st_dev}/{folder.st_ino}/{name}"
    import hashlib  # takes longer than all that --help needs of this room

    return b"\0udstui-" + hashlib.sha256(os.fsencode(place)).hexdigest()[:32].encode()


def _remove_left_over(address: Address, caller: socket.socket) -> None:
    """Remove a socket that nobody listens on. Anything else that is there stays, and is an error.

    A server of another program that has called bind() and not yet listen() cannot be told from one that is gone.
    """
    path = address.location
    with caller, translated(LISTEN_ON_PATH, address):
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise TransportError(f"{path} is there already and is not a socket", "choose another path, or remove it")
        caller.setblocking(False)
        found = caller.connect_ex(path)
        if found == errno.ECONNREFUSED:
            Path(path).unlink(missing_ok=True)
        elif found == errno.EACCES:
            raise TransportError(f"{path} is there already, and is not yours", "choose another path")
        elif found != errno.ENOENT:  # EPROTOTYPE too: a server listens there with another kind of socket
            raise TransportError(f"a server is listening on {path} already", "stop it, or choose another path")
