"""The protocol of PostgreSQL (version 3): messages, the opening with its passwords, and a reader of answers.

Written for one purpose: to open a connection, and to time a prepared statement on it. No TLS.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from udstui.errors import ServiceError
from udstui.runtimes.request import Received
from udstui.runtimes.setup import closed_early
from udstui.transports.connection import Connection

_VERSION = 196608
_HEAD = struct.Struct("!cI")
_LONGEST_MESSAGE_BYTES = 256 * 1024**2
_READY, _ERROR, _AUTHENTICATION, _STATUS = b"Z", b"E", b"R", b"S"
_OK, _CLEAR, _MD5, _SASL, _SASL_GOES_ON, _SASL_ENDS = 0, 3, 5, 10, 11, 12
_MECHANISM = b"SCRAM-SHA-256"


class Message(NamedTuple):
    kind: bytes
    body: bytes


def message(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return kind + struct.pack("!I", 4 + len(body)) + body


def messages(data: bytes) -> Iterator[Message]:
    """Those of a whole answer."""
    place = 0
    while place < len(data):
        kind, length = _HEAD.unpack_from(data, place)
        yield Message(kind, data[place + 5 : place + 1 + length])
        place += 1 + length


def prepared(query: bytes) -> bytes:
    """Prepare a statement without a name."""
    return message(b"P", b"\0", query, b"\0", struct.pack("!H", 0)) + message(b"S")


EXECUTE = (
    message(b"B", b"\0\0", struct.pack("!HHH", 0, 0, 0))
    + message(b"D", b"P\0")
    + message(b"E", b"\0", struct.pack("!I", 0))
    + message(b"S")
)
"""Execute it, with the messages that libpq sends (PQsendQueryPrepared)."""


class PostgresReader:
    """As udstui.runtimes.request.AnswerReader says: an answer ends with ReadyForQuery."""

    closes = False

    def length(self, received: Received, count: int) -> int:
        place = 0
        while place + _HEAD.size <= count:
            kind, length = _HEAD.unpack_from(received, place)
            if not kind.isalnum() or not 4 <= length <= _LONGEST_MESSAGE_BYTES:
                raise not_postgres(bytes(received[place:count]))
            place += 1 + int(length)
            if kind == _READY:
                return place
        return 0

    def length_at_end(self, received: Received, count: int) -> int:
        """A server that ends a connection says why."""
        told = bytes(received[:count])
        if told.startswith(_ERROR):
            raise ServiceError(f"the PostgreSQL server ended the connection: {error_words(next(messages(told)).body)}")
        return self.length(received, count)


def error_words(body: bytes) -> str:
    """The message of an ErrorResponse, and its code."""
    fields = {field[:1]: field[1:].decode(errors="replace") for field in body.split(b"\0") if field}
    return f"{fields.get(b'M', 'an error')} ({fields.get(b'C', '?')})"


def not_postgres(received: bytes) -> ServiceError:
    return ServiceError(
        f"what the server answers is not PostgreSQL's protocol: {received[:60]!r}", "is that a PostgreSQL server?"
    )


class Opening:
    """Opens a connection: who we are, the password in the way that the server asks for, and what it tells of itself.

    `password` is called when one is asked for; it raises UdstuiError where there is none.
    """

    def __init__(self, parameters: dict[str, str], password: Callable[[], str]) -> None:
        self._user, self._password = parameters["user"], password
        words = [word.encode() + b"\0" for pair in parameters.items() for word in pair]
        body = struct.pack("!I", _VERSION) + b"".join(words) + b"\0"
        self._startup = struct.pack("!I", 4 + len(body)) + body
        self.server_version = ""

    def on(self, connection: Connection) -> None:
        """Raises ServiceError when the server refuses."""
        connection.sendall(self._startup)
        scram: _Scram | None = None
        while True:
            kind, body = _receive(connection)
            if kind == _ERROR:
                raise ServiceError(f"the PostgreSQL server refused the connection: {error_words(body)}")
            if kind == _STATUS and body.startswith(b"server_version\0"):
                self.server_version = body.split(b"\0")[1].decode(errors="replace")
            if kind == _READY:
                return
            if kind == _AUTHENTICATION:
                scram = self._authenticate(connection, body, scram)

    def _authenticate(self, connection: Connection, body: bytes, scram: _Scram | None) -> _Scram | None:
        (how,) = struct.unpack_from("!I", body)
        if how == _CLEAR:
            connection.sendall(message(b"p", self._password().encode(), b"\0"))
        elif how == _MD5:
            inner = hashlib.md5((self._password() + self._user).encode()).hexdigest()
            outer = hashlib.md5(inner.encode() + body[4:8]).hexdigest()
            connection.sendall(message(b"p", b"md5", outer.encode(), b"\0"))
        elif how == _SASL and _MECHANISM in body[4:].split(b"\0"):
            scram = _Scram(self._password())
            first = scram.first
            connection.sendall(message(b"p", _MECHANISM, b"\0", struct.pack("!I", len(first)), first))
        elif how == _SASL_GOES_ON and scram:
            connection.sendall(message(b"p", scram.proof(body[4:])))
        elif how == _SASL_ENDS and scram:
            scram.check(body[4:])
        elif how != _OK:
            raise ServiceError(
                f"the PostgreSQL server asks for a proof of kind {how} that udstui does not know",
                "allow a password for this user in pg_hba.conf",
            )
        return scram


def _receive(connection: Connection) -> Message:
    kind, length = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if not kind.isalnum() or not 4 <= length <= _LONGEST_MESSAGE_BYTES:
        raise not_postgres(kind + struct.pack("!I", length))
    return Message(kind, _exactly(connection, length - 4))


def _exactly(connection: Connection, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise not_postgres(bytes(received)) if received else closed_early()
        received += piece
    return bytes(received)


class _Scram:
    """SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677). PostgreSQL takes the user from the opening."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._nonce = secrets.token_urlsafe(18)
        self._bare = f"n=,r={self._nonce}"
        self.first = f"n,,{self._bare}".encode()
        self._signature = b""

    def proof(self, challenge: bytes) -> bytes:
        """The last message of ours."""
        fields = _fields(challenge)
        nonce, salt, rounds = fields.get("r", ""), base64.b64decode(fields.get("s", "")), int(fields.get("i", "0"))
        if not nonce.startswith(self._nonce) or not 0 < rounds <= 10**7:
            raise ServiceError("the PostgreSQL server's challenge is none of SCRAM-SHA-256")
        salted = hashlib.pbkdf2_hmac("sha256", self._password.encode(), salt, rounds)
        client_key = _hmac(salted, b"Client Key")
        ending = f"c=biws,r={nonce}"
        whole = ",".join([self._bare, challenge.decode(), ending]).encode()
        client_signature = _hmac(hashlib.sha256(client_key).digest(), whole)
        self._signature = _hmac(_hmac(salted, b"Server Key"), whole)
        mixed = bytes(ours ^ theirs for ours, theirs in zip(client_key, client_signature, strict=True))
        return f"{ending},p={base64.b64encode(mixed).decode()}".encode()

    def check(self, ending: bytes) -> None:
        """Raise ServiceError when the server does not know the password itself."""
        if not hmac.compare_digest(base64.b64decode(_fields(ending).get("v", "")), self._signature):
            raise ServiceError("the PostgreSQL server does not know the password that it asks for")


def _fields(text: bytes) -> dict[str, str]:
    return {field[:1]: field[2:] for field in text.decode(errors="replace").split(",")}


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, "sha256").digest()
