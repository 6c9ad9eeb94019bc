"""The runtime `native`: loops in C, called once for an interval.

It is what a program in C, Go, Rust or Java sees of a transport: nothing of an interpreter is in its figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udstui.runtimes import Runtime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from udstui.plan import Plan
    from udstui.runtimes.dialing import Accepting, Dialing
    from udstui.runtimes.packets import Pieces
    from udstui.runtimes.request import Request
    from udstui.runtimes.setup import Setup, Timed
    from udstui.runtimes.turn import Told
    from udstui.transports import Transport
    from udstui.transports.connection import Connection


class Native(Runtime):
    name = "native"
    label = "native"
    about = "C, as programs without an interpreter see it"

    def missing(self) -> str:
        from udstui.runtimes.native.library import why_not

        return why_not()

    def refuses(self, transport: Transport, plan: Plan) -> str:
        if not transport.native_only:
            return ""
        if plan.wait == "poll":
            return "it has no descriptor to poll; choose wait block, or a socket"
        if plan.workload not in transport.native_only or plan.writes > 1:
            return f"it carries {' and '.join(transport.native_only)} alone; choose one of them, or a socket"
        if plan.rate_per_s:
            return "an open loop waits for answers and for time at once, which takes a descriptor; choose a socket"
        if plan.connections > 1:
            return "nothing can be waited for on several of its connections at once; choose one, or a socket"
        return ""

    def round_trips(self, setup: Setup) -> Timed:
        from udstui.runtimes.native import client

        return client.round_trips(setup)

    def take_turns(self, setups: Sequence[Setup], order: Sequence[int]) -> Told | None:
        from udstui.runtimes.native import turns

        return turns.take_turns(setups, order)

    def sends(self, setup: Setup) -> Timed:
        from udstui.runtimes.native import client

        return client.sends(setup)

    def requests(self, setup: Setup, request: Request) -> Timed:
        from udstui.runtimes.native import requests

        return requests.requests(setup, request)

    def connects(self, setup: Setup, dialing: Dialing) -> Timed:
        from udstui.runtimes.native import connect

        return connect.connects(setup, dialing)

    def packet_trips(self, setup: Setup, pieces: Pieces) -> Timed:
        from udstui.runtimes.native import packets

        return packets.packet_trips(setup, pieces)

    def answer_packets(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        from udstui.runtimes.native import packets

        packets.answer_packets(connection, buffer, wait)

    def accept(self, accepting: Accepting) -> None:
        from udstui.runtimes.native import connect

        connect.accept(accepting)

    def echo(self, connection: Connection, buffer: memoryview, wait: str) -> None:
        from udstui.runtimes.native import service

        service.echo(connection, buffer, wait)

    def sink(self, connection: Connection, buffer: memoryview, wait: str, lead_in_bytes: int) -> None:
        from udstui.runtimes.native import service

        service.sink(connection, buffer, wait, lead_in_bytes)
