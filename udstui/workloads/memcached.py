"""memcached: one command of its text protocol on a connection that is kept open."""

from __future__ import annotations

from udstui.errors import ServiceError, TransportError
from udstui.plan import Plan
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader, Received
from udstui.runtimes.setup import Setup, Timed
from udstui.transports.connection import Connection
from udstui.units import describe_size
from udstui.workloads import Workload
from udstui.workloads.dialogue import ask, hold
from udstui.workloads.key_value import GONE_AFTER_S, KeyValueDialogue, key_value_takes_size

_END = b"\r\n"
_LAST = b"END\r\n"
_LONGEST_LINE_BYTES = 2048
_LARGEST_BYTES = 512 * 1024**2
_WORDS = (b"VALUE ", _LAST, b"STORED", b"NOT_STORED", b"VERSION ", b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR",
          b"DELETED", b"NOT_FOUND")  # fmt: skip
"""What an answer begins with."""


class Memcached(Workload):
    name = "memcached"
    about = "a memcached command (--op) on a connection that is kept open"
    service = "memcached"
    operation = "command"

    def takes_size(self, plan: Plan) -> bool:
        return key_value_takes_size(plan)

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        return hold(_Dialogue(setup), runtime, setup)


class _Dialogue(KeyValueDialogue):
    beside_bytes = 512

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.carried_bytes = len(self._value)
        self.request = {"ping": b"version\r\n", "get": f"get {self._key}\r\n".encode(), "set": self._set()}[self._op]
        if self._op == "ping":
            self.carried_bytes = len(self.request)

    def _set(self) -> bytes:
        gone_after_s = 0 if self._is_ours else GONE_AFTER_S
        return f"set {self._key} 0 {gone_after_s} {len(self._value)}\r\n".encode() + self._value + _END

    def new_reader(self) -> AnswerReader:
        return MemcachedReader()

    def prepare(self, connection: Connection) -> None:
        told = ask(connection, b"version\r\n", MemcachedReader())
        if told.startswith(b"VERSION "):
            self.server_version = f"memcached {_words(told[8:])}"
        if self._op == "get" and self._is_ours:
            self._check_stored(ask(connection, self._set(), MemcachedReader()))

    def _check_stored(self, answer: bytes) -> None:
        if answer != b"STORED\r\n":
            raise self._refused(answer)

    def _refused(self, answer: bytes) -> ServiceError:
        if answer.startswith(b"CLIENT_ERROR unauthenticated"):
            return ServiceError(
                f"the memcached at {self._address} asks for a user and a password, which udstui does not give",
                "race one without authentication",
            )
        return ServiceError(f"the memcached at {self._address} answered {self._op}: {_words(answer)}")

    def check(self, answer: bytes) -> str:
        if b"ERROR" in answer.partition(_END)[0].partition(b" ")[0]:
            raise self._refused(answer)
        if self._op == "set":
            self._check_stored(answer)
            return f"set: {_words(answer)}"
        if self._op == "ping":
            return f"version: {_words(answer)}"
        if answer == _LAST and not self._is_ours:
            self.carried_bytes = len(answer)
            return "get: no such key"
        head, _, rest = answer.partition(_END)
        value = rest[: -len(_END + _LAST)]
        if not head.startswith(b"VALUE ") or (self._is_ours and value != self._value):
            raise TransportError(
                f"{self._address} answered get with {_words(answer)!r}; the interval is not counted",
                "is that a memcached?",
            )
        self.carried_bytes = len(value)
        return f"get: a value of {describe_size(self.carried_bytes)}"

    def tidy_up(self, connection: Connection) -> None:
        ask(connection, f"delete {self._key}\r\n".encode(), MemcachedReader())


class MemcachedReader:
    """As udstui.runtimes.request.AnswerReader says. An error is an answer too."""

    closes = False

    def length(self, received: Received, count: int) -> int:
        end = received.find(_END, 0, count)
        if end < 0 and count <= _LONGEST_LINE_BYTES:
            return 0
        line = bytes(received[: max(end, 0)])
        if not line or not received.startswith(_WORDS):
            raise ServiceError(
                f"what the server answers is not memcached's protocol: {bytes(received[: min(count, 60)])!r}",
                "is that a memcached?",
            )
        end += len(_END)
        if not line.startswith(b"VALUE "):
            return end
        size = line.rpartition(b" ")[2]
        if not size.isdigit() or len(size) > 10 or int(size) > _LARGEST_BYTES:
            raise ServiceError(f"memcached answered {_words(line)!r}, which is no value")
        return end + int(size) + len(_END) + len(_LAST)

    def length_at_end(self, received: Received, count: int) -> int:
        return self.length(received, count)


def _words(answer: bytes) -> str:
    return answer[:80].partition(_END)[0].decode(errors="replace")
