"""What listens here: whose it is, what it seems to speak, and the line that races it."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import pytest

from udstui.host.listeners import Listener, command_words, holders, is_ours, listeners
from udstui.services.protocols import HTTP, MYSQL, POSTGRES, REDIS, Spoken
from udstui.targets import Target, _guess, find_targets, process_at
from udstui.text.targets import run_line, targets_report
from udstui.transports.address import Address
from udstui.transports.private_folder import PrivateFolder

UNIX, TCP = Address("unix", "/run/redis.sock"), Address("tcp", "127.0.0.1:6379")


def test_our_own_sockets_are_found_as_a_pair(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as unix, socket.create_server(("127.0.0.1", 0)) as tcp:
        unix.bind(str(folder / "socket"))
        unix.listen()
        port = tcp.getsockname()[1]
        mine = next(target for target in find_targets() if target.pid == os.getpid())
        addresses = (Address("unix", str(folder / "socket")), Address("tcp", f"127.0.0.1:{port}"))
        assert set(addresses) <= set(mine.addresses)
        assert mine.is_pair
        assert [process_at(address) for address in addresses] == [os.getpid()] * 2
        assert is_ours(os.getpid(), port) and not is_ours(os.getppid(), port)
        assert os.fstat(unix.fileno()).st_ino in holders()
    assert process_at(addresses[0]) is None


def test_a_name_with_line_ends_in_it_adds_nothing_and_stops_nothing(folder: Path) -> None:
    """Anybody may give his socket one, and what stands behind the line end may look like the row of another."""
    with socket.socket(socket.AF_UNIX) as ours, contextlib.ExitStack() as opened:
        ours.bind(str(folder / "ours"))
        ours.listen()
        row = f"0000: 00000002 00000000 00010000 0001 01 {os.fstat(ours.fileno()).st_ino} /run/forged"
        for ending in (f"\n{row}", "\nx y z 00010000 0001 q r s", "\r0 1 2 g 4 5 6 7", "\n", "\x85\u2028\xff"):
            theirs = opened.enter_context(socket.socket(socket.AF_UNIX))
            theirs.bind(b"\0" + os.urandom(4).hex().encode() + ending.encode("latin-1", errors="replace"))
            theirs.listen()
        assert not [one for one in listeners() if one.path == "/run/forged"]
        assert find_targets()
        assert process_at(Address("unix", "/run/forged")) is None


def test_servers_of_our_own_are_no_targets() -> None:
    with PrivateFolder() as private, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(private.path / "1"))
        unix.listen()
        assert os.getpid() not in [target.pid for target in find_targets()]


@pytest.mark.parametrize(
    ("name", "listener", "spoken"),
    [
        ("redis-server", Listener(1, host="127.0.0.1", port=7000), REDIS),
        ("", Listener(1, host="127.0.0.1", port=6379), REDIS),
        ("", Listener(1, path="/run/postgresql/.s.PGSQL.5432"), POSTGRES),
        ("mariadbd", Listener(1, path="/run/mysqld/mysqld.sock"), MYSQL),
        ("app", Listener(1, path="/run/gunicorn.sock"), HTTP),
        ("app", Listener(1, path="/run/nginx/other.sock"), None),
    ],
)
def test_what_is_spoken_is_guessed_by_names(name: str, listener: Listener, spoken: Spoken | None) -> None:
    assert _guess(name, [listener], []) == spoken


@pytest.mark.parametrize(
    ("name", "command", "spoken"),
    [
        ("python3", "/usr/bin/python3 -u -m http.server 7000", HTTP),
        ("python3.11", "python3.11 /opt/app/bin/uvicorn app:app", HTTP),
        ("python3", "python3 worker.py", None),
        ("editor", "editor http.server", None),
    ],
)
def test_a_server_in_python_is_guessed_by_how_it_was_started(name: str, command: str, spoken: Spoken | None) -> None:
    assert _guess(name, [Listener(1, host="127.0.0.1", port=7000)], command.split()) == spoken


def test_how_a_process_was_started_is_read() -> None:
    assert any(command_words(os.getpid()))
    assert command_words(None) == []


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (
            Target("redis-server", 1, REDIS, (UNIX, TCP)),
            "udstui run --workload redis --target unix:/run/redis.sock --target tcp:127.0.0.1:6379",
        ),
        (Target("app", 1, None, (UNIX,)), "udstui run --target unix:/run/redis.sock"),
        (Target("app", 1, HTTP, (Address("unix", "/a b"),)), "udstui run --workload http --target 'unix:/a b'"),
        (
            Target("x", 1, REDIS, (UNIX, Address("unix", "/z"), TCP, Address("tcp6", "[::1]:1"))),
            "udstui run --workload redis --target unix:/run/redis.sock --target tcp:127.0.0.1:6379",
        ),
    ],
)
def test_the_line_races_one_address_of_each_kind(target: Target, line: str) -> None:
    assert run_line(target) == line


def test_the_report_is_harmless_and_says_what_is_not_known() -> None:
    text = targets_report([
        Target("redis\x1b[2J", 7, REDIS, (UNIX, TCP)),
        Target("", None, None, (TCP,)),
        Target("mysqld", 8, MYSQL, (TCP,)),
    ])  # fmt: skip
    assert "\x1b" not in text
    assert "on a socket and on a port\n  unix:/run/redis.sock\n  tcp:127.0.0.1:6379\n  udstui run" in text
    assert "Also listening:\n  a process that is not yours to see  tcp:127.0.0.1:6379\n  mysqld (8): a MySQL" in text
    assert targets_report([]).startswith("Nothing listens here")


@pytest.mark.parametrize("addresses", [(TCP,), ()])
def test_a_process_of_thousands_of_sockets_hides_no_other(addresses: tuple[Address, ...]) -> None:
    many = tuple(Address("unix", f"@name-{number}") for number in range(9_000))
    text = targets_report([Target("flood", 7, None, (*many, *addresses)), Target("mysqld", 8, MYSQL, (TCP,))])
    words = " ".join(text.split())
    assert len(text) < 1_000 and "unix:@name-0 unix:@name-1" in words
    assert ("tcp:127.0.0.1:6379 and 8,993 more" in words) is bool(addresses)
    assert text.endswith("mysqld (8): a MySQL server, it seems  tcp:127.0.0.1:6379")
