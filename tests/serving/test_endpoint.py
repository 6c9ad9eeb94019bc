"""A service at an address: who makes room when there are too many clients, and what is left when there is no thread."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.helpers import wait_until
from udstui.errors import ServiceError
from udstui.serving import endpoint
from udstui.serving.admission import Everybody
from udstui.serving.endpoint import Endpoint
from udstui.transports.address import Address


def test_with_too_many_clients_the_one_that_was_idle_for_longest_is_let_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(endpoint, "MOST_CLIENTS", 4)
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


def test_a_server_without_a_thread_says_so_and_leaves_no_socket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ServiceError, match="no thread to be had; are there too many processes"):
        Endpoint("echo", Address("unix", str(folder / "a.sock")), clients=Everybody())
    assert list(folder.iterdir()) == []
