"""http: one HTTP POST on a kept-open connection, answered with its own body: rpc without what is RPC about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from udstui.runtimes.setup import Setup, Timed, Usage
from udstui.transports.connection import Connection
from udstui.workloads import http_calls


class Http:
    name = "http"
    service = "rpc"
    default_size_bytes = 128
    placement = "same"
    operation = "request"
    metric = "op_p50_ns"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        return 0

    def measure(self, setup: Setup[Usage]) -> Timed[Usage]:
        return http_calls.measure(setup, HttpCaller, bytes(setup.payload))


class HttpCaller:
    def __init__(self, connection: Connection, payload: bytes, give_up_s: float) -> None:
        from udstui.services.rpc_client import BINARY, HttpClient

        client = HttpClient(connection)
        client.stream.give_up_s = give_up_s
        self.begin: Callable[[], None] = partial(client.begin, "/echo", payload, BINARY)
        self.finish: Callable[[], Any] = client.finish
