"""The other side of rpc: the standard library's http.client on any connected transport, and JSON-RPC over it."""

from __future__ import annotations

import itertools
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

import msgspec

from udstui.errors import ServiceError, TransportError
from udstui.services.limits import LARGEST_BODY_BYTES
from udstui.services.protocols import http_refusal
from udstui.services.stream import Stream
from udstui.transports.connection import Connection

if TYPE_CHECKING:
    from http.client import HTTPResponse

_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
BINARY = {"Content-Type": "application/octet-stream"}
_LARGEST_ANSWER_BYTES = LARGEST_BODY_BYTES + 64 * 1024
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class HttpClient(HTTPConnection):
    """HTTP/1.1 over a connection that is there already. A request is one write: head and body together."""

    def __init__(self, connection: Connection) -> None:
        super().__init__("localhost")
        self.stream = Stream(connection)
        self.sock = self.stream
        self._pieces: list[bytes] | None = None

    def connect(self) -> None:
        raise ConnectionError("the server closed the connection")

    def send(self, data: Any) -> None:
        if self._pieces is None:
            super().send(data)
        else:
            self._pieces.append(data)

    def post(self, path: str, body: bytes, headers: dict[str, str] = BINARY) -> bytes:
        """The body of the answer. Raises OSError, TransportError or ServiceError."""
        pieces: list[bytes] = []
        self._pieces = pieces
        try:
            self.request("POST", path, body, headers)
        finally:
            self._pieces = None
        self.send(b"".join(pieces))
        try:
            response: HTTPResponse = self.getresponse()
            answer = _body(response)
        except (HTTPException, ValueError) as error:  # http.client lets int() speak of a bad number
            raise TransportError(
                f"the server closed the connection, or speaks no HTTP ({type(error).__name__})",
                "is that an rpc server?",
            ) from error
        if response.status not in (200, 204):
            raise http_refusal(response.status, response.reason, answer)
        return answer


def _body(response: HTTPResponse) -> bytes:
    """All of it. Memory is set aside for as much as the server announces, so that is looked at before."""
    if response.length is not None and response.length <= _LARGEST_ANSWER_BYTES:
        return response.read()
    body = b"" if response.length else response.read(_LARGEST_ANSWER_BYTES + 1)
    if response.length or len(body) > _LARGEST_ANSWER_BYTES:
        raise ServiceError(f"the answer has more than {_LARGEST_ANSWER_BYTES} bytes", "is that an rpc server?")
    return body


class RpcClient:
    """JSON-RPC 2.0 over one connection."""

    def __init__(self, connection: Connection, path: str = "/") -> None:
        """`path` is where calls are posted."""
        self.http = HttpClient(connection)
        self._path = path
        self._numbers = itertools.count(1)

    def call(self, method: str, params: list[Any]) -> Any:
        """The result. Raises OSError, TransportError or ServiceError."""
        number = next(self._numbers)
        body = self.http.post(
            self._path, _encode({"jsonrpc": "2.0", "method": method, "params": params, "id": number}), _HEADERS
        )
        try:
            answer = _decode(body)
            if answer["id"] == number and "result" in answer:
                return answer["result"]
            error = answer["error"]
            code, message, data = error["code"], error["message"], error.get("data")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
            raise ServiceError("the answer is no JSON-RPC 2.0", "is that an rpc server?") from error
        raise ServiceError(f"{message} ({code}){f': {data}' if data else ''}")
