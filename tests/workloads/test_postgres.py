"""The protocol of PostgreSQL: where answers end, how a connection is opened, and where passwords come from."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from udstui.errors import ServiceError, UsageError
from udstui.transports.address import Address
from udstui.workloads.postgres import _password
from udstui.workloads.postgres_wire import Opening, PostgresReader, message

READY = message(b"Z", b"I")
ROW = message(b"2") + message(b"D", struct.pack("!HI", 1, 1), b"1") + message(b"C", b"SELECT 1\0") + READY
REFUSED = message(b"E", b'SFATAL\0C28P01\0Mpassword authentication failed for user "me"\0\0')


def test_an_answer_ends_when_the_server_is_ready() -> None:
    reader = PostgresReader()
    for count in range(len(ROW)):
        assert reader.length(ROW[:count], count) == (0 if count < len(ROW) - len(READY) + 5 else len(ROW))
    assert reader.length(ROW + b"old", len(ROW)) == len(ROW)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request", b"-ERR unknown\r\n", b"\0\0\0\0\0"])
def test_what_is_no_answer_is_one_clear_error(answer: bytes) -> None:
    with pytest.raises(ServiceError, match="is not PostgreSQL's protocol"):
        PostgresReader().length(answer, len(answer))


def test_a_server_that_ends_the_connection_says_why() -> None:
    with pytest.raises(ServiceError, match=r"ended the connection: password authentication failed .*28P01"):
        PostgresReader().length_at_end(REFUSED, len(REFUSED))


def opened(serve: Callable[[socket.socket], None], password: Callable[[], str] = lambda: "secret") -> Opening:
    """An opening against a server that reads the startup message and then does as it is told."""
    ours, theirs = socket.socketpair()

    def run() -> None:
        with theirs:
            assert theirs.recv(1000)[8:] == b"user\0me\0\0"
            serve(theirs)

    thread = threading.Thread(target=run)
    thread.start()
    opening = Opening({"user": "me"}, password)
    try:
        with ours:
            opening.on(ours)
    finally:
        thread.join()
    return opening


def asks(how: int, salt: bytes, expected: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(message(b"R", struct.pack("!I", how), salt))
        answer = connection.recv(1000)
        status = message(b"S", b"server_version\0", b"16.2 (Debian)\0")
        connection.sendall(message(b"R", bytes(4)) + status + READY if answer == message(b"p", expected) else REFUSED)

    return serve


MD5 = b"md5" + hashlib.md5(hashlib.md5(b"secretme").hexdigest().encode() + b"salt").hexdigest().encode()


@pytest.mark.parametrize(("how", "salt", "expected"), [(3, b"", b"secret\0"), (5, b"salt", MD5 + b"\0")])
def test_passwords_are_given_in_the_way_that_is_asked_for(how: int, salt: bytes, expected: bytes) -> None:
    assert opened(asks(how, salt, expected)).server_version == "16.2 (Debian)"
    with pytest.raises(ServiceError, match="refused the connection: password authentication failed"):
        opened(asks(how, salt, expected), lambda: "another")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            message(b"E", b'SFATAL\0C28000\0Mno pg_hba.conf entry for host "::1", user "me", no encryption\0\0'),
            "refused the connection: no pg_hba.conf entry .* no encryption",
        ),
        (message(b"R", struct.pack("!I", 7)), "asks for a proof of kind 7"),
        (b"HTTP/1.1 400 Bad Request\r\n", "is not PostgreSQL's protocol"),
        (message(b"E", b"SFATAL\0C53300\0Mtoo many clients already\0\0"), r"too many clients already \(53300\)"),
    ],
)
def test_what_a_server_says_in_place_of_a_welcome_is_told(said: bytes, error: str) -> None:
    with pytest.raises(ServiceError, match=error):
        opened(lambda connection: connection.sendall(said))


def test_a_server_that_cannot_prove_that_it_knows_the_password_is_not_trusted() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(message(b"R", struct.pack("!I", 10), b"SCRAM-SHA-256\0\0"))
        nonce = connection.recv(1000).partition(b",r=")[2]
        connection.sendall(message(b"R", struct.pack("!I", 11), b"r=" + nonce + b"x,s=c2FsdA==,i=4096"))
        connection.recv(1000)
        connection.sendall(message(b"R", struct.pack("!I", 12), b"v=bm90IGl0"))

    with pytest.raises(ServiceError, match="does not know the password"):
        opened(serve)


def test_passwords_come_from_where_psql_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pgpass"
    file.write_text("# ours\nother:5432:*:me:no\nlocalhost:5432:*:me:by\\:socket\n127.0.0.1:5433:db:*:by-port\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    monkeypatch.delenv("PGPASSWORD", raising=False)
    on_socket, on_port = Address("unix", "/run/postgresql/.s.PGSQL.5432"), Address("tcp", "127.0.0.1:5433")
    assert _password(on_socket, "db", "me") == "by:socket"
    assert _password(on_port, "db", "me") == "by-port"
    with pytest.raises(UsageError, match=r"asks for the password of user you; put it .* PGPASSWORD"):
        _password(on_socket, "db", "you")
    file.chmod(0o644)
    with pytest.raises(UsageError, match="asks for the password"):
        _password(on_port, "db", "me")
    monkeypatch.setenv("PGPASSWORD", "from-environment")
    assert _password(on_socket, "db", "me") == "from-environment"
