"""Our servers and clients beside programs that this project did not write."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.serving import need, run, serving
from tests.helpers import udstui, wait_until

MIB = 1024**2
CALL = '{"jsonrpc":"2.0","method":"Greeter.Greet","params":["Ann"],"id":1}'


# --- other programs as clients


def test_netcat_is_answered(folder: Path) -> None:
    need("nc")
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        assert run("nc", "-N", "-U", f"{folder}/e.sock", data=b"hello\n" * 10_000) == b"hello\n" * 10_000


@pytest.mark.parametrize("scheme", ["unix", "tcp", "unix:@", "seqpacket"])
def test_socat_is_answered(scheme: str, folder: Path) -> None:
    need("socat")
    listen = {
        "unix": f"unix:{folder}/e.sock",
        "tcp": "tcp:127.0.0.1:0",
        "unix:@": f"unix:@udstui-test-{os.getpid()}",
        "seqpacket": f"seqpacket:{folder}/p.sock",
    }[scheme]
    with serving("echo", "--listen", listen) as server:
        location = server.addresses[0].location
        connect = {
            "unix": f"UNIX-CONNECT:{location}",
            "tcp": f"TCP:{location}",
            "unix:@": f"ABSTRACT-CONNECT:{location[1:]}",
            "seqpacket": f"UNIX-CONNECT:{location},type=5",
        }[scheme]
        data = b"x" * 4000 if scheme == "seqpacket" else os.urandom(3 * MIB)
        assert run("socat", "-t5", "-", connect, data=data) == data


def test_curl_is_answered(folder: Path) -> None:
    need("curl")
    with serving("rpc", "--listen", f"unix:{folder}/r.sock", "--listen", "tcp:127.0.0.1:0", lines=2) as server:
        expected = {"jsonrpc": "2.0", "result": "Hello, Ann", "id": 1}
        assert json.loads(run("curl", "-sS", "--unix-socket", f"{folder}/r.sock", "http://x/", "-d", CALL)) == expected
        location = server.addresses[1].location
        json_type = ("-H", "Content-Type: application/json")  # over TCP, or any page in a browser could call
        assert json.loads(run("curl", "-sS", f"http://{location}/", "-d", CALL, *json_type)) == expected
        big = os.urandom(5 * MIB)  # curl says Expect: 100-continue
        arguments = ("--data-binary", "@-", "-H", "Content-Type: application/octet-stream")
        assert run("curl", "-sS", f"http://{location}/echo", *arguments, data=big) == big


# --- other programs as servers


@contextlib.contextmanager
def socat(*words: str) -> Iterator[None]:
    with subprocess.Popen(["socat", *words]) as process:
        try:
            yield
        finally:
            process.terminate()


def test_send_speaks_to_socat(folder: Path) -> None:
    need("socat")
    path = folder / "s.sock"
    with socat(f"UNIX-LISTEN:{path},fork", "EXEC:cat"):
        wait_until(path.exists, "socat to listen")
        assert udstui("send", f"unix:{path}", "hello").stdout == "hello"


def test_a_run_races_socat(folder: Path) -> None:
    need("socat")
    path = folder / "s.sock"
    with socat(f"UNIX-LISTEN:{path},fork,backlog=64", "EXEC:cat"):
        wait_until(path.exists, "socat to listen")
        done = udstui("run", "--target", f"unix:{path}", "--duration", "100ms", "--warmup", "20ms", "--json", "-")
        lane = json.loads(done.stdout)["lanes"][0]
        assert lane["transport"] == f"unix:{path}"
        assert lane["operations"] > 0
        assert lane["server_cpu_percent"] > 0  # of socat and what it has started
