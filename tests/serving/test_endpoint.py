"""A service at an address: who makes room when there are too many clients, and what is left when there is no thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import ClassVar

import pytest

from tests.helpers import wait_until
from udstui.errors import ServiceError
from udstui.serving import endpoint
from udstui.serving.admission import Announced, Everybody
from udstui.serving.endpoint import Endpoint
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address


def test_with_too_many_clients_the_one_that_was_idle_for_longest_is_let_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(endpoint, "MOST_CLIENTS", 4)
    monkeypatch.setattr(endpoint, "_LOOK_EVERY_S", 0)
    address = Address("unix", str(folder / "e.sock"))
    served = Endpoint("echo", address, clients=Everybody())
    clients = []
    try:
        for _ in range(4):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            client.connect(address.location)
            clients.append(client)
            for each in (client, clients[0]):  # the first one is the busiest of all
                each.sendall(b"x")
                assert each.recv(1) == b"x"
        fifth = socket.socket(socket.AF_UNIX)
        clients.append(fifth)
        fifth.settimeout(20)
        fifth.connect(address.location)
        fifth.sendall(b"y")
        assert fifth.recv(1) == b"y"
        assert clients[1].recv(1) == b"", "the second has been idle for longest"
        clients[0].sendall(b"z")
        assert clients[0].recv(1) == b"z"
        said = ""

        def tells() -> bool:
            nonlocal said
            said += capfd.readouterr().err
            return "idle for longest" in said

        wait_until(tells, "the server tells whom it let go")
    finally:
        for client in clients:
            client.close()
        served.close()


class _Told:
    """Knows of activity what it is told, and counts how often anybody looked."""

    made: ClassVar[list[_Told]] = []

    def __init__(self) -> None:
        self.made.append(self)
        self.last_s, self.is_active, self.looks = float(len(self.made)), False, 0

    def look(self, now_s: float) -> float:
        self.looks += 1
        if self.is_active:
            self.last_s, self.is_active = now_s, False
        return self.last_s


def test_whoever_was_active_since_all_were_looked_at_stays_and_few_are_looked_at_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "MOST_CLIENTS", 8)
    monkeypatch.setattr(endpoint, "_LOOK_EVERY_S", float("inf"))  # once, when half of them are there
    monkeypatch.setattr(endpoint, "_Activity", _Told)
    monkeypatch.setattr(_Told, "made", [])
    served = Endpoint("echo", Address("unix", str(folder / "e.sock")), clients=Everybody(is_quiet=True))
    with contextlib.ExitStack() as opened:
        opened.callback(served.close)
        clients = []

        def one_more() -> None:
            client = opened.enter_context(socket.socket(socket.AF_UNIX))
            client.settimeout(20)
            client.connect(served.address.location)
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            clients.append(client)

        for _ in range(8):
            one_more()
        assert [told.looks for told in _Told.made] == [1] * 4 + [0] * 4
        _Told.made[0].is_active = _Told.made[2].is_active = True
        for gone in (1, 3):
            one_more()
            assert clients[gone].recv(1) == b"", "it has been idle for longest"
        assert [told.looks for told in _Told.made] == [2] * 4 + [0] * 6
        one_more()  # nobody is left of those that were looked at: now all are, and the first that came is let go
        assert clients[4].recv(1) == b""
        for told in _Told.made:
            told.is_active = True
        one_more()
        assert clients[0].recv(1) == b"", "all were active alike, and it came first"
        for stayed in (2, *range(5, 12)):
            clients[stayed].sendall(b"y")
            assert clients[stayed].recv(1) == b"y"


def test_of_clients_that_were_announced_none_is_let_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "MOST_CLIENTS", 4)
    uds, announced = TRANSPORTS["uds"], Announced()
    served = Endpoint("echo", Address("unix", str(folder / "e.sock")), clients=announced)
    with contextlib.ExitStack() as opened:
        opened.callback(served.close)
        clients = []
        for _ in range(9):
            client, name = uds.open()
            clients.append(opened.enter_context(client))
            client.settimeout(20)
            announced.expect([name], 0)
            uds.connect(client, served.address)
        for client in clients * 2:
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def test_a_server_without_a_thread_says_so_and_leaves_no_socket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ServiceError, match="no thread to be had; are there too many processes"):
        Endpoint("echo", Address("unix", str(folder / "a.sock")), clients=Everybody())
    assert list(folder.iterdir()) == []
