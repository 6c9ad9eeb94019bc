"""rpc: JSON-RPC 2.0 over HTTP/1.1, kept alive, by the standard library's http.server on any transport.

POST / takes a request or a batch; POST /echo returns its body as it came, which is HTTP and nothing else.
"""

from __future__ import annotations

import http
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from udstui.services.limits import LARGEST_BODY_BYTES
from udstui.services.methods import METHODS
from udstui.services.stream import Stream
from udstui.transports.connection import Connection, set_timeout

REQUEST_WITHIN_S = 10.0
"""How long a request may take from its first byte to its last, and its answer to be read."""
IDLE_FOR_S = 600.0
"""How long a kept-open connection may stay silent between requests."""
ECHO_PATH = "/echo"
_LOOK_UP_EVERY_NS = 10**9


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
    if wait == "spin":
        connection.setblocking(False)
    else:
        set_timeout(connection, _LOOK_UP_EVERY_NS)
    _Handler(Stream(connection))


class _Handler(BaseHTTPRequestHandler):
    """One connection: the requests come one after the other until it closes. Made, it is done."""

    protocol_version = "HTTP/1.1"
    server_version = "udstui"
    sys_version = ""

    def __init__(self, stream: Stream) -> None:
        # Not BaseRequestHandler's: that wants a socket. The rest of http.server reads rfile and writes wfile.
        self._stream = stream
        self.rfile = reader = stream.makefile()
        self.wfile = _Writer(stream)  # type: ignore[assignment]
        self.client_address = ("", 0)
        self.close_connection = False
        while not self.close_connection:
            if reader.has_more():  # its first bytes came behind the request before
                stream.give_up_s, stream.limit_s = time.monotonic() + REQUEST_WITHIN_S, None
            else:
                stream.give_up_s, stream.limit_s = time.monotonic() + IDLE_FOR_S, REQUEST_WITHIN_S
            self.handle_one_request()

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        path = _path_of(self.path)
        if path == ECHO_PATH:
            self._answer(http.HTTPStatus.OK, body, "application/octet-stream")
        elif path in ("/", "/rpc"):
            answer = METHODS.answer(body)
            if answer is None:
                self._answer(http.HTTPStatus.NO_CONTENT, b"", "")
            else:
                self._answer(http.HTTPStatus.OK, answer, "application/json")
        else:
            self.send_error(http.HTTPStatus.NOT_FOUND, f"POST to / or {ECHO_PATH}")

    def _refuse(self) -> None:
        self.send_error(http.HTTPStatus.METHOD_NOT_ALLOWED, "POST a JSON-RPC 2.0 request")

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = _refuse

    def _body(self) -> bytes | None:
        """The body of the request; None when there is none to be had, and that has been said."""
        text = self.headers.get("Content-Length")
        if text is None or "Transfer-Encoding" in self.headers:
            self.send_error(http.HTTPStatus.LENGTH_REQUIRED, "say Content-Length")
            return None
        if not (text.isascii() and text.isdigit()) or len(self.headers.get_all("Content-Length", ())) > 1:
            self.send_error(http.HTTPStatus.BAD_REQUEST, "bad Content-Length")
            return None
        if len(text) > 20 or int(text) > LARGEST_BODY_BYTES:
            self.send_error(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LARGEST_BODY_BYTES} bytes")
            return None
        body = self.rfile.read(int(text))
        if len(body) < int(text):  # the client is gone
            self.close_connection = True
            return None
        return body

    def _answer(self, status: http.HTTPStatus, body: bytes, kind: str, *, with_body: bool = True) -> None:
        """In one write: head and body in two would meet Nagle and delayed acknowledgement, and take 40 ms on TCP."""
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nServer: udstui\r\nDate: {self.date_time_string()}\r\n"
        if kind:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        if status is http.HTTPStatus.METHOD_NOT_ALLOWED:
            head += "Allow: POST\r\n"
        if self.close_connection:
            head += "Connection: close\r\n"
        elif self.request_version == "HTTP/1.0":
            head += "Connection: keep-alive\r\n"
        self._stream.give_up_s = time.monotonic() + REQUEST_WITHIN_S
        self._stream.sendall(head.encode("latin-1") + b"\r\n" + (body if with_body else b""))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Also called by http.server for what is no HTTP. The connection ends: who knows where the next request is."""
        status = http.HTTPStatus(code)
        self.close_connection = True
        self.request_version = self.request_version or "HTTP/1.1"
        text = f"{message or status.phrase}\n".encode()
        self._answer(status, text, "text/plain; charset=utf-8", with_body=self.command != "HEAD")

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The same for a whole second: making it anew for each answer costs as much as the rest of the head."""
        second = int(time.time())
        if _date[0] != second:
            _date[:] = second, super().date_time_string(second)
        return str(_date[1])

    def log_message(self, *_: Any) -> None:
        """The host logs clients, not requests."""


def _path_of(target: str) -> str:
    """Of a request's target: a path, or a whole URL as to a proxy (RFC 9112, 3.2); what a query says is not used."""
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() == "http":
        target = "/" + rest.partition("?")[0].partition("/")[2]
    return target.partition("?")[0]


_date: list[Any] = [0, ""]


class _Writer:
    """What is left of wfile: http.server itself writes `100 Continue` and flushes."""

    def __init__(self, stream: Stream) -> None:
        self.write = stream.sendall
        self.closed = False

    def flush(self) -> None:
        pass
