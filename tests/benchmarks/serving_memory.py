"""What clients that mean no good cost `udstui serve rpc`: memory, and how long others wait for their answer."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.benchmarks.figure import Figure

LARGEST_BYTES = 64 * 2**20
STALLED = 40
IDLE = 2000
_HEAD = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
_CALL = b'{"jsonrpc":"2.0","id":1,"method":"Arith.Multiply","params":[2,3]}'
_ENOUGH_FILES = 8192


def figures() -> list[Figure]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, _ENOUGH_FILES), hard))
    with _served() as (process, path):
        peak_mb, longest_s = _one_large_body(process, path)
    with _served() as (process, path):
        stalled_mb = _stalled(process, path)
    with _served() as (process, path):
        answer_s, stop_s, threads = _idle(process, path)
    return [
        Figure("serve rpc, a body of 64 MiB `[[],[],…]`: memory beside the body", "<= 100", [peak_mb], "MB"),
        Figure("the same: the longest that another client waited", "<= 1", [longest_s], "s"),
        Figure(f"{STALLED} clients that stall behind 60 MiB: memory", "<= 350", [stalled_mb], "MB"),
        Figure(f"{IDLE:,} clients that are idle: another one's answer", "<= 0.5", [answer_s], "s"),
        Figure("the same: threads", "<= 1100", [threads]),
        Figure("the same: SIGTERM to the end", "<= 2.5", [stop_s], "s"),
    ]


@contextlib.contextmanager
def _served() -> Iterator[tuple[psutil.Popen, str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rpc.sock")
        words = [sys.executable, "-m", "udstui", "serve", "rpc", "--quiet", "--listen", f"unix:{path}"]
        process = psutil.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert re.match(b"rpc listens", process.stdout.readline())
            yield process, path
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _connected(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)  # without a time-out, so that a full queue is waited for
    client.settimeout(60)
    return client


def _asked_s(path: str) -> float:
    """How long one call takes, from connecting to the answer."""
    began_s = time.perf_counter()
    with _connected(path) as client:
        client.sendall(_HEAD.format(len(_CALL)).encode() + _CALL)
        assert b'"result":6' in client.recv(65536)
    return time.perf_counter() - began_s


def _one_large_body(process: psutil.Popen, path: str) -> tuple[float, float]:
    body = b"[" + b"[]," * ((LARGEST_BYTES - 3) // 3) + b"0]"
    before, most, waited = process.memory_info().rss, 0, [_asked_s(path)]
    with _connected(path) as client:
        sending = threading.Thread(target=client.sendall, args=(_HEAD.format(len(body)).encode() + body,))
        sending.start()
        client.settimeout(0.001)
        answer = b""
        while not answer:
            with contextlib.suppress(TimeoutError):
                answer = client.recv(65536)
            waited.append(_asked_s(path))
            most = max(most, process.memory_info().rss)
        client.settimeout(60)
        sending.join()
    return (most - before - len(body)) / 1e6, max(waited)


def _stalled(process: psutil.Popen, path: str) -> float:
    """Each says that 64 MiB will come, sends most of them, and no more; some are sent away."""
    before = process.memory_info().rss
    piece = bytes(2**20)
    with contextlib.ExitStack() as opened:
        clients = [opened.enter_context(_connected(path)) for _ in range(STALLED)]
        for client in clients:
            client.settimeout(1)
            with contextlib.suppress(OSError):
                client.sendall(_HEAD.format(LARGEST_BYTES).encode())
                for _ in range(60):
                    client.sendall(piece)
        return (process.memory_info().rss - before) / 1e6


def _idle(process: psutil.Popen, path: str) -> tuple[float, float, int]:
    with contextlib.ExitStack() as opened:
        for _ in range(IDLE):
            opened.enter_context(_connected(path))
        answer_s, threads = _asked_s(path), process.num_threads()
        began_s = time.perf_counter()
        os.kill(process.pid, signal.SIGTERM)
        process.wait()
        return answer_s, time.perf_counter() - began_s, threads
