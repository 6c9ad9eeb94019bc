"""HTTP and JSON-RPC, byte by byte, and the server that they are spoken to."""

from __future__ import annotations

import socket

from tests.helpers import receive_exactly
from udstui.runtimes.python import Python
from udstui.services import rpc

PYTHON = Python()
CALL = b'{"jsonrpc":"2.0","method":"Greeter.Greet","params":["Ann"],"id":1}'
ANSWER = {"jsonrpc": "2.0", "result": "Hello, Ann", "id": 1}


def post(body: bytes, *headers: str, path: str = "/", version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [*headers, "Content-Type: application/json"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def serve(connection: socket.socket) -> None:
    rpc.serve(connection, bytearray(), "block", 0, PYTHON)


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = client.recv(1)
        assert piece, f"the server closed after {head!r}"
        head += piece
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    return int(first.split()[1]), headers, receive_exactly(client, int(headers.get("Content-Length", 0)))
