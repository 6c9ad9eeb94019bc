"""A lane's own server, in a process or in a thread of the probe: one way to speak to either."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from udstui.children.child import Child
from udstui.errors import ServiceError
from udstui.lane_name import Options
from udstui.measured import SocketSettings
from udstui.probe.usage import ClientUsageReader, FamilyUsageReader, UsageReader
from udstui.serving.messages import Expect, Expected, Start, Started
from udstui.transports.address import Address

START_WITHIN_S = 60.0
"""Beside twenty busy neighbours on its core Python takes half a minute. A server that was stopped is told of before."""
_ANSWER_WITHIN_S = 30.0


class Place(NamedTuple):
    """Where a lane's own server is to listen, its runtime, the options of its sockets, and how it accepts."""

    address: Address
    runtime: str
    options: Options = ()
    accept: str = ""
    """Plan.accept where clients are not announced."""


class Server(Protocol):
    """What a lane knows of its server, wherever that runs."""

    address: Address
    pid: int | None
    """Of its process; None where that is not one of ours."""
    read_usage: UsageReader
    """What client and server have used until now; once it is ready."""
    secret: str
    """The password that it asks of its clients; empty for none, or for one that is not known here."""

    def wait_ready(self) -> None:
        """Raise ServiceError when it cannot be started. Its address is known from then on."""

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        """Admit one connection for each of these names; return what was in effect on the one served last.

        Raise ServiceError when the server is gone.
        """

    def served(self) -> int | None:
        """How many clients came that were not announced; None where they are, or nothing tells.

        Raise ServiceError when the server is gone.
        """

    def check(self) -> None:
        """Raise ServiceError when the server is gone."""

    def close(self) -> None: ...


class ThreadServer:
    """A server in threads of this process. A runtime in Python shares its global lock with the client: that is seen."""

    pid: int | None = None
    secret = ""

    def __init__(self, service: str, place: Place, wait: str, cores: Collection[int]) -> None:
        from udstui.serving.admission import Announced
        from udstui.serving.endpoint import Endpoint

        self._clients = Announced()
        self._endpoint = Endpoint(
            service, place.address,
            clients=self._clients, options=place.options, runtime=place.runtime, wait=wait, cores=cores,
            accept=place.accept,
        )  # fmt: skip
        self.address = self._endpoint.address
        self.read_usage: UsageReader = UsageReader(None)

    def wait_ready(self) -> None:
        """It is ready from the beginning."""

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        self._clients.expect(clients, lead_in_bytes)
        return self._endpoint.last_socket

    def served(self) -> int | None:
        return self._endpoint.served()

    def check(self) -> None:
        """A thread cannot be gone without its process."""

    def close(self) -> None:
        self._endpoint.close()


class TargetServer:
    """A server that listens already and is not ours: nothing can be told to it, and little is known of it."""

    pid: int | None = None
    secret = ""

    def __init__(self, address: Address) -> None:
        from udstui.targets import process_at

        self.address = address
        pid = process_at(address)
        self.read_usage: UsageReader = ClientUsageReader() if pid is None else FamilyUsageReader(pid)

    def wait_ready(self) -> None:
        pass

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        return None

    def served(self) -> int | None:
        return None

    def check(self) -> None:
        """Its connection tells all that can be known."""

    def close(self) -> None:
        pass


class ServiceProcess:
    """A process that serves all lanes of a plan.

    With a process for each lane, where their memory happened to lie set two lanes of one transport apart for as long
    as the processes lived: raced against itself in runs of 1 s on one core, TCP was called different in 45 of 200
    runs, and in 1 of 50 when both lanes had the same process.
    """

    def __init__(self, service: str, places: Sequence[Place], wait: str, cores: Collection[int]) -> None:
        """Start it; wait_ready() before anything else is asked of it."""
        self._what = f"the {service} server"
        self._child = Child("udstui.serving.process", self._what, ServiceError)
        addresses, runtimes, options, accepts = zip(*places, strict=True)
        self._child.send(Start(service, addresses, runtimes, wait, tuple(cores), options, accepts))
        self.pid = self._child.pid
        self.addresses: tuple[Address, ...] = ()
        self.check, self.close = self._child.check, self._child.stop

    def wait_ready(self) -> None:
        """Raise ServiceError when it cannot be started. Its addresses are known from then on."""
        if not self.addresses:
            started = self._child.receive(Started, START_WITHIN_S)
            if started.problem:
                raise ServiceError(f"{self._what} cannot be started: {started.problem}")
            self.addresses = started.addresses

    def told(self, message: Expect) -> Expected:
        """What it answers to this. Raises ServiceError when it is gone."""
        self._child.send(message)
        return self._child.receive(Expected, _ANSWER_WITHIN_S)


class ProcessServer:
    """One lane's part of a process that serves them all."""

    secret = ""

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
        told = self._process.told(Expect(self._index, tuple(clients), lead_in_bytes))
        # With one client a thread waits for it already; for more, others are started when they come.
        self.read_usage.threads = told.threads if len(clients) == 1 else ()
        return told.last_socket

    def served(self) -> int | None:
        return self._process.told(Expect(self._index, (), 0)).served

    def check(self) -> None:
        self._process.check()

    def close(self) -> None:
        """The whole process: lanes of a plan come and go together."""
        self._process.close()


def in_process(service: str, places: Sequence[Place], wait: str, cores: Collection[int]) -> list[Server]:
    """A server for each place. Raises ServiceError."""
    if not places:
        return []
    process = ServiceProcess(service, places, wait, cores)
    return [ProcessServer(process, index) for index in range(len(places))]


def in_threads(service: str, places: Sequence[Place], wait: str, cores: Collection[int]) -> list[Server]:
    """A server for each place. Raises UsageError or TransportError."""
    with contextlib.ExitStack() as made:
        servers: list[Server] = []
        for place in places:
            server = ThreadServer(service, place, wait, cores)
            made.callback(server.close)
            servers.append(server)
        made.pop_all()
        return servers
