"""rpc: one JSON-RPC call, over HTTP on a connection that is kept open; the method returns its argument."""

from __future__ import annotations

from typing import Any

import msgspec

from udstui.errors import ServiceError
from udstui.runtimes import Runtime
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.workloads.http_request import body_of, post, wrong_echo

METHOD = "Echo.Echo"


class Rpc:
    name = "rpc"
    about = "a JSON-RPC call over HTTP, answered by Python"
    service = "rpc"
    default_size_bytes = 128
    default_interval_ns = 50 * 10**6
    placement = "same"
    operation = "call"
    metric = "op_p50_ns"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        return 0

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        text = text_of(bytes(setup.payload))
        call = {"jsonrpc": "2.0", "method": METHOD, "params": [text], "id": 1}
        request = post("/", "application/json", msgspec.json.encode(call))
        with kernel_errors_explained(setup):
            timed = runtime.requests(setup, request)
        if any(_result(body_of(answer)) != text for answer in timed.answers):
            raise wrong_echo()
        return timed


def text_of(payload: bytes) -> str:
    """A text as long as the packet, and as random, that JSON takes as it is."""
    return payload[: (len(payload) + 1) // 2].hex()[: len(payload)]


def _result(body: bytes) -> Any:
    try:
        answer = msgspec.json.decode(body)
        if answer["id"] != 1:
            raise wrong_echo()
        return answer["result"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError) as error:
        raise ServiceError(f"the answer is no JSON-RPC 2.0 result: {body[:200]!r}", "is that an rpc server?") from error
