"""Plain echo programs on an event loop: `python -m tests.benchmarks.plain_echo LOOP TRANSPORT PATH CORE`.

They share no line with udstui. For every number on stdin the client makes as many round trips of 128 bytes on a fresh
connection, after some untimed ones, and writes their mean in ns. The end of stdin is the end of both.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
import time
from pathlib import Path

MESSAGE = bytes(128)
UNTIMED = 20


class Echo(asyncio.Protocol):
    def connection_made(self, transport):  # type: ignore[no-untyped-def]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Caller(asyncio.Protocol):
    def __init__(self, count: int) -> None:
        self.count = count
        self.untimed = UNTIMED
        self.received = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):  # type: ignore[no-untyped-def]
        self.transport = transport
        transport.write(MESSAGE)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self.received < len(MESSAGE):
            return
        self.received = 0
        if self.untimed:
            self.untimed -= 1
            self.started = time.perf_counter_ns()
        else:
            self.count -= 1
        if self.count:
            self.transport.write(MESSAGE)
        else:
            self.ended.set_result(time.perf_counter_ns() - self.started)


async def serve(transport: str, path: str) -> None:
    loop = asyncio.get_running_loop()
    if transport == "uds":
        server = await loop.create_unix_server(Echo, path)
    else:
        server = await loop.create_server(Echo, "127.0.0.1", 0)
        Path(path).write_text(str(server.sockets[0].getsockname()[1]))
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


async def call(transport: str, path: str) -> None:
    loop = asyncio.get_running_loop()
    for line in sys.stdin:
        count = int(line)
        if transport == "uds":
            connected, caller = await loop.create_unix_connection(lambda: Caller(count), path)  # noqa: B023
        else:
            port = int(Path(path).read_text())
            connected, caller = await loop.create_connection(lambda: Caller(count), "127.0.0.1", port)  # noqa: B023
        print(await caller.ended / count, flush=True)
        connected.close()


def main() -> None:
    bytes(1024**2)  # so that malloc maps no memory for every read: programs that live for long have freed such a block
    loop, transport, path, core, *side = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    runner = importlib.import_module(loop)
    if side:
        runner.run(serve(transport, path))
        return
    with subprocess.Popen([sys.executable, "-m", "tests.benchmarks.plain_echo", *sys.argv[1:], "serve"], stdin=-1):
        while not Path(path).exists() or (transport == "tcp" and not Path(path).read_text()):
            time.sleep(0.01)
        runner.run(call(transport, path))


if __name__ == "__main__":
    main()
