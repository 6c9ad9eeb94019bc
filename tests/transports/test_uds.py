from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import connected, serving
from udstui.errors import TransportError, UsageError
from udstui.transports import uds
from udstui.transports.address import Address
from udstui.transports.connection import Peer
from udstui.transports.private_folder import PrivateFolder
from udstui.transports.uds import LONGEST_PATH_BYTES, Uds, check_is_ours

UDS = Uds()


@pytest.fixture
def address(folder: Path) -> Address:
    return Address("unix", str(folder / "a.sock"))


def path_of(address: Address) -> Path:
    return Path(address.location)


def leave_socket(path: Path) -> None:
    """As a server that was killed would."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))


def test_the_socket_is_private_and_gone_when_closed(address: Address) -> None:
    listener = UDS.listen(address)
    mode = path_of(address).stat().st_mode
    listener.close()
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert not path_of(address).exists()


def test_the_mask_of_the_process_is_put_back(address: Address) -> None:
    before = os.umask(0o022)
    try:
        UDS.listen(address).close()
        with pytest.raises(TransportError):
            UDS.listen(Address("unix", address.location + "/in/no/folder"))
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_a_socket_left_by_a_killed_server_is_replaced(address: Address) -> None:
    leave_socket(path_of(address))
    UDS.listen(address).close()
    assert not path_of(address).exists()


def test_a_file_a_folder_and_links_are_never_removed(folder: Path, address: Address) -> None:
    path = path_of(address)
    dead, live = folder / "dead.sock", folder / "live.txt"
    leave_socket(dead)
    live.write_text("mine")
    for make in (
        lambda: path.write_text("mine"),
        path.mkdir,
        lambda: path.symlink_to(dead),
        lambda: path.symlink_to(live),
        lambda: path.symlink_to(folder / "nowhere"),
        lambda: os.mkfifo(path),
    ):
        make()
        before = path.lstat()
        with pytest.raises(TransportError, match="not a socket"):
            UDS.listen(address)
        assert path.lstat().st_ino == before.st_ino
        path.rmdir() if path.is_dir() else path.unlink()
    assert live.read_text() == "mine"
    assert dead.exists()


def test_a_live_server_of_another_kind_keeps_its_socket(address: Address) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(address.location)
        with pytest.raises(TransportError, match="listening"):
            UDS.listen(address)
        assert path_of(address).exists()


def test_of_many_who_take_a_left_over_at_once_one_listens(address: Address) -> None:
    """Between bind() and listen() a socket looks like one that was left over."""
    script = """
import sys
from udstui.errors import TransportError
from udstui.transports.address import parse_address
from udstui.transports.uds import Uds
print("ready", flush=True)
sys.stdin.readline()
try:
    listener = Uds().listen(parse_address(sys.argv[1]))
except TransportError as error:
    print(error.what, flush=True)
else:
    print("listens", flush=True)
    sys.stdin.readline()
"""
    words = [sys.executable, "-c", script, str(address)]
    servers = [subprocess.Popen(words, stdin=-1, stdout=-1, text=True, bufsize=1) for _ in range(4)]
    try:
        for server in servers:
            assert server.stdout and server.stdout.readline() == "ready\n"
        leave_socket(path_of(address))
        for server in servers:
            assert server.stdin
            server.stdin.write("\n")
        said = sorted(server.stdout.readline().strip() for server in servers if server.stdout)
        assert said[-1:] + said[:-1] == ["listens"] + [f"a server is listening on {address.location} already"] * 3
    finally:
        for server in servers:
            server.communicate("\n", timeout=20)


def test_a_server_that_is_just_starting_is_not_displaced(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between bind() and listen(), say, and for ever."""
    monkeypatch.setattr(uds, "_TAKE_PLACE_WITHIN_S", 0.05)
    with uds._taking_place(address.location), pytest.raises(TransportError, match="is starting on"):
        UDS.listen(Address("unix", os.path.relpath(address.location)))
    UDS.listen(address).close()


@pytest.mark.parametrize("listens", [True, False])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_another_user_cannot_keep_us_from_a_path(
    address: Address, monkeypatch: pytest.MonkeyPatch, kind: socket.SocketKind, listens: bool
) -> None:
    """Every user can take the name of the lock, which is made of what everybody may see."""
    folder = path_of(address).parent.stat()
    with socket.socket(socket.AF_UNIX, kind) as theirs:
        theirs.bind(uds._lock_name(folder, path_of(address).name))
        if listens and kind == socket.SOCK_STREAM:
            theirs.listen()
            monkeypatch.setattr(uds, "unix_peer", lambda _: Peer("pid 1 uid 54321", 54321))
        UDS.listen(address).close()


def test_in_a_private_folder_there_is_no_lock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(uds, "_lock_name", lambda *_: pytest.fail("there is one"))
    with PrivateFolder() as private:
        UDS.listen(UDS.private_address(private.path, 0)).close()


def test_a_server_of_another_user_is_not_taken_for_ours(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = UDS.listen(address)
    with UDS.dial() as client:
        UDS.connect(client, address)
        check_is_ours(client, address, None)
        monkeypatch.setattr(uds, "unix_peer", lambda _: Peer("pid 1 uid 54321", 54321))
        with pytest.raises(TransportError, match="not ours but user 54321's"):
            check_is_ours(client, address, None)
    listener.close()


def test_what_took_our_place_is_not_removed_on_close(address: Address) -> None:
    listener = UDS.listen(address)
    path_of(address).unlink()
    path_of(address).write_text("mine")
    listener.close()
    assert path_of(address).read_text() == "mine"


def test_closing_after_somebody_removed_the_socket_is_no_error(address: Address) -> None:
    listener = UDS.listen(address)
    path_of(address).unlink()
    listener.close()


def test_a_path_of_just_the_right_length_works_and_one_byte_more_is_refused(folder: Path) -> None:
    longest = str(folder) + "/" + "x" * (LONGEST_PATH_BYTES - len(str(folder)) - 1)
    UDS.listen(Address("unix", longest)).close()
    with socket.socket(socket.AF_UNIX) as client:
        for use in (UDS.listen, lambda address: UDS.connect(client, address)):
            with pytest.raises(UsageError, match="108 bytes long"):
                use(Address("unix", longest + "x"))
            with pytest.raises(UsageError, match="bytes long"):  # bytes, not letters
                use(Address("unix", longest[:-1] + "é"))


def test_no_folder_or_no_right_is_one_clear_error(folder: Path) -> None:
    for path in (folder / "none" / "a.sock", Path("/proc/a.sock")):
        with pytest.raises(TransportError, match="choose"):
            UDS.listen(Address("unix", str(path)))


def test_another_process_has_another_name(folder: Path) -> None:
    """SO_PEERCRED tells who connected; nobody can pretend."""
    seen: list[str] = []

    def remember(connection: socket.socket) -> None:
        seen.append(UDS.peer(connection).name)
        connection.sendall(b"x")

    connect = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1); s.close()"
    with serving(UDS, folder, remember) as address:
        subprocess.run([sys.executable, "-c", connect, address.location], check=True, timeout=20)
        with connected(UDS, address) as client:
            client.recv(1)
    stranger, ours = seen
    assert ours == f"pid {os.getpid()} uid {os.getuid()}"
    assert stranger != ours
