"""What workloads of requests do alike: an opening on every connection, one request prepared, its answers verified.

Python speaks the opening, asks once for what it wants to know, and checks the last answer of every connection in every
interval. What lies between is a runtime's loop: write the request, read its answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from msgspec.structs import replace

from udstui.errors import ServiceError
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader, Opening, Received, Request, with_room
from udstui.runtimes.setup import Setup, Timed, closed_early, connecting_explained, kernel_errors_explained
from udstui.transports.connection import Connection

_PIECE_BYTES = 64 * 1024
_LARGEST_ANSWER_BYTES = 256 * 1024**2


class Dialogue(ABC):
    """What is said to a server in one interval. Every method may raise UdstuiError, which ends the interval."""

    request: bytes
    usual_answer_bytes: int
    carried_bytes: int
    """What one request and its answer carry one way; read at the end of the interval."""
    server_version = ""
    """The program that answers and its version, as far as it has told by then."""
    leaves_something = False
    """Whether there is something to tidy up."""
    farewell = b""
    """What is sent before a connection is closed that was made for one request."""

    @property
    def fixed_opening(self) -> tuple[bytes, bytes] | None:
        """What open() sends and what it is answered, where both are the same on every connection; asked after it."""
        return b"", b""

    @abstractmethod
    def new_reader(self) -> AnswerReader:
        """For each connection one."""

    def open(self, connection: Connection) -> None:  # noqa: B027 - most have none
        """The opening of a fresh connection, which is in blocking mode."""

    def prepare(self, connection: Connection) -> None:  # noqa: B027
        """What has to be there before the request is sent, once in an interval, on a connection that is open."""

    @abstractmethod
    def check(self, answer: bytes) -> str:
        """Verify a whole answer, and return in a few words what it says."""

    def tidy_up(self, connection: Connection) -> None:  # noqa: B027
        """Remove what was prepared or written, on a connection that is open."""


def hold(dialogue: Dialogue, runtime: Runtime, setup: Setup) -> Timed:
    """One interval: what Workload.measure() does for workloads of requests."""
    number = setup.plan.pipeline

    def reconnect(ended: Connection) -> Connection:
        fresh = setup.reconnect(ended)
        dialogue.open(fresh)
        replaced[ended] = fresh
        return fresh

    def new_reader() -> AnswerReader:
        return dialogue.new_reader() if number == 1 else InARow(dialogue.new_reader(), number)

    replaced: dict[Connection, Connection] = {}
    with connecting_explained(setup) if setup.dialing else kernel_errors_explained(setup):
        for connection in setup.connections:
            dialogue.open(connection)
        dialogue.prepare(setup.connections[0])
        if setup.dialing:  # a server that serves one client at a time has to have done with this one
            setup.connections[0].close()
        opening = Opening(dialogue.open, dialogue.fixed_opening, dialogue.farewell)
        request = Request(dialogue.request * number, new_reader, dialogue.usual_answer_bytes * number, opening)
        timed = runtime.requests(replace(setup, reconnect=reconnect), request)
        for answer in timed.answers:
            for one in _each(dialogue, bytes(answer), number):
                timed.answer = dialogue.check(one)
        if dialogue.leaves_something:
            last = setup.connections[0]
            while last in replaced:
                last = replaced[last]
            dialogue.tidy_up(reconnect(last))  # a fresh one: on the last an answer may be under way
    timed.bytes = timed.operations * number * dialogue.carried_bytes
    timed.server_version = dialogue.server_version
    return timed


def ask(connection: Connection, data: bytes, reader: AnswerReader) -> bytes:
    """Send a request in blocking mode, and return its whole answer."""
    connection.sendall(data)
    received, count = bytearray(_PIECE_BYTES), 0
    while True:
        piece = connection.recv_into(memoryview(received)[count:])
        count += piece
        length = reader.length(received, count) if piece else reader.length_at_end(received, count)
        if length == count and count:
            return bytes(received[:count])
        if not piece:
            raise closed_early()
        received = with_room(received, length, count)
        if len(received) > _LARGEST_ANSWER_BYTES:
            raise ServiceError(f"the answer has more than {_LARGEST_ANSWER_BYTES} bytes")


class InARow:
    """Reads so many answers as one: those to requests that were sent in one write."""

    def __init__(self, reader: AnswerReader, number: int) -> None:
        self._reader, self._number, self._whole = reader, number, 0

    @property
    def closes(self) -> bool:
        return self._reader.closes

    @closes.setter
    def closes(self, value: bool) -> None:
        self._reader.closes = value

    def length(self, received: Received, count: int) -> int:
        place = 0
        for answers in range(self._number):
            if answers and self._reader.closes:
                raise self._ended(answers)
            rest = bytes(memoryview(received)[place:count])
            length = self._reader.length(rest, len(rest))
            if not length or length > len(rest):
                self._whole = answers
                return 0
            place += length
        return place

    def length_at_end(self, received: Received, count: int) -> int:
        length = self.length(received, count)
        if not length and self._whole:
            raise self._ended(self._whole)
        return length

    def _ended(self, answers: int) -> ServiceError:
        return ServiceError(
            f"the server ended the connection behind {answers} of {self._number} answers",
            "choose pipeline 1, or have it keep connections for more requests (nginx: keepalive_requests)",
        )


def _each(dialogue: Dialogue, answer: bytes, number: int) -> Iterator[bytes]:
    if number == 1:
        yield answer
        return
    reader = dialogue.new_reader()
    for _ in range(number):
        length = reader.length(answer, len(answer))
        yield answer[:length]
        answer = answer[length:]
