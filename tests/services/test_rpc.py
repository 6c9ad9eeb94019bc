"""rpc: JSON-RPC over HTTP, spoken to byte by byte on real sockets."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import connected, serving
from tests.services.speaking import ANSWER, CALL, PYTHON, answer, post, serve
from udstui.services import rpc
from udstui.services.budget import Budget
from udstui.services.methods import METHODS
from udstui.services.rpc_client import HttpClient, RpcClient
from udstui.transports import TRANSPORTS, Transport


def test_calls_go_on_over_one_connection(client: socket.socket) -> None:
    for _ in range(3):
        client.sendall(post(CALL))
        status, headers, body = answer(client)
        assert (status, headers["Content-Type"]) == (200, "application/json")
        assert json.loads(body) == ANSWER
    client.sendall(post(CALL) + post(CALL))  # pipelined
    assert answer(client)[0] == answer(client)[0] == 200


def test_a_notification_has_no_content(client: socket.socket) -> None:
    client.sendall(post(b'{"jsonrpc":"2.0","method":"Greeter.Greet","params":["Ann"]}'))
    assert answer(client)[::2] == (204, b"")
    client.sendall(post(CALL))
    assert answer(client)[0] == 200


def test_the_echo_is_binary(client: socket.socket) -> None:
    client.sendall(post(bytes(range(256)), path="/echo"))
    assert answer(client)[2] == bytes(range(256))


def test_http_1_0_closes_unless_it_asks_not_to(client: socket.socket) -> None:
    client.sendall(post(CALL, "Connection: keep-alive", version="1.0"))
    assert answer(client)[1]["Connection"] == "keep-alive"
    client.sendall(post(CALL, version="1.0"))
    assert answer(client)[1]["Connection"] == "close"
    assert client.recv(1) == b""


def test_expect_100_continue_is_answered(client: socket.socket) -> None:
    request = post(CALL, "Expect: 100-continue")
    client.sendall(request[: -len(CALL)])
    assert answer(client)[0] == 100
    client.sendall(CALL)
    assert answer(client)[0] == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"\x00\xff\xfe\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),  # no Host
        (b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost : localhost\r\nContent-Length: 0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n folded: yes\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nX: a\rY: b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9"
            + b"9" * 10
            + b"\r\nExpect: 100-continue\r\n\r\n",
            413,
        ),
        (b"POST / HTTP/3.0\r\nContent-Length: 0\r\n\r\n", 505),
        (b"POST /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_what_cannot_be_served_is_refused_and_the_connection_ended(
    client: socket.socket, request_bytes: bytes, status: int
) -> None:
    client.sendall(request_bytes)
    found, headers, _ = answer(client)
    assert found == status
    assert headers["Connection"] == "close"


def test_empty_lines_before_a_request_are_skipped(client: socket.socket) -> None:
    client.sendall(b"\r\n\r\n" + post(CALL) + b"\r\n" + post(CALL))
    assert answer(client)[0] == answer(client)[0] == 200


FROM_A_PAGE = {
    "a name that was made to point here": (b"Host: evil.example:7000", b"Content-Type: application/json", 421),
    "another site's page": (
        b"Host: localhost\r\nOrigin: https://evil.example", b"Content-Type: application/json", 403
    ),
    "a page that was opened as a file": (b"Host: localhost\r\nOrigin: null", b"Content-Type: application/json", 403),
    "a form": (b"Host: localhost", b"Content-Type: text/plain", 415),
    "a page of this machine": (
        b"Host: 127.0.0.1:7000\r\nOrigin: http://localhost:80", b"Content-Type: application/json; charset=utf-8", 200
    ),
    "no browser": (b"Host: [::1]:7000", b"Content-Type: application/json", 200),
}  # fmt: skip


@pytest.mark.parametrize("who", FROM_A_PAGE)
def test_pages_in_a_browser_cannot_call_over_tcp(who: str, folder: Path) -> None:
    host, kind, status = FROM_A_PAGE[who]
    lines = [b"POST / HTTP/1.1", host, kind, f"Content-Length: {len(CALL)}".encode(), b"", CALL]
    with serving(TRANSPORTS["tcp"], folder, serve) as address, connected(TRANSPORTS["tcp"], address) as client:
        client.sendall(b"\r\n".join(lines))
        assert answer(client)[0] == status


def test_over_a_unix_socket_any_name_and_type_will_do(folder: Path) -> None:
    """No page reaches it, and `curl -d` says that it posts a form."""
    lines = [b"POST / HTTP/1.1", b"Host: x", b"Content-Type: application/x-www-form-urlencoded"]
    lines += [f"Content-Length: {len(CALL)}".encode(), b"", CALL]
    with serving(TRANSPORTS["uds"], folder, serve) as address, connected(TRANSPORTS["uds"], address) as client:
        client.sendall(b"\r\n".join(lines))
        assert answer(client)[0] == 200


def test_bodies_of_all_clients_share_a_budget(
    transport: Transport, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "in_flight", Budget(3 * 2**20))
    body = bytes(2 * 2**20)
    with serving(transport, folder, serve) as address, connected(transport, address) as client:
        for size, status in ((len(body), 200), (4 * 2**20, 503)):
            client.sendall(
                post(bytes(size), path="/echo")[: 100 + 3 * 2**20] if status == 503 else post(body, path="/echo")
            )
            assert answer(client)[0] == status
    assert rpc.in_flight.take(3 * 2**20), "all was given back"


def test_head_is_refused_without_a_body(client: socket.socket) -> None:
    client.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    data = b""
    while piece := client.recv(1000):
        data += piece
    assert data.startswith(b"HTTP/1.1 405 ")
    assert data.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("path", ["http://x/", "HTTP://x:80/rpc?a=/b", "/?a=1", "http://x"])
def test_a_whole_url_and_a_query_are_taken(client: socket.socket, path: str) -> None:
    client.sendall(post(CALL, path=path))
    assert json.loads(answer(client)[2]) == ANSWER


@pytest.mark.parametrize("path", ["http://x/nowhere", "ftp://x/", "/nowhere?/rpc"])
def test_what_is_not_there_is_not_there_by_any_spelling(client: socket.socket, path: str) -> None:
    client.sendall(post(CALL, path=path))
    assert answer(client)[0] == 404


@pytest.mark.parametrize("factors", [(10**400, 10**400), (10**400, 1.5), (10**200, 10**200)])
def test_a_product_too_large_is_the_callers_mistake(factors: tuple[int, float]) -> None:
    call = {"jsonrpc": "2.0", "method": "Arith.Multiply", "params": factors, "id": 1}
    found = METHODS.answer(json.dumps(call).encode())
    assert found and json.loads(found)["error"]["code"] == -32602


class Counting:
    """A connection that counts its sends."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.sends = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def send(self, data: bytes) -> int:
        self.sends += 1
        return int(self._connection.send(data))


