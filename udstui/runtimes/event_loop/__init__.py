"""Protocols on an event loop, as fast programs write them: what asyncio and uvloop have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udstui.runtimes import NO_RATE, Runtime

if TYPE_CHECKING:
    import asyncio

    from udstui.plan import Plan
    from udstui.runtimes.request import Request
    from udstui.runtimes.setup import Setup, Timed
    from udstui.transports import Transport
    from udstui.transports.connection import Connection


class EventLoop(Runtime):
    """The base of such runtimes: a subclass says whose loop it is."""

    serves_in_caller = False

    def new_loop(self) -> asyncio.AbstractEventLoop:
        raise NotImplementedError

    def refuses(self, transport: Transport, plan: Plan) -> str:
        if plan.rate_per_s:
            return NO_RATE
        if not transport.is_socket:
            return "its protocols are driven over sockets only; choose a socket, or another runtime"
        if transport.largest_size_bytes() is not None:
            return "its protocols are driven over streams only; choose uds or tcp, or another runtime"
        if plan.workload == "one-way" or plan.dials or plan.writes > 1:
            what = "connections of one operation, one-way and packets in pieces"
            return f"{what} are timed in native and python only; choose one of these"
        if plan.wait == "spin":
            return "an event loop waits in the kernel; choose wait block, or another runtime"
        return ""

    def round_trips(self, setup: Setup) -> Timed:
        from udstui.runtimes.event_loop import round_trips

        return round_trips.round_trips(setup, self.new_loop())

    def sends(self, setup: Setup) -> Timed:
        from udstui.runtimes.event_loop import sends

        return sends.sends(setup, self.new_loop())

    def requests(self, setup: Setup, request: Request) -> Timed:
        from udstui.runtimes.event_loop import requests

        return requests.requests(setup, request, self.new_loop())

    def echo(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        from udstui.runtimes.event_loop import services

        services.serve(self.new_loop, connection, services.Echo())

    def sink(self, connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
        from udstui.runtimes.event_loop import services

        services.serve(self.new_loop, connection, services.Sink(lead_in_bytes))
