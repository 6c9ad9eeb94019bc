"""What a server speaks, guessed by its first bytes: the one place for that."""

from __future__ import annotations

import select
import socket
from typing import NamedTuple

from udstui.errors import ServiceError, UdstuiError
from udstui.transports import dial
from udstui.transports.address import Address

_PROBE = b"PING\r\n"
"""Redis answers it, memcached and HTTP servers complain, and an echo returns it. Who speaks first does so anyway."""
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""PostgreSQL answers it with one letter (its protocol's SSLRequest), and closes after anything else."""
_CLIENT_HELLO = bytes.fromhex("16030100050100000100")
"""TLS, with nothing in it: whoever speaks TLS answers with an alert, and many close at anything else without a word."""
_WITHIN_S = 0.3
_LONGEST_BYTES = 512
_LONGEST_WORDS_BYTES = 200
"""Of what a server says of a failure."""
_PATH, _METHOD = "ask for another path", "by another method"
_REMEDIES = {404: _PATH, 410: _PATH, 405: f"{_PATH}, or {_METHOD}", 501: f"ask {_METHOD}"}
"""By the status of a path that has nothing, or not for this method (RFC 9110)."""


class Spoken(NamedTuple):
    """A protocol."""

    name: str
    workload: str
    """The workload that fits; empty where none does."""


ECHO = Spoken("an echo server", "ping-pong")
HTTP = Spoken("an HTTP server", "http")
REDIS = Spoken("a redis server", "redis")
MEMCACHED = Spoken("a memcached", "memcached")
POSTGRES = Spoken("a PostgreSQL server", "postgres")
TLS = Spoken("a server that speaks TLS", "")
SSH = Spoken("an SSH server", "")
MAIL = Spoken("a mail or FTP server", "")
MYSQL = Spoken("a MySQL server", "")

_BEGINNINGS: tuple[tuple[bytes, Spoken], ...] = (
    (_PROBE, ECHO),
    (b"HTTP/1.", HTTP),
    (b"<", HTTP),  # HTTP/0.9 to who was not understood
    (b"+PONG\r\n", REDIS),
    (b"-NOAUTH", REDIS),
    (b"-DENIED", REDIS),
    (b"-ERR", REDIS),
    (b"-LOADING", REDIS),
    (b"-MASTERDOWN", REDIS),
    (b"ERROR\r\n", MEMCACHED),
    (b"CLIENT_ERROR", MEMCACHED),
    (b"\x15\x03", TLS),
    (b"SSH-", SSH),
    (b"220 ", MAIL),
    (b"220-", MAIL),
)


def guess(first: bytes) -> Spoken | None:
    """By the first bytes that came, whoever spoke first. None for what is not known."""
    for beginning, spoken in _BEGINNINGS:
        if first.startswith(beginning):
            return spoken
    if len(first) > 5 and first[3:5] == b"\0\x0a":  # a packet with number 0, and version 10 of its protocol
        return MYSQL
    return None


def identify(address: Address) -> Spoken | None:
    """Ask a server who it is, which takes up to a second. None where it does not tell."""
    first = _first_bytes(address, _PROBE)
    if found := guess(first):
        return found
    if first:
        return None
    if _first_bytes(address, _SSL_REQUEST) in (b"N", b"S"):
        return POSTGRES
    return guess(_first_bytes(address, _CLIENT_HELLO))


def _first_bytes(address: Address, data: bytes) -> bytes:
    """What a server answers; empty for nothing, in time or ever."""
    try:
        with dial(address, _WITHIN_S) as client:
            client.sendall(data, getattr(socket, "MSG_DONTWAIT", 0))
            ready = select.poll()
            ready.register(client.fileno(), select.POLLIN)
            return client.recv(_LONGEST_BYTES) if ready.poll(_WITHIN_S * 1000) else b""
    except (OSError, UdstuiError):
        return b""


def http_refusal(status: int, reason: str, body: bytes) -> ServiceError:
    """What an HTTP server answered in place of a result: its status, and its words where they are no page."""
    said = body[:_LONGEST_WORDS_BYTES].decode(errors="replace").strip()
    words = f": {said}" if said and not said.startswith("<") else ""
    remedy = _REMEDIES.get(status, "")
    return ServiceError(f"the server answered {status} {reason}{words}", remedy)
