"""request: bytes of the user's own, sent again and again to a server that listens already, and its answer read.

The answer is as long as the first one was, unless that is told: an HTTP answer tells it in its head, and --answer-bytes
tells it of any. The first answer is over when nothing more has come for a moment.
"""

from __future__ import annotations

import select
import socket

from msgspec.structs import replace

from udstui.errors import TransportError
from udstui.plan import Plan
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader, Received
from udstui.runtimes.setup import Setup, Timed, closed_early, kernel_errors_explained
from udstui.transports import dial
from udstui.transports.address import Address
from udstui.transports.connection import Connection
from udstui.units import describe_size
from udstui.workloads import Workload
from udstui.workloads.dialogue import Dialogue, hold
from udstui.workloads.http_request import HttpReader
from udstui.workloads.spelled import filled_in, unspelled

_QUIET_MS = 100
_MOST_BYTES = 64 * 1024**2
_HTTP = b"HTTP/1."
_ROOM_BYTES = 4096
"""For what comes behind an answer, which is an error."""


class Request(Workload):
    name = "request"
    about = "a request of your own (--request) to a server that listens already"
    service = ""
    operation = "request"

    def __init__(self) -> None:
        self._first: dict[tuple[Address, bytes], bytes] = {}
        """The first answers: to wait for the end of one takes longer than an interval."""

    def takes_size(self, plan: Plan) -> bool:
        return False

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        request = filled_in(unspelled(setup.plan.request))
        known = setup.plan.answer_bytes
        key = setup.address, request
        if not known and key not in self._first:
            with kernel_errors_explained(setup):
                one, *others = setup.connections
                self._first[key] = first_answer(one, request)
                setup = replace(setup, connections=(setup.reconnect(one), *others))
        first = self._first.get(key, b"")
        try:
            return hold(_Dialogue(request, known, first), runtime, setup)
        except TransportError:
            if not first.startswith(_HTTP):
                with kernel_errors_explained(setup), dial(setup.address, setup.patience_ns / 1e9) as fresh:
                    _check_length(known, first, first_answer(fresh, request))
            raise


def _check_length(known_bytes: int, first: bytes, later: bytes) -> None:
    if known_bytes and len(later) != known_bytes:
        raise TransportError(
            f"the answer has {len(later)} bytes, and not {known_bytes}",
            f"give --answer-bytes {len(later)}, or leave it out",
        )
    if not known_bytes and len(later) != len(first):
        raise TransportError(
            f"the answer had {len(first)} bytes at first, and then {len(later)}; the interval is not counted",
            "ask for what stays as long as it is",
        )


class _Dialogue(Dialogue):
    def __init__(self, request: bytes, known_bytes: int, first: bytes) -> None:
        self.request, self._first = request, first
        self._is_http = first.startswith(_HTTP)
        self._answer_bytes = known_bytes or len(first)
        self.usual_answer_bytes = self._answer_bytes + _ROOM_BYTES
        self.carried_bytes = len(request)

    def new_reader(self) -> AnswerReader:
        return HttpReader() if self._is_http else FixedReader(self._answer_bytes)

    def check(self, answer: bytes) -> str:
        if self._first and not self._is_http and answer != self._first:
            raise TransportError(
                f"the answer was {self._first[:40]!r} at first, and then {answer[:40]!r}; the interval is not counted",
                "ask for what stays the same, or tell how long answers are with --answer-bytes",
            )
        return f"{describe_size(len(answer))}: {answer[:24]!r}"


class FixedReader:
    """As udstui.runtimes.request.AnswerReader says, for answers whose length is known."""

    closes = False

    def __init__(self, answer_bytes: int) -> None:
        self._answer_bytes = answer_bytes

    def length(self, received: Received, count: int) -> int:
        return self._answer_bytes

    def length_at_end(self, received: Received, count: int) -> int:
        return self._answer_bytes


def first_answer(connection: Connection | socket.socket, request: bytes) -> bytes:
    """All that comes until nothing more does for a moment, or until the server ends the connection."""
    connection.sendall(request)
    try:
        received = bytearray(connection.recv(64 * 1024))
    except (BlockingIOError, TimeoutError) as error:
        raise TransportError(
            f"no answer came to {request[:24]!r}",
            "does the request end as its protocol has it (\\r\\n), and is the server free?",
        ) from error
    quiet = select.poll()
    quiet.register(connection.fileno(), select.POLLIN)
    while received and len(received) < _MOST_BYTES and quiet.poll(_QUIET_MS):
        piece = connection.recv(64 * 1024)
        if not piece:
            break
        received += piece
    if not received:
        raise closed_early()
    return bytes(received)
