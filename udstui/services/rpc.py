"""rpc: JSON-RPC 2.0 over HTTP/1.1, kept alive, by the standard library's http.server on any transport.

POST / takes a request or a batch; POST /echo returns its body as it came, which is HTTP and nothing else.
"""

from __future__ import annotations

import http
import io
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from udstui.runtimes import Runtime
from udstui.services.budget import Budget, Reservation
from udstui.services.http_rules import BadHead, body_bytes, is_reached_by_browsers, read_head, refused
from udstui.services.methods import METHODS
from udstui.services.stream import Stream
from udstui.transports.connection import Connection, set_timeout

REQUEST_WITHIN_S = 10.0
"""How long a request may take from its first byte to its last, and its answer to be read."""
IDLE_FOR_S = 600.0
"""How long a kept-open connection may stay silent between requests."""
ECHO_PATH = "/echo"
_LOOK_UP_EVERY_NS = 10**9
_PIECE_BYTES = 1024**2
_MOST_IN_FLIGHT_BYTES = 256 * 1024**2
"""Of all bodies that are being read or answered, in pieces of _PIECE_BYTES: four of the largest."""
in_flight = Budget(_MOST_IN_FLIGHT_BYTES)


def serve(connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int, runtime: Runtime) -> None:
    """Serve in blocking Python, whatever the runtime is."""
    if wait == "spin":
        connection.setblocking(False)
    else:
        set_timeout(connection, _LOOK_UP_EVERY_NS)
    _Handler(Stream(connection), is_reached_by_browsers=is_reached_by_browsers(connection))


class _Handler(BaseHTTPRequestHandler):
    """One connection. The constructor returns when the connection closes; until then it answers request by request."""

    protocol_version = "HTTP/1.1"
    server_version = "udstui"
    sys_version = ""

    def __init__(self, stream: Stream, *, is_reached_by_browsers: bool) -> None:
        # Not BaseRequestHandler's: that wants a socket. The rest of http.server reads rfile and writes wfile.
        self._stream = stream
        self._is_reached_by_browsers = is_reached_by_browsers
        self._reader = self.rfile = stream.makefile()
        self.wfile = _Writer(stream)  # type: ignore[assignment]
        self.client_address = ("", 0)
        self.close_connection = False
        while not self.close_connection:
            if self._reader.has_more():  # its first bytes came behind the request before
                stream.give_up_s, stream.limit_s = time.monotonic() + REQUEST_WITHIN_S, None
            else:
                stream.give_up_s, stream.limit_s = time.monotonic() + IDLE_FOR_S, REQUEST_WITHIN_S
            self._handle_one()

    def _handle_one(self) -> None:
        """Read the head of a request and judge it as a whole, before http.server takes it apart leniently."""
        self.requestline, self.request_version, self.command = "", "", ""
        try:
            head = read_head(self._reader)
        except BadHead as error:
            self.send_error(error.status, error.said)
            return
        if not head:
            self.close_connection = True
            return
        self.raw_requestline, fields = head.split(b"\n", 1)
        self.rfile = io.BufferedReader(io.BytesIO(fields))
        is_sound = self.parse_request()
        self.rfile = self._reader
        if not is_sound:  # and that has been said
            return
        if refusal := refused(self.headers, self.request_version, is_reached_by_browsers=self._is_reached_by_browsers):
            self.send_error(*refusal)
        elif self.command == "POST":
            self.do_POST()
        else:
            self.send_error(http.HTTPStatus.METHOD_NOT_ALLOWED, "POST a JSON-RPC 2.0 request")

    def handle_expect_100(self) -> bool:
        """Say nothing yet: what may not be sent is refused before the client is told to go on."""
        return True

    def do_POST(self) -> None:
        with in_flight.reservation() as reserved:
            try:
                body = self._body(reserved)
            except BadHead as error:
                self.send_error(error.status, error.said)
                return
            if body is None:
                self.close_connection = True
                return
            self._answer_body(_path_of(self.path), body)

    def _answer_body(self, path: str, body: bytes) -> None:
        if path == ECHO_PATH:
            self._answer(http.HTTPStatus.OK, body, "application/octet-stream")
        elif path not in ("/", "/rpc"):
            self.send_error(http.HTTPStatus.NOT_FOUND, f"POST to / or {ECHO_PATH}")
        elif self._is_reached_by_browsers and self.headers.get_content_type() != "application/json":
            # A web page may post text without asking (CORS's simple requests); JSON it may not.
            self.send_error(http.HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "say Content-Type: application/json")
        elif (answer := METHODS.answer(body)) is None:
            self._answer(http.HTTPStatus.NO_CONTENT, b"", "")
        else:
            self._answer(http.HTTPStatus.OK, answer, "application/json")

    def _body(self, reserved: Reservation) -> bytes | None:
        """The body of the request; None when the client is gone. Raises BadHead when it is not to be had."""
        length = body_bytes(self.headers)
        if self.headers.get("Expect", "").lower() == "100-continue":
            self._stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if length <= _PIECE_BYTES:
            body = self._reader.read(length)
            return body if len(body) == length else None
        pieces: list[bytes] = []
        while left := length - sum(map(len, pieces)):
            if not reserved.add(_PIECE_BYTES):
                raise BadHead(http.HTTPStatus.SERVICE_UNAVAILABLE, "too much is being sent at once; try again later")
            piece = self._reader.read(min(_PIECE_BYTES, left))
            if not piece:
                return None
            pieces.append(piece)
        return b"".join(pieces)

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
    """What is left of wfile: http.server flushes it."""

    def __init__(self, stream: Stream) -> None:
        self.write = stream.sendall
        self.closed = False

    def flush(self) -> None:
        pass
