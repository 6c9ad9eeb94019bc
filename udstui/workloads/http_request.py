"""An HTTP/1.1 request, prepared, and a reader that finds the end of each answer: what http and rpc have in common.

The reader looks at a head only when it is another than that of the answer before: once a second, for the time of day.
"""

from __future__ import annotations

from typing import NamedTuple

from udstui.errors import ServiceError, TransportError
from udstui.runtimes.request import Received
from udstui.services.limits import LARGEST_BODY_BYTES
from udstui.services.protocols import http_refusal

_LARGEST_HEAD_BYTES = 64 * 1024
_LARGEST_ANSWER_BYTES = LARGEST_BODY_BYTES + _LARGEST_HEAD_BYTES
_USUAL_HEAD_BYTES = 4096
_END = b"\r\n\r\n"
_WHOSE = "is that an rpc server?"


def http_request(
    method: str, path: str, body: bytes = b"", *, header: bytes = b"", content_type: str = "application/octet-stream"
) -> bytes:
    """`header` are more lines of the head, between line feeds; a Host among them takes the place of the usual one."""
    lines = [line.strip() for line in header.split(b"\n") if line.strip()]
    if not any(line.lower().startswith(b"host:") for line in lines):
        lines.insert(0, b"Host: localhost")
    if method == "POST":
        lines += [f"Content-Type: {content_type}".encode(), f"Content-Length: {len(body)}".encode()]
    return b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *lines, b"", body])


def usual_answer_bytes(body_bytes: int) -> int:
    return _USUAL_HEAD_BYTES + body_bytes


def status_of(answer: bytes) -> tuple[str, str]:
    """Of a whole answer the status in words, and what its server calls itself; empty where it does not say."""
    head = _parsed(answer, len(answer))
    return f"{head.status} {head.reason}".strip(), head.server


def body_of(answer: memoryview) -> bytes:
    """The body of a whole answer, put together where it came in chunks."""
    received = bytes(answer)
    head = _parsed(received, len(received))
    if head.is_chunked:
        return b"".join(received[piece] for piece in _chunks(received, head.end, len(received))[1])
    return received[head.end :]


def wrong_echo() -> TransportError:
    return TransportError(
        "the echo differs from what was sent; the interval is not counted", "is that an rpc server of udstui's?"
    )


class HttpReader:
    """As udstui.runtimes.request.AnswerReader says. Takes Content-Length, chunks, or all until the end."""

    def __init__(self, *, has_body: bool = True) -> None:
        """Answers to HEAD have no body, whatever their head says."""
        self.closes = False
        self._has_body = has_body
        self._known_head = b""
        self._known_length = 0

    def length(self, received: Received, count: int) -> int:
        known = self._known_head
        if known and count >= len(known) and received.startswith(known):
            return self._known_length
        if received.find(_END, 0, count) < 0:
            if count > _LARGEST_HEAD_BYTES:
                raise _no_http()
            return 0
        head = _parsed(received, count)
        if not 200 <= head.status < 400:
            raise http_refusal(head.status, head.reason, bytes(received[head.end : count]))
        self.closes = head.closes
        if not self._has_body:
            head = head._replace(body_bytes=0, is_chunked=False)
        if max(count, head.body_bytes or 0) > _LARGEST_ANSWER_BYTES:
            raise ServiceError(f"the answer has more than {_LARGEST_ANSWER_BYTES} bytes", _WHOSE)
        if head.is_chunked:
            return _chunks(received, head.end, count)[0]
        if head.body_bytes is None:
            return 0
        self._known_head, self._known_length = bytes(received[: head.end]), head.end + head.body_bytes
        return self._known_length

    def length_at_end(self, received: Received, count: int) -> int:
        length = self.length(received, count)
        if length or received.find(_END, 0, count) < 0:
            return length
        head = _parsed(received, count)
        return 0 if head.is_chunked or head.body_bytes is not None else count


class _Head(NamedTuple):
    end: int
    """Where the body begins."""
    status: int
    reason: str
    body_bytes: int | None
    """None when the head does not tell."""
    is_chunked: bool
    closes: bool
    server: str


def _parsed(received: Received, count: int) -> _Head:
    """A head that is whole (RFC 9112). Raises ServiceError when it is none."""
    end = received.find(_END, 0, count) + len(_END)
    first, *lines = bytes(received[: end - len(_END)]).decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    status, _, reason = rest.partition(" ")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = fields.get("content-length")
    if not version.startswith("HTTP/1.") or not _is_number(status) or not (length is None or _is_number(length)):
        raise _no_http()
    connection = fields.get("connection", "").lower()
    is_chunked = fields.get("transfer-encoding", "").lower() == "chunked"
    body_bytes = 0 if status in ("204", "304") else None if length is None else int(length)
    closes = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
    server = fields.get("server", "")[:80]
    return _Head(end, int(status), reason, None if is_chunked else body_bytes, is_chunked, closes, server)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _chunks(received: Received, place: int, count: int) -> tuple[int, list[slice]]:
    """Where a body in chunks that begins at `place` ends (0 while it has not come), and where its pieces are."""
    pieces: list[slice] = []
    while (line_end := received.find(b"\r\n", place, count)) >= 0:
        digits = bytes(received[place:line_end]).partition(b";")[0].strip()
        if not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
            raise _no_http()
        size = int(digits, 16)
        if not size:  # the end, and perhaps fields behind it
            end = received.find(_END, line_end, count)
            return (end + len(_END) if end >= 0 else 0), pieces
        place = line_end + 2 + size + 2
        pieces.append(slice(line_end + 2, line_end + 2 + size))
    return 0, pieces


def _no_http() -> ServiceError:
    return ServiceError("what the server answers is no HTTP", _WHOSE)
