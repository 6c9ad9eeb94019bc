"""rpc: clients that take their time, leave, or never read, and how long each of them is borne."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from tests.helpers import connected, receive_exactly, serving
from tests.services.speaking import CALL, answer, post, serve
from udstui.services import rpc
from udstui.transports import Transport


def test_a_request_that_takes_too_long_is_given_up(
    transport: Transport, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "REQUEST_WITHIN_S", 0.2)
    monkeypatch.setattr(rpc, "_LOOK_UP_EVERY_NS", 20 * 10**6)
    with serving(transport, folder, serve) as address, connected(transport, address) as client:
        client.sendall(b"POST / HT")
        assert client.recv(1) == b""  # silence
        with connected(transport, address) as dripping:
            for byte in post(CALL):  # a byte now and then is progress, and yet takes too long
                try:
                    dripping.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.02)
            assert dripping.recv(1000) == b""


def test_a_request_that_began_behind_another_is_given_up_as_soon(
    transport: Transport, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "REQUEST_WITHIN_S", 0.2)
    monkeypatch.setattr(rpc, "_LOOK_UP_EVERY_NS", 20 * 10**6)
    with serving(transport, folder, serve) as address, connected(transport, address) as client:
        client.settimeout(10)
        client.sendall(post(CALL) + b"POST / HT")
        assert answer(client)[0] == 200
        assert client.recv(1) == b""


def test_an_answer_that_is_read_in_drips_is_given_up(
    transport: Transport, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "REQUEST_WITHIN_S", 0.5)
    monkeypatch.setattr(rpc, "_LOOK_UP_EVERY_NS", 20 * 10**6)
    size = 30_000_000
    with serving(transport, folder, serve) as address, connected(transport, address) as client:
        client.sendall(post(bytes(size), path="/echo"))
        read, begun = 0, time.monotonic()
        with contextlib.suppress(ConnectionResetError):
            while time.monotonic() < begun + 3 and (piece := client.recv(2**16)):  # some all the time, never enough
                read += len(piece)
                time.sleep(0.02)
            read += len(receive_exactly(client, size))
    assert read < size


def test_an_idle_client_is_let_go_after_a_while(
    transport: Transport, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "IDLE_FOR_S", 0.1)
    monkeypatch.setattr(rpc, "_LOOK_UP_EVERY_NS", 20 * 10**6)
    with serving(transport, folder, serve) as address, connected(transport, address) as client:
        assert client.recv(1) == b""


def test_a_client_that_leaves_in_the_middle_harms_nobody(transport: Transport, folder: Path) -> None:
    with serving(transport, folder, serve) as address:
        for request in (b"", b"PO", post(CALL)[:-5]):
            with connected(transport, address) as gone:
                gone.sendall(request)
        with connected(transport, address) as client:
            client.sendall(post(CALL))
            assert answer(client)[0] == 200
