"""What a request over HTTP/1.1 must look like before http.server, which is lenient, takes it apart (RFC 9112).

Two readers of one connection that understand a request differently can be played against each other, so whatever is
ambiguous is refused and the connection closed.
"""

from __future__ import annotations

import http
import ipaddress
import re
import socket
from email.message import Message
from typing import BinaryIO

from udstui.services.limits import LARGEST_BODY_BYTES
from udstui.transports.connection import Connection

LONGEST_LINE_BYTES = 65_536
MOST_FIELDS = 100
_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r?\n")
"""A token, a colon right behind it, and a value without control characters; a folded line is none (RFC 9112, 5)."""
_LOCAL_NAMES = ("localhost", "localhost.localdomain")


class BadHead(Exception):
    """A request that is not served: the status, and what is said to the client."""

    def __init__(self, status: http.HTTPStatus, said: str = "") -> None:
        super().__init__(status, said)
        self.status = status
        self.said = said


def read_head(reader: BinaryIO) -> bytes:
    """Request line and fields, up to the empty line and with it; empty when the client has no more to say.

    Empty lines before the request line are skipped (RFC 9112, 2.2). Raises BadHead.
    """
    line = reader.readline(LONGEST_LINE_BYTES + 1)
    for _ in range(MOST_FIELDS):
        if line not in (b"\r\n", b"\n"):
            break
        line = reader.readline(LONGEST_LINE_BYTES + 1)
    if len(line) > LONGEST_LINE_BYTES:
        raise BadHead(http.HTTPStatus.REQUEST_URI_TOO_LONG)
    if line and (b"\0" in line or b"\r" in line.removesuffix(b"\r\n") or not line.endswith(b"\n")):
        raise BadHead(http.HTTPStatus.BAD_REQUEST, "bad request line")
    head = [line]
    while line:
        line = reader.readline(LONGEST_LINE_BYTES + 1)
        head.append(line)
        if line in (b"\r\n", b"\n"):
            return b"".join(head)
        if len(line) > LONGEST_LINE_BYTES or len(head) > MOST_FIELDS:
            raise BadHead(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if line and not _FIELD.fullmatch(line):
            raise BadHead(http.HTTPStatus.BAD_REQUEST, "bad field line")
    return b""


def refused(fields: Message, version: str, *, is_reached_by_browsers: bool) -> tuple[http.HTTPStatus, str] | None:
    """Why a request is not served although its lines are sound; None when it is."""
    hosts = fields.get_all("Host", [])
    if len(hosts) > 1 or (not hosts and version == "HTTP/1.1"):
        return http.HTTPStatus.BAD_REQUEST, "say Host, once"
    if not is_reached_by_browsers:
        return None
    if hosts and not _is_local(hosts[0]):
        return http.HTTPStatus.MISDIRECTED_REQUEST, "this server answers to localhost and to addresses only"
    for origin in fields.get_all("Origin", []):
        if not _is_local(origin.partition("://")[2]):
            return http.HTTPStatus.FORBIDDEN, "pages of other sites may not call this server"
    return None


def body_bytes(fields: Message) -> int:
    """The length of the body that follows. Raises BadHead when it is not told, or not plainly, or too large."""
    lengths = fields.get_all("Content-Length", [])
    if "Transfer-Encoding" in fields:
        if lengths:
            raise BadHead(http.HTTPStatus.BAD_REQUEST, "Content-Length and Transfer-Encoding contradict each other")
        raise BadHead(http.HTTPStatus.LENGTH_REQUIRED, "say Content-Length")
    if not lengths:
        raise BadHead(http.HTTPStatus.LENGTH_REQUIRED, "say Content-Length")
    text = lengths[0].strip()
    if len(lengths) > 1 or not (text.isascii() and text.isdigit()):
        raise BadHead(http.HTTPStatus.BAD_REQUEST, "bad Content-Length")
    if len(text) > 20 or int(text) > LARGEST_BODY_BYTES:
        raise BadHead(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {LARGEST_BODY_BYTES} bytes")
    return int(text)


def is_reached_by_browsers(connection: Connection) -> bool:
    """Whether a web page that is open in a browser on this machine could send requests to it: over TCP it could."""
    return isinstance(connection, socket.socket) and connection.family in (socket.AF_INET, socket.AF_INET6)


def _is_local(authority: str) -> bool:
    """Whether a Host means this machine. A name of somebody else's may be made to point here (DNS rebinding)."""
    host = authority.strip()
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if host.lower().rstrip(".") in _LOCAL_NAMES:
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
