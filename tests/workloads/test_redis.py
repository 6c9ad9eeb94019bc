"""The workload redis, against servers that answer as they are told, and against the real one."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import connected, make_setup, serving
from udstui.errors import UdstuiError, UsageError
from udstui.plan import Plan
from udstui.runtimes import RUNTIMES
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address
from udstui.workloads.redis import PASSWORD, PASSWORD_FILE, USER, Redis
from udstui.workloads.resp import RespReader, command

PONG, OK = b"+PONG\r\n", b"+OK\r\n"
Reply = Callable[[bytes], bytes]


def commands_of(connection: socket.socket) -> list[bytes]:
    """Those of one piece: what udstui sends in one write."""
    data, commands = connection.recv(256 * 1024), []
    reader = RespReader()
    while data:
        length = reader.length(data, len(data))
        commands.append(data[:length])
        data = data[length:]
    return commands


def measured(folder: Path, reply: Reply, said: list[bytes], *, is_target: bool = True, **plan: object) -> object:
    """One interval against a server that answers every command so; what it was told is added to `said`."""

    def serve(connection: socket.socket) -> None:
        while commands := commands_of(connection):
            said.extend(commands)
            connection.sendall(b"".join(map(reply, commands)))

    uds = TRANSPORTS["uds"]
    with serving(uds, folder, serve) as address, connected(uds, address) as client:
        fresh: list[socket.socket] = []

        def reconnect(ended: socket.socket) -> socket.socket:
            ended.close()
            fresh.append(uds.dial())
            uds.connect(fresh[-1], address)
            return fresh[-1]

        setup = make_setup(client, 3, reconnect=reconnect, is_target=is_target)
        setup.plan, setup.address = Plan(workload="redis", **plan), Address("unix", "/x")
        setup.secret = "" if is_target else "secret"
        try:
            return Redis().measure(RUNTIMES["python"], setup)
        finally:
            for each in fresh:
                each.close()


def replying(**answers: bytes) -> Reply:
    """The answers by the first word of a command; INFO tells a version."""
    told = b"redis_version:7.2.4\r\n"
    known = {"info": b"$%d\r\n%s\r\n" % (len(told), told), "auth": OK, "set": OK, "del": b":1\r\n", "ping": PONG}
    return lambda command: (known | answers)[command.split(b"\r\n")[2].decode().lower()]


def test_a_target_is_not_written_to_unless_asked(folder: Path) -> None:
    for op, writes in (("ping", False), ("get", False), ("set", True)):
        said: list[bytes] = []
        timed = measured(folder, replying(get=b"$-1\r\n"), said, op=op)
        assert timed.operations >= 1 and timed.server_version == "redis 7.2.4"
        assert any(b"SET" in command for command in said) == writes
        assert any(b"DEL" in command for command in said) == writes
        keys = {word for command in said for word in command.split(b"\r\n") if word.startswith(b"udstui:")}
        assert len(keys) == (0 if op == "ping" else 1)


def test_a_key_of_the_users_is_only_read(folder: Path) -> None:
    said: list[bytes] = []
    timed = measured(folder, replying(get=b"$5\r\nhello\r\n"), said, op="get", key="mine", pipeline=4)
    assert timed.answer == "get: a value of 5 B"
    assert timed.bytes == timed.operations * 4 * 5, "what was carried, not the packet size"
    assert not any(word in command for command in said for word in (b"SET", b"DEL"))


@pytest.mark.parametrize(
    ("answers", "op", "message"),
    [
        ({"info": b"-NOAUTH Authentication required.\r\n"}, "get", f"unix:/x asks for a password; .*{PASSWORD}"),
        ({"info": b"-ERR max number of clients reached\r\n"}, "get", "max number of clients reached"),
        ({"auth": b"-WRONGPASS invalid username-password pair\r\n"}, "get", "does not take the password: WRONGPASS"),
        ({"set": b"-READONLY You can't write against a read only replica.\r\n"}, "set", "answered set: READONLY"),
        ({"set": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"}, "set", "answered set: OOM"),
        ({"ping": b"+NO\r\n"}, "ping", "answered ping with 'NO'"),
        ({"get": b"+OK\r\n"}, "get", "answered get with 'OK'"),
        ({"info": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, "ping", "not Redis' protocol"),
    ],
)
def test_what_a_server_refuses_is_told_in_its_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, bytes], op: str, message: str
) -> None:
    monkeypatch.setenv(PASSWORD, "wrong") if "auth" in answers else monkeypatch.delenv(PASSWORD, raising=False)
    with pytest.raises(UdstuiError, match=message) as raised:
        measured(folder, replying(**answers), [], op=op)
    assert "wrong" not in str(raised.value)


def test_a_server_without_a_password_is_not_held_against_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "needless")
    said: list[bytes] = []
    auth = b"-ERR AUTH <password> called without any password configured for the default user.\r\n"
    assert measured(folder, replying(auth=auth), said, op="ping").operations >= 1


@pytest.mark.parametrize(
    ("user", "words"), [("", [b"AUTH", b"of a file"]), ("alice", [b"AUTH", b"alice", b"of a file"])]
)
def test_a_password_is_read_from_a_file_and_may_be_a_users(
    folder: Path, monkeypatch: pytest.MonkeyPatch, user: str, words: list[bytes]
) -> None:
    file = folder / "password"
    file.touch(mode=0o600)
    file.write_text("of a file\n")
    monkeypatch.delenv(PASSWORD, raising=False)
    monkeypatch.setenv(PASSWORD_FILE, str(file))
    monkeypatch.setenv(USER, user)
    said: list[bytes] = []
    measured(folder, replying(), said, op="ping")
    assert said[0] == command(*words)


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"x", 0o640, "others may read the password in .*chmod 600"),
        (b"\xff", 0o600, "it is no text"),
        (None, 0, "cannot read the password in .*No such file"),
        (b"", 0o600, "user alice of redis needs a password"),
        (b"x" * 4097, 0o600, "has more than 4096 characters"),
    ],
)
def test_a_file_that_is_no_place_for_a_password_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, mode: int, message: str
) -> None:
    file = folder / "password"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    monkeypatch.delenv(PASSWORD, raising=False)
    monkeypatch.setenv(PASSWORD_FILE, str(file))
    monkeypatch.setenv(USER, "alice")
    with pytest.raises(UsageError, match=message):
        measured(folder, replying(), [], op="ping")


def test_our_own_server_must_hold_what_was_written(folder: Path) -> None:
    with pytest.raises(UdstuiError, match="interval is not counted"):
        measured(folder, replying(get=b"$3\r\nxyz\r\n"), [], is_target=False)
