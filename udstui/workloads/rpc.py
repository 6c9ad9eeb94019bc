"""rpc: one JSON-RPC call, over HTTP on a connection that is kept open; the method returns its argument."""

from __future__ import annotations

from typing import Any

import msgspec

from udstui.errors import ServiceError
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader
from udstui.runtimes.setup import Setup, Timed
from udstui.workloads import Workload
from udstui.workloads.dialogue import Dialogue, hold
from udstui.workloads.http_request import HttpReader, body_of, http_request, status_of, usual_answer_bytes, wrong_echo

METHOD = "Echo.Echo"


class Rpc(Workload):
    name = "rpc"
    about = "a JSON-RPC call over HTTP, answered by Python"
    service = "rpc"
    default_interval_ns = 50 * 10**6
    operation = "call"

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        return hold(_Dialogue(bytes(setup.payload), setup.plan.path or "/"), runtime, setup)


class _Dialogue(Dialogue):
    def __init__(self, payload: bytes, path: str) -> None:
        self._text = text_of(payload)
        call = msgspec.json.encode({"jsonrpc": "2.0", "method": METHOD, "params": [self._text], "id": 1})
        self.request = http_request("POST", path, call, content_type="application/json")
        self.carried_bytes = len(payload)
        self.usual_answer_bytes = usual_answer_bytes(len(call))

    def new_reader(self) -> AnswerReader:
        return HttpReader()

    def check(self, answer: bytes) -> str:
        if _result(body_of(memoryview(answer))) != self._text:
            raise wrong_echo()
        self.server_version = status_of(answer)[1]
        return ""


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