def test_a_request_and_an_answer_are_one_write_each(transport: Transport, folder: Path) -> None:
    """Two would meet Nagle's algorithm and delayed acknowledgement: 40 ms on TCP."""
    counted: list[Counting] = []

    def serve_counted(connection: socket.socket) -> None:
        counted.append(Counting(connection))
        rpc.serve(counted[-1], bytearray(), "spin", 0, PYTHON)  # type: ignore[arg-type]

    with serving(transport, folder, serve_counted) as address, connected(transport, address) as client:
        ours = Counting(client)
        caller = RpcClient(ours)  # type: ignore[arg-type]
        for number in range(5):
            assert caller.call("Arith.Multiply", [number, 2]) == 2 * number
        assert ours.sends == counted[0].sends == 5


@pytest.mark.parametrize("name", ["uds-abstract", "tcp6", "pipe", "socketpair"])
@pytest.mark.parametrize("wait", ["block", "spin"])
def test_every_stream_carries_it(name: str, wait: str, folder: Path) -> None:
    transport = TRANSPORTS[name]
    if problem := transport.missing():
        pytest.skip(problem)
    with (
        serving(transport, folder, lambda connection: rpc.serve(connection, bytearray(), wait, 0, PYTHON)) as address,
        connected(transport, address) as client,
    ):
        client.setblocking(wait == "block")
        http = HttpClient(client)
        for size in (0, 1, 100_000, 3_000_000):
            assert http.post("/echo", bytes(size)) == bytes(size)


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"])
def test_an_answer_that_ends_with_the_connection_may_come_after_its_head(head: bytes) -> None:
    class Server:
        """Its head and its body come one by one."""

        pieces = iter((head, b"the body"))

        def recv_into(self, buffer: memoryview) -> int:
            piece = next(self.pieces, b"")
            buffer[: len(piece)] = piece
            return len(piece)

        def send(self, data: bytes) -> int:
            return len(data)

    assert HttpClient(Server()).post("/", b"x") == b"the body"  # type: ignore[arg-type]
