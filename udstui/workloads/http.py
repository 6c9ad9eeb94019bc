"""http: one HTTP POST on a kept-open connection, answered with its own body: rpc without what is RPC about it."""

from __future__ import annotations

from udstui.runtimes import Runtime
from udstui.runtimes.setup import Setup, Timed, kernel_errors_explained
from udstui.workloads.http_request import body_of, post, wrong_echo

_PATH = "/echo"


class Http:
    name = "http"
    about = "an HTTP POST, answered with its own body by Python"
    service = "rpc"
    default_size_bytes = 128
    default_interval_ns = 50 * 10**6
    placement = "same"
    operation = "request"
    metric = "op_p50_ns"

    def lead_in_bytes(self, size_bytes: int, usual_bytes: int) -> int:
        return 0

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        request = post(_PATH, "application/octet-stream", bytes(setup.payload))
        with kernel_errors_explained(setup):
            timed = runtime.requests(setup, request)
        if any(body_of(answer) != setup.payload for answer in timed.answers):
            raise wrong_echo()
        return timed
