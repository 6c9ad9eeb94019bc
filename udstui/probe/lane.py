"""A lane: one transport carrying one workload. Its server lives on; its connection is new every interval."""

from __future__ import annotations

import contextlib
import gc
import random
from array import array
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING

from udstui.errors import ServiceError, TransportError
from udstui.host.cgroup import cpu_limits, throttled_ns
from udstui.measured import Interval, SocketSettings
from udstui.plan import Plan
from udstui.probe.buffers import Buffers
from udstui.probe.connecting import CONNECT_ALL_WITHIN_NS, connected_too_slowly
from udstui.probe.cores import Placement
from udstui.probe.server import Server
from udstui.probe.servers import servers_of
from udstui.probe.stretches import joined
from udstui.probe.usage import Usage, cpu_times, grown, other_cpu_ns, steal_percent, used_between
from udstui.runtimes import RUNTIMES
from udstui.runtimes.setup import LEAD_IN_SHARE, Setup, Timed, set_patience
from udstui.services.programs import PROGRAMS
from udstui.transports import lane_label, transport_of
from udstui.transports.connection import Connection
from udstui.transports.settings import read_settings
from udstui.transports.uds import check_is_ours
from udstui.workloads import WORKLOADS, service_of, stretch_ns_of

if TYPE_CHECKING:
    from socket import socket

    from udstui.probe.doorway import Doorway

_FEWEST_IN_A_STRETCH = 50
"""Operations, as far as the last interval tells: a stretch of a few would be mostly connecting."""


class Lane:
    """One lane, whose server is starting when it is made: wait_ready() comes before the first measure()."""

    def __init__(self, index: int, plan: Plan, placement: Placement, server: Server) -> None:
        self._index = index
        self._plan = plan
        name = plan.lanes()[index]
        self._transport = transport_of(name)
        self._runtime = RUNTIMES.named(plan.runtime_of(name))
        self._workload = WORKLOADS.named(plan.workload)
        self._usual_bytes, self.usual_operations = 0, 0
        self._target_was_silent = False
        self._server_socket: SocketSettings | None = None
        self._is_target = name.is_target
        self._is_foreign = name.is_target or service_of(plan) in PROGRAMS
        self._server = server
        self._doorway: Doorway | None = None
        self._cores = {*placement.client, *placement.server}
        self._limits = cpu_limits()
        self._has_own_core = placement.client != placement.server or len(placement.client) > 1
        self._may_migrate = len(placement.client) > 1 or len(placement.server) > 1
        self._kept: list[Connection] = []
        """Those of the stretches of an interval, while it lasts."""

    def wait_ready(self) -> None:
        self._server.wait_ready()
        if self._plan.dials:
            from udstui.probe.doorway import Doorway

            self._doorway = Doorway(self._plan, self._transport, self._server)

    def connect(self, opened: contextlib.ExitStack) -> None:
        """Connect for all the stretches to come, until `opened` closes. Raises as measure() does."""
        with self._named():
            self._kept = self._connect(opened, self._plan.connections, 0)
        opened.callback(self._kept.clear)

    def measure(self, buffers: Buffers, order: int, duration_ns: int, *, goes_on: bool = False) -> Interval:
        """One interval on a fresh connection, or one stretch, after which others may come: then it `goes_on`.

        Raise TransportError or ServiceError when the server fails.
        """
        moved_before = self._migrations()
        ours_before, times_before = self._server.read_usage.all_cpu_ns(), cpu_times(self._cores)
        throttled_before = throttled_ns(self._limits)
        watched_from = perf_counter_ns()
        try:
            timed, usage, client_socket = self._run(buffers, duration_ns, goes_on=goes_on)
        except (TransportError, ServiceError) as error:
            self._server.check()  # a server that is gone says more than its broken connection
            if self._is_target:
                from udstui.probe.misfit import misfit

                better = misfit(error, self._server.address, self._plan.workload)
                if better is not error:
                    raise better from error
            raise
        watched_ns = perf_counter_ns() - watched_from
        ports = self._doorway.port_use() if self._doorway else None
        times_after, ours_after = cpu_times(self._cores), self._server.read_usage.all_cpu_ns()
        self._usual_bytes, self.usual_operations = timed.bytes, timed.operations
        used = used_between(*usage)
        by_client = timed.by_client
        return Interval(
            lane=self._index,
            order=order,
            started_ns=timed.started_ns,
            operations=timed.operations,
            bytes=timed.bytes,
            elapsed_ns=timed.elapsed_ns,
            durations=buffers.summary(timed),
            client_cpu_ns=used.client_cpu_ns,
            server_cpu_ns=used.server_cpu_ns,
            voluntary_switches=used.voluntary_switches,
            involuntary_switches=used.involuntary_switches,
            steal_percent=steal_percent(times_before, times_after),
            other_cpu_ns=other_cpu_ns(times_before, times_after, grown(ours_before, ours_after)),
            watched_ns=watched_ns,
            migrations=grown(moved_before, self._migrations()),
            throttled_ns=grown(throttled_before, throttled_ns(self._limits)),
            client_socket=client_socket,
            server_socket=self._server_socket,
            sent_only=timed.sent_only,
            server_version=timed.server_version or None,
            answer=timed.answer or None,
            in_python=timed.in_python,
            time_wait=ports.waiting if ports else None,
            ports_used=ports.used if ports else None,
            **timed.parts,
            unanswered=timed.unanswered if by_client or timed.backlog or timed.unanswered else None,
            without_answer=by_client.count(0) if by_client else None,
            fewest_operations=min(by_client, default=None),
            most_operations=max(by_client, default=None),
            open_loop=buffers.open_loop_figures(timed),
        )

    def _migrations(self) -> int | None:
        return self._server.read_usage.migrations() if self._may_migrate else None

    def _run(
        self, buffers: Buffers, duration_ns: int, *, goes_on: bool
    ) -> tuple[Timed, tuple[Usage, Usage], SocketSettings | None]:
        usage: list[Usage] = []
        lead_in_bytes = 0
        if not self._is_foreign and not self._transport.lossy and self._plan.connections == 1:
            lead_in_bytes = self._workload.lead_in_bytes(self._plan.size_bytes, self._usual_bytes)
        with contextlib.ExitStack() as opened:
            opened.callback(gc.enable)
            gc.disable()
            opened.enter_context(self._named())
            dialing = None
            if self._doorway:
                dialing, connection = self._doorway.open()
                connections = [opened.enter_context(connection)]
                client_socket = read_settings(connection)
            else:
                connections = self._kept or self._connect(opened, self._plan.connections, lead_in_bytes)
            setup = Setup(
                connections=tuple(connections),
                payload=buffers.payload,
                buffers=buffers.receive,
                stamps=buffers.stamps,
                spin=self._plan.wait == "spin",
                poll=self._plan.wait == "poll",
                duration_ns=duration_ns,
                goes_on=goes_on,
                mark_usage=lambda: usage.append(self._server.read_usage()),
                lead_in_ns=duration_ns // LEAD_IN_SHARE,
                lead_in_bytes=lead_in_bytes,
                reconnect=partial(self._reconnect, opened, connections),
                open_loop=buffers.open_loop(self._plan, has_own_core=self._has_own_core),
                lossy=self._transport.lossy,
                is_target=self._is_target,
                target_was_silent=self._target_was_silent,
                plan=self._plan,
                address=self._server.address,
                secret=self._server.secret,
                dialing=dialing,
            )
            timed = self._workload.measure(self._runtime, setup)
            self._target_was_silent = timed.sent_only
            if self._doorway:
                self._server_socket = self._doorway.close(timed.connections)
            else:
                client_socket = read_settings(connections[0])
            return timed, (usage[-2], usage[-1]), client_socket

    def _reconnect(self, opened: contextlib.ExitStack, connections: list[Connection], ended: Connection) -> Connection:
        """Put a fresh connection in the place of one that the server has ended."""
        ended.close()
        (fresh,) = self._connect(opened, 1, 0)
        connections[connections.index(ended)] = fresh
        return fresh

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Put the lane's label before what went wrong, where it does not tell and is not the only one of ours."""
        try:
            yield
        except (TransportError, ServiceError) as error:
            names = self._plan.lane_names()
            label = lane_label(names[self._index])
            if (len(names) == 1 and not self._is_target) or label in error.what:
                raise
            raise type(error)(f"{label}: {error.what}", error.remedy) from error

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


