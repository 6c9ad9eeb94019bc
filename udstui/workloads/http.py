"""http: one HTTP/1.1 request on a connection that is kept open.

Python's http.server, in a process of udstui, is posted the packet to /echo and returns it: the layer below rpc. With
--program nginx a static file of the packet size is asked for. Of a target, what --method and --path say: by themselves
GET /.
"""

from __future__ import annotations

from udstui.plan import Plan
from udstui.runtimes import Runtime
from udstui.runtimes.request import AnswerReader
from udstui.runtimes.setup import Setup, Timed
from udstui.services.programs.nginx import content
from udstui.units import describe_size
from udstui.workloads import Workload, has_own_server
from udstui.workloads.dialogue import Dialogue, hold
from udstui.workloads.http_request import HttpReader, body_of, http_request, status_of, usual_answer_bytes, wrong_echo
from udstui.workloads.spelled import filled_in, unspelled

_ECHO = "/echo"
_OF_FILES = {"nginx": "GET"}
"""How a program is asked for its file of the packet size."""


class Http(Workload):
    name = "http"
    about = "an HTTP request: by itself a POST, answered with its own body by Python"
    service = "rpc"
    default_interval_ns = 50 * 10**6
    operation = "request"

    def takes_size(self, plan: Plan) -> bool:
        if plan.method == "POST":
            return True
        return not plan.path and plan.method in ("auto", _OF_FILES.get(plan.program)) and has_own_server(plan)

    def measure(self, runtime: Runtime, setup: Setup) -> Timed:
        return hold(_Dialogue(setup), runtime, setup)


class _Dialogue(Dialogue):
    def __init__(self, setup: Setup) -> None:
        plan, payload = setup.plan, bytes(setup.payload)
        is_echo = not setup.is_target and plan.program == "auto" and plan.method == "auto" and not plan.path
        is_file = not setup.is_target and plan.program == "nginx" and not plan.path
        self._method = ("POST" if is_echo else "GET") if plan.method == "auto" else plan.method
        body = payload if self._method == "POST" else b""
        self._wanted = body if is_echo else content(len(payload)) if is_file and self._method == "GET" else None
        """The body that has to come; None where that is not known."""
        self.request = http_request(
            self._method, plan.path or (_ECHO if is_echo else "/"), body, header=filled_in(unspelled(plan.header))
        )
        self.carried_bytes = len(payload)
        self.usual_answer_bytes = usual_answer_bytes(len(payload))

    def new_reader(self) -> AnswerReader:
        return HttpReader(has_body=self._method != "HEAD")

    def check(self, answer: bytes) -> str:
        body = b"" if self._method == "HEAD" else body_of(memoryview(answer))
        if self._wanted is not None and body != self._wanted:
            raise wrong_echo()
        status, self.server_version = status_of(answer)
        self.carried_bytes = len(body) or len(answer)
        return f"{status}, body of {describe_size(len(body))}"
