"""rpc: one JSON-RPC call, over HTTP on a connection that is kept open; the method returns its argument."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from udstui.runtimes.setup import Setup, Timed, Usage
from udstui.transports.connection import Connection
from udstui.workloads import http_calls

METHOD = "Echo.Echo"


class Rpc:
    name = "rpc"
    service = "rpc"
    default_size_bytes = 128
    placement = "same"
    operation = "call"
    metric = "op_p50_ns"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        return 0

    def measure(self, setup: Setup[Usage]) -> Timed[Usage]:
        return http_calls.measure(setup, RpcCaller, text_of(bytes(setup.payload)))


class RpcCaller:
    def __init__(self, connection: Connection, payload: bytes, give_up_s: float) -> None:
        from udstui.services.rpc_client import RpcClient  # with http.client, which takes longer to import than a lane

        client = RpcClient(connection)
        client.http.stream.give_up_s = give_up_s
        self.begin: Callable[[], None] = partial(client.begin, METHOD, [text_of(payload)])
        self.finish: Callable[[], Any] = client.finish


def text_of(payload: bytes) -> str:
    """A text as long as the packet, and as random, that JSON takes as it is."""
    return payload[: (len(payload) + 1) // 2].hex()[: len(payload)]
