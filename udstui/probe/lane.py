"""A lane: one transport carrying one workload. Its server lives on; its connection is new every interval."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterator
from time import perf_counter_ns
from typing import TYPE_CHECKING

from udstui.errors import ServiceError, TransportError
from udstui.measured import Interval, SocketSettings
from udstui.plan import Plan
from udstui.probe.buffers import Buffers
from udstui.probe.connecting import CONNECT_ALL_WITHIN_NS, connected_too_slowly
from udstui.probe.cores import Placement
from udstui.probe.server import Server
from udstui.probe.stretches import Stretches
from udstui.probe.surroundings import Seen, Surroundings
from udstui.probe.usage import Usage, used_between
from udstui.runtimes import RUNTIMES
from udstui.runtimes.setup import LEAD_IN_SHARE, Setup, Timed, set_patience
from udstui.services.programs import PROGRAMS
from udstui.transports import lane_label, transport_of
from udstui.transports.connection import Connection
from udstui.transports.settings import read_settings
from udstui.transports.uds import check_is_ours
from udstui.workloads import WORKLOADS, service_of

if TYPE_CHECKING:
    from socket import socket

    from udstui.probe.doorway import Doorway
    from udstui.runtimes.dialing import Dialing
    from udstui.runtimes.turn import Told


class Lane:
    """One lane, whose server is starting when it is made: wait_ready() comes before anything else.

    An interval is open() and then one stretch() or several, on the same connections. Each raises TransportError or
    ServiceError when the server fails.
    """

    def __init__(self, index: int, plan: Plan, placement: Placement, server: Server) -> None:
        self._index = index
        self._plan = plan
        name = plan.lanes()[index]
        self._transport = transport_of(name)
        self.runtime = RUNTIMES.named(plan.runtime_of(name))
        self.workload = WORKLOADS.named(plan.workload)
        self._usual_bytes, self.usual_operations = 0, 0
        self._target_was_silent = self._answers_vary = False
        self._client_socket: SocketSettings | None = None
        self._server_socket: SocketSettings | None = None
        self._is_target = name.is_target
        self._is_foreign = name.is_target or service_of(plan) in PROGRAMS
        self._server = server
        self._doorway: Doorway | None = None
        self._dialing: Dialing | None = None
        self._placement = placement
        self._has_own_core = placement.client != placement.server or len(placement.client) > 1
        self._lead_in_bytes = 0
        self._connections: list[Connection] = []
        """Of the interval that is open."""

    def wait_ready(self) -> None:
        self._server.wait_ready()
        self.surroundings = Surroundings(self._placement, self._server.read_usage)
        if self._plan.dials:
            from udstui.probe.doorway import Doorway

            self._doorway = Doorway(self._plan, self._transport, self._server)

    def open(self, opened: contextlib.ExitStack) -> None:
        """Fresh connections for an interval, until `opened` closes."""
        self._lead_in_bytes = 0
        if not self._is_foreign and not self._transport.lossy and self._plan.connections == 1:
            self._lead_in_bytes = self.workload.lead_in_bytes(self._plan.size_bytes, self._usual_bytes)
        with self._explained():
            if self._doorway:
                self._dialing, connection = self._doorway.open()
                self._connections = [opened.enter_context(connection)]
                self._client_socket = read_settings(connection)
            else:
                self._connections = self._connect(opened, self._plan.connections, self._lead_in_bytes)
        self._opened = opened

    def stretch(self, buffers: Buffers, duration_ns: int, *, goes_on: bool) -> tuple[Timed, Usage]:
        """Operations for so long, and what they used. Others may come on the same connections: then it `goes_on`."""
        usage: list[Usage] = []

        def mark() -> None:
            usage.append(self._server.read_usage()._replace(clock_ns=perf_counter_ns()))

        setup = self.setup(buffers, duration_ns, mark, goes_on=goes_on)
        with self._explained():
            timed = self.workload.measure(self.runtime, setup)
            self._target_was_silent, self._answers_vary = timed.sent_only, timed.answers_vary
            if self._doorway:
                self._server_socket = self._doorway.close(timed.connections)
            elif not goes_on:
                self._client_socket = read_settings(self._connections[0])
        return timed, used_between(usage[-2], usage[-1])

    def turn(self, told: Told, place: int) -> tuple[Timed, Usage, array[int], float]:
        """What a loop tells of a turn of this lane: its durations, in ns, and their median, too.

        Its server's switches are not counted.
        """
        with self._explained():
            turn = told(place)
        return turn.timed, self._server.read_usage.of_turn(turn), turn.durations, turn.median_ns

    def end_turns(self) -> None:
        """When all of an interval are over."""
        self._client_socket = read_settings(self._connections[0])

    def server_switches(self) -> tuple[int, int] | None:
        """Voluntary and involuntary ones until now, where they are known."""
        return self._server.read_usage.server_switches()

    def setup(
        self,
        buffers: Buffers,
        duration_ns: int,
        mark_usage: Callable[[], object] = lambda: None,
        *,
        goes_on: bool = True,
    ) -> Setup:
        """For a loop on the connections that are open."""
        return Setup(
            connections=tuple(self._connections),
            payload=buffers.payload,
            buffers=buffers.receive,
            stamps=buffers.stamps,
            spin=self._plan.wait == "spin",
            poll=self._plan.wait == "poll",
            duration_ns=duration_ns,
            goes_on=goes_on,
            mark_usage=mark_usage,
            lead_in_ns=duration_ns // LEAD_IN_SHARE,
            lead_in_bytes=self._lead_in_bytes,
            reconnect=self._reconnect,
            open_loop=buffers.open_loop(self._plan, has_own_core=self._has_own_core),
            lossy=self._transport.lossy,
            is_target=self._is_target,
            target_was_silent=self._target_was_silent,
            answers_vary=self._answers_vary,
            plan=self._plan,
            address=self._server.address,
            server_clock=self._server.read_usage.server_clock,
            secret=self._server.secret,
            dialing=self._dialing,
        )

    def interval(self, order: int, stretches: Stretches, seen: Seen, buffers: Buffers) -> Interval:
        """All its stretches together; what is not counted is that of the last one."""
        last, used = stretches.timed[-1], stretches.used
        self._usual_bytes, self.usual_operations = stretches.bytes, stretches.operations
        by_client = last.by_client
        ports = self._doorway.port_use() if self._doorway else None
        return Interval(
            lane=self._index,
            order=order,
            started_ns=stretches.timed[0].started_ns,
            operations=stretches.operations,
            bytes=stretches.bytes,
            elapsed_ns=stretches.elapsed_ns,
            durations=stretches.durations(buffers),
            client_cpu_ns=used.client_cpu_ns,
            server_cpu_ns=used.server_cpu_ns,
            cpu_over_ns=used.clock_ns,
            voluntary_switches=used.voluntary_switches,
            involuntary_switches=used.involuntary_switches,
            steal_percent=seen.steal_percent,
            other_cpu_ns=seen.other_cpu_ns,
            watched_ns=seen.watched_ns,
            migrations=seen.migrations,
            throttled_ns=seen.throttled_ns,
            client_socket=self._client_socket,
            server_socket=self._server_socket,
            sent_only=last.sent_only,
            server_version=last.server_version or None,
            answer=last.answer or None,
            in_python=last.in_python,
            time_wait=ports.waiting if ports else None,
            ports_used=ports.used if ports else None,
            **last.parts,
            unanswered=last.unanswered if by_client or last.backlog or last.unanswered else None,
            without_answer=by_client.count(0) if by_client else None,
            fewest_operations=min(by_client, default=None),
            most_operations=max(by_client, default=None),
            open_loop=buffers.open_loop_figures(last),
        )

    def _reconnect(self, ended: Connection) -> Connection:
        """Put a fresh connection in the place of one that the server has ended."""
        ended.close()
        (fresh,) = self._connect(self._opened, 1, 0)
        self._connections[self._connections.index(ended)] = fresh
        return fresh

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say more of what went wrong: that the server is gone, or is another one, and which lane it was."""
        try:
            yield
        except (TransportError, ServiceError) as error:
            named = self._named(error)
            self._server.check()  # a server that is gone says more than its broken connection
            if self._is_target:
                from udstui.probe.misfit import misfit

                named = misfit(named, self._server.address, self._plan.workload)
            if named is error:
                raise
            raise named from error

    def _named(self, error: TransportError | ServiceError) -> TransportError | ServiceError:
        """The lane's label before what went wrong, where it does not tell and is not the only one of ours."""
        names = self._plan.lane_names()
        label = lane_label(names[self._index])
        if (len(names) == 1 and not self._is_target) or label in error.what:
            return error
        return type(error)(f"{label}: {error.what}", error.remedy)

    def _connect(self, opened: contextlib.ExitStack, count: int, lead_in_bytes: int) -> list[Connection]:
        """Fresh connections to the server, which `opened` closes again."""
        if self._is_foreign:
            clients = [opened.enter_context(self._transport.dial(reset_on_close=True)) for _ in range(count)]
        else:
            clients = self._expected(opened, count, lead_in_bytes)
        connections: list[Connection] = []
        give_up_ns = perf_counter_ns() + CONNECT_ALL_WITHIN_NS
        for client in clients:
            if perf_counter_ns() > give_up_ns:
                raise connected_too_slowly(len(connections), count)
            set_patience(client)
            connection = opened.enter_context(self._transport.connect(client, self._server.address))
            if not self._is_target:
                check_is_ours(client, self._server.address, self._server.pid)
            set_patience(connection)
            connections.append(connection)
        return connections

    def _expected(self, opened: contextlib.ExitStack, count: int, lead_in_bytes: int) -> list[socket]:
        """Sockets of so many clients that the server expects, not connected yet, which `opened` closes again."""
        clients, names = [], []
        for _ in range(count):
            client, name = self._transport.open()
            clients.append(opened.enter_context(client))
            names.append(name)
        self._server_socket = self._server.expect(names, lead_in_bytes)
        return clients
