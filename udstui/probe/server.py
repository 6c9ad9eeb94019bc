"""A lane's own server, in a process or in a thread of the probe: one way to speak to either."""

from __future__ import annotations

import contextlib
import select
import subprocess
import sys
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

import msgspec

from udstui.errors import ServiceError, reason
from udstui.plan import SocketSettings
from udstui.probe.usage import ClientUsageReader, UsageReader
from udstui.serving.admission import Announced
from udstui.serving.host import Host
from udstui.serving.process import Expect, Expected, Start, Started
from udstui.transports.address import Address

_STOP_TIMEOUT_S = 1.0
_END_TIMEOUT_S = 0.1
_ANSWER_TIMEOUT_S = 2.0
Message = TypeVar("Message")
_START_TIMEOUT_S = 6.0  # Python and its modules may have to come from a slow disk first


class Server(Protocol):
    """Listens; serves the clients that it was told to expect."""

    address: Address
    pid: int | None
    """None where it is no process of ours."""
    read_usage: UsageReader
    """What client and server have used until now; once it is ready."""

    def wait_ready(self) -> None:
        """Raise ServiceError when it cannot be started. Its address is known from then on."""

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        """Admit one connection for each of these names; return what was in effect on the one served last.

        Raise ServiceError when the server is gone.
        """

    def check(self) -> None:
        """Raise ServiceError when the server is gone."""

    def close(self) -> None: ...


class ThreadServer:
    """In a thread of this process: client and server share one GIL, and that is what is seen."""

    pid: int | None = None

    def __init__(self, service: str, address: Address, wait: str, cores: Collection[int]) -> None:
        self._clients = Announced()
        self._host = Host(service, address, clients=self._clients, wait=wait, cores=cores)
        self.address = self._host.address
        self.read_usage: UsageReader = UsageReader(None)

    def wait_ready(self) -> None:
        pass  # it is, from the beginning

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        self._clients.expect(clients, lead_in_bytes)
        return self._host.last_socket

    def check(self) -> None:
        """A thread cannot be gone without its process."""

    def close(self) -> None:
        self._host.close()


class TargetServer:
    """One that listens already and is not ours: nothing can be told to it, and little is known of it."""

    pid: int | None = None

    def __init__(self, address: Address) -> None:
        self.address = address
        self.read_usage: UsageReader = ClientUsageReader()

    def wait_ready(self) -> None:
        pass

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        return None

    def check(self) -> None:
        """Its connection tells all that can be known."""

    def close(self) -> None:
        pass


def read_started(line: bytes, what: str) -> tuple[Address, ...]:
    """Where `what` listens. Raises ServiceError when it says why it does not, or something else altogether."""
    started = _read(line, what, Started)
    if started.problem:
        raise ServiceError(f"{what} cannot be started: {started.problem}")
    return started.addresses


def read_expected(line: bytes, what: str) -> SocketSettings | None:
    """What was in effect on the connection that `what` served last. Raises ServiceError when it says anything else."""
    return _read(line, what, Expected).last_socket


def _read(line: bytes, what: str, kind: type[Message]) -> Message:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ServiceError(f"{what} said what is no answer: {error}", "measure again; it is started anew") from error


class ServiceProcess:
    """One process for all lanes of a plan.

    With one for each, where their memory happened to lie set two lanes of one transport apart for as long as the
    processes lived: raced against itself in runs of 1 s on one core, TCP was called different in 45 of 200 runs, and
    in 1 of 50 when both lanes had the same process.
    """

    def __init__(self, service: str, addresses: Sequence[Address], wait: str, cores: Collection[int]) -> None:
        """Starts it; wait_ready() before anything else is asked of it."""
        self._what = f"the {service} server"
        try:
            # -P: what lies in the current folder is not ours to import.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "udstui.serving.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise ServiceError(
                f"{self._what} cannot be started: {reason(error)}",
                "are there too many processes or open files?",
            ) from error
        assert self._process.stdin and self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self.pid = self._process.pid
        self.addresses: tuple[Address, ...] = ()
        self._ask(Start(service, tuple(addresses), wait, tuple(cores)))

    def wait_ready(self) -> None:
        """Raise ServiceError when it cannot be started. Its addresses are known from then on."""
        if not self.addresses:
            self.addresses = read_started(self._answer(_START_TIMEOUT_S), self._what)

    def expect(self, index: int, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        """As Server.expect(), at one of the addresses."""
        self._ask(Expect(index, tuple(clients), lead_in_bytes))
        return read_expected(self._answer(_ANSWER_TIMEOUT_S), self._what)

    def check(self) -> None:
        """Raise ServiceError when it is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):  # its connection ends a little before it does
            self._process.wait(_END_TIMEOUT_S)
            raise self._gone()

    def close(self) -> None:
        """Harmless when it is closed."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._requests.close()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _ask(self, message: Start | Expect) -> None:
        try:
            self._requests.write(msgspec.json.encode(message) + b"\n")
            self._requests.flush()
        except OSError as error:
            raise self._gone() from error

    def _answer(self, timeout_s: float) -> bytes:
        # Each question has one answer of one line, so nothing waits in the reader's buffer.
        if not select.select([self._answers], [], [], timeout_s)[0]:
            self._process.kill()  # stopped, or worse: it will not do as it is asked
            raise ServiceError(
                f"{self._what} did not answer within {timeout_s:g} s and was stopped",
                "measure again; it is started anew",
            )
        line = self._answers.readline()
        if not line:
            raise self._gone()
        return line

    def _gone(self) -> ServiceError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT_S)
        status = self._process.returncode
        how = f"was killed by signal {-status}" if status and status < 0 else f"ended with status {status}"
        return ServiceError(f"{self._what} {how}", "measure again; it is started anew")


class ProcessServer:
    """One lane's part of a process that serves them all."""

    def __init__(self, process: ServiceProcess, index: int) -> None:
        self._process = process
        self._index = index
        self.pid: int | None = process.pid
        self.address: Address
        self.read_usage: UsageReader

    def wait_ready(self) -> None:
        self._process.wait_ready()
        self.address = self._process.addresses[self._index]
        self.read_usage = UsageReader(self.pid)

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        return self._process.expect(self._index, clients, lead_in_bytes)

    def check(self) -> None:
        self._process.check()

    def close(self) -> None:
        """The whole process: lanes of a plan come and go together."""
        self._process.close()


def in_process(service: str, addresses: Sequence[Address], wait: str, cores: Collection[int]) -> list[Server]:
    """A server for each address. Raises ServiceError."""
    if not addresses:
        return []
    process = ServiceProcess(service, addresses, wait, cores)
    return [ProcessServer(process, index) for index in range(len(addresses))]


def in_threads(service: str, addresses: Sequence[Address], wait: str, cores: Collection[int]) -> list[Server]:
    """A server for each address. Raises UsageError or TransportError."""
    with contextlib.ExitStack() as made:
        servers: list[Server] = []
        for address in addresses:
            server = ThreadServer(service, address, wait, cores)
            made.callback(server.close)
            servers.append(server)
        made.pop_all()
        return servers