class Lanes:
    """The lanes of one plan, with everything that has to be taken down again."""

    def __init__(self, plan: Plan, placement: Placement, folder: Path) -> None:
        self._all = contextlib.ExitStack()
        self._buffers = Buffers(plan)
        self._plan = plan
        try:
            self.lanes = []
            for index, server in enumerate(servers_of(plan, placement, folder)):
                self._all.callback(server.close)
                self.lanes.append(Lane(index, plan, placement, server))
            for lane in self.lanes:
                lane.wait_ready()
        except BaseException:
            self.close()
            raise

    def warm_up(self, duration_ns: int, interval_ns: int) -> None:
        """Measure every lane for its share of the duration, in random order: none is always the last, and warmest."""
        for lane in random.sample(self.lanes, len(self.lanes)):
            end = perf_counter_ns() + duration_ns // len(self.lanes)
            while (left := end - perf_counter_ns()) > 0:
                lane.measure(self._buffers, 0, min(left, interval_ns))

    def measure(self, interval_ns: int) -> tuple[Interval, ...]:
        """One interval of every lane, each stretch in random order; the answer is in the order of the plan."""
        count = self._stretches(interval_ns)
        found: list[list[Interval]] = [[] for _ in self.lanes]
        durations = [array("q") for _ in self.lanes]
        with contextlib.ExitStack() as opened:
            for lane in self.lanes if count > 1 else ():
                lane.connect(opened)
            for left in reversed(range(count)):
                for order, index in enumerate(random.sample(range(len(self.lanes)), len(self.lanes)), start=1):
                    lane, goes_on = self.lanes[index], left > 0
                    found[index].append(lane.measure(self._buffers, order, interval_ns // count, goes_on=goes_on))
                    if count > 1:
                        durations[index].extend(self._buffers.durations())
        if count == 1:
            return tuple(one for (one,) in found)
        return tuple(
            joined(several, self._buffers.summarised(all_)) for several, all_ in zip(found, durations, strict=True)
        )

    def _stretches(self, interval_ns: int) -> int:
        """In how many an interval is measured, the lanes taking turns: all lanes alike.

        How fast a machine lets two ends take turns changes within some milliseconds: by a sixth from one to the next
        on one core of a virtual machine, for both lanes at once. What lies close together drops out of the ratio.
        Servers that spin would do so on the connections of lanes that wait for their turn, too.
        """
        stretch_ns = stretch_ns_of(self._plan)
        if not stretch_ns or self._plan.wait == "spin" or any(name.is_target for name in self._plan.lanes()):
            return 1
        fewest = min(lane.usual_operations for lane in self.lanes)
        return max(1, min(interval_ns // stretch_ns, fewest // _FEWEST_IN_A_STRETCH))

    def close(self) -> None:
        self._all.close()
