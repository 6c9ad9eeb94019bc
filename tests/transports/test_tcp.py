from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import connected, serving
from udstui.errors import TransportError, UsageError
from udstui.transports import TRANSPORTS, dial, transport_of
from udstui.transports.address import Address, parse_address
from udstui.transports.tcp import Tcp

resolve = socket.getaddrinfo
TCP, RENO = Tcp(), transport_of("tcp-reno")


def test_a_private_server_is_on_loopback_on_a_free_port(folder: Path) -> None:
    with serving(TCP, folder, lambda _: None) as first, serving(TCP, folder, lambda _: None) as second:
        assert first != second
        for address in (first, second):
            host, port = address.location.split(":")
            assert host == "127.0.0.1"
            assert int(port) > 0


def test_both_ends_send_at_once(folder: Path) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(bytes([connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0]))

    with serving(TCP, folder, answer) as address, connected(TCP, address) as client:
        assert client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert client.recv(1) == b"\1"


def test_reno_is_in_effect_on_both_ends(folder: Path) -> None:
    """The one whose packets leave matters, and in an echo both ends send."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16))

    with serving(RENO, folder, answer) as address, connected(RENO, address) as client:
        for said in (client.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16), client.recv(16)):
            assert said.rstrip(b"\0") == b"reno"


def test_thousands_of_connections_leave_no_port_waiting(folder: Path) -> None:
    """A connection that lingers in TIME_WAIT keeps its port: bind it again to see that it does not."""

    def drain(connection: socket.socket) -> None:
        while connection.recv(1):
            pass

    with serving(TCP, folder, drain) as address:
        with connected(TCP, address) as client:
            ours = client.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as again:
            again.bind(ours)


@pytest.mark.parametrize(
    "location",
    [
        "127.0.0.1",
        "127.0.0.1:",
        ":80",
        "127.0.0.1:x",
        "h:65536",
        "h:-1",
        "h:²",
        "é" * 64 + ":0",
        "h:" + "9" * 100,
        "h:00000099999",
    ],
)
def test_what_is_no_tcp_address_is_refused(location: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        TCP.listen(Address("tcp", location))
    with socket.socket() as client, pytest.raises(UsageError, match="HOST:PORT"):
        TCP.connect(client, Address("tcp", location))


@given(st.text(st.sampled_from("0123456789 +-_²"), max_size=12))
def test_a_port_is_a_number_up_to_65535_or_refused(port: str) -> None:
    try:
        TCP.listen(Address("tcp", f"no-such-host.invalid.:{port}"))
    except UsageError:
        assert not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535)
    except TransportError:  # the host is none
        assert 0 <= int(port) <= 65535


@pytest.mark.parametrize("host", ["no-such-host.invalid", "300.1.1.1", "a" * 70, "."])
def test_a_host_that_is_none_is_one_clear_error(host: str) -> None:
    with pytest.raises(TransportError, match="cannot listen"):
        TCP.listen(parse_address(f"tcp:{host}:0"))


def test_every_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where localhost means ::1 first and the server is on 127.0.0.1, and the other way round."""
    if problem := TRANSPORTS["tcp6"].missing():
        pytest.skip(problem)
    for family, loopback in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.create_server((loopback, 0), family=family) as server:
            port = server.getsockname()[1]
            for order in (("127.0.0.1", "::1"), ("::1", "127.0.0.1"), ("127.0.0.2", "127.0.0.1", "::1")):
                found = [answer for host in order for answer in resolve(host, port, type=socket.SOCK_STREAM)]
                monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
                with dial(Address("tcp", f"localhost:{port}"), 5) as connected:
                    assert connected.getpeername()[1] == port
                    assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                with TCP.connect(TCP.dial(reset_on_close=True), Address("tcp", f"localhost:{port}")) as connection:
                    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == struct.pack("ii", 1, 0)  # type: ignore[attr-defined]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(TransportError, match="Connection refused"):
        dial(Address("tcp", f"localhost:{port}"), 5)
