"""The runtime `python`: loops over blocking sockets in plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udstui.runtimes import NO_RATE, Runtime

if TYPE_CHECKING:
    from udstui.plan import Plan
    from udstui.runtimes.dialing import Accepting, Dialing
    from udstui.runtimes.packets import Pieces
    from udstui.runtimes.request import Request
    from udstui.runtimes.setup import Setup, Timed
    from udstui.transports import Transport
    from udstui.transports.connection import Connection


class Python(Runtime):
    name = "python"
    label = "Python"
    about = "blocking sockets in plain Python"

    def refuses(self, transport: Transport, plan: Plan) -> str:
        if plan.rate_per_s:
            return NO_RATE
        if plan.wait == "poll":
            return "its loops sleep in their reads, or spin; choose wait block, or runtime native"
        return "only native loops carry it; choose a socket, or runtime native" if transport.native_only else ""

    def round_trips(self, setup: Setup) -> Timed:
        from udstui.runtimes.python import multiplexed, round_trips

        return round_trips.round_trips(setup) if len(setup.connections) == 1 else multiplexed.round_trips(setup)

    def sends(self, setup: Setup) -> Timed:
        from udstui.runtimes.python import multiplexed, sends

        return sends.sends(setup) if len(setup.connections) == 1 else multiplexed.sends(setup)

    def requests(self, setup: Setup, request: Request) -> Timed:
        from udstui.runtimes.python import reconnecting, requests

        if setup.dialing:
            return reconnecting.requests(setup, setup.dialing, request)
        return requests.requests(setup, request)

    def connects(self, setup: Setup, dialing: Dialing) -> Timed:
        from udstui.runtimes.python import connect

        return connect.connects(setup, dialing)

    def packet_trips(self, setup: Setup, pieces: Pieces) -> Timed:
        from udstui.runtimes.python import packets

        return packets.packet_trips(setup, pieces)

    def answer_packets(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        from udstui.runtimes.python import packets

        packets.answer_packets(connection, buffer, wait)

    def accept(self, accepting: Accepting) -> None:
        from udstui.runtimes.python import connect

        connect.accept(accepting)

    def echo(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        from udstui.runtimes.python import services

        services.echo(connection, buffer, wait)

    def sink(self, connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
        from udstui.runtimes.python import services

        services.sink(connection, buffer, wait, lead_in_bytes)
