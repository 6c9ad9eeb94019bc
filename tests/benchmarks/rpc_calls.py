"""Calls per second of udstui's rpc over those of the standard library's xmlrpc, both over UDS, 128 B each way."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import socketserver
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from pathlib import Path
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler

from tests.benchmarks.figure import Figure
from tests.folders import short_folder
from udstui.services.rpc_client import RpcClient
from udstui.transports import dial
from udstui.transports.address import Address

TURNS = 20
TURN_S = 0.25
TEXT = "x" * 128


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer, SimpleXMLRPCDispatcher):
    daemon_threads = True

    def __init__(self, path: str) -> None:
        SimpleXMLRPCDispatcher.__init__(self)
        socketserver.UnixStreamServer.__init__(self, path, _Handler)
        self.register_function(lambda text: text, "echo")

    logRequests = False


class _Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = False  # that is for TCP

    def address_string(self) -> str:
        return "unix"


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        if self._connection[1] is None:
            connection = http.client.HTTPConnection("localhost")
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(self._path)
            self._connection = host, connection  # type: ignore[assignment]
        found = self._connection[1]
        assert found
        return found


def figures() -> list[Figure]:
    with short_folder() as folder:
        ours, theirs = f"{folder}/ours.sock", f"{folder}/theirs.sock"
        serve = [sys.executable, "-m", "udstui", "serve", "rpc", "--listen", f"unix:{ours}"]
        with _running(serve, ours), _running([sys.executable, "-m", "tests.benchmarks.rpc_calls", theirs], theirs):
            with dial(Address("unix", ours), 5) as connection:
                client = RpcClient(connection)
                proxy = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(theirs))
                calls: list[Callable[[], object]] = [lambda: client.call("Echo.Echo", [TEXT]), lambda: proxy.echo(TEXT)]
                for call in calls:
                    assert call() == TEXT
                ratios = []
                for turn in range(TURNS):
                    rates = [0.0, 0.0]
                    for which in (0, 1) if turn % 2 else (1, 0):
                        rates[which] = _calls_per_s(calls[which])
                    ratios.append(rates[0] / rates[1])
    return [Figure("rpc over UDS, 128 B: calls/s of udstui / xmlrpc", ">= 1.0", ratios)]


def _calls_per_s(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    done = 0
    while time.perf_counter() - started < TURN_S:
        call()
        done += 1
    return done / (time.perf_counter() - started)


@contextlib.contextmanager
def _running(words: list[str], path: str) -> Iterator[None]:
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        give_up = time.monotonic() + 20
        while not Path(path).exists():
            assert process.poll() is None and time.monotonic() < give_up, "a server does not listen"
            time.sleep(0.01)
        yield
        process.terminate()


if __name__ == "__main__":
    os.umask(0o177)
    _Server(sys.argv[1]).serve_forever()
