"""Peers: servers that udstui measures, and clients of its servers, that do not do what they should."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import socket
import time
from collections.abc import Coroutine
from typing import Any, TypeVar
from unittest import mock

import pytest

from tests.faults.clients import FAULTS as CLIENTS
from tests.faults.faces import export, measures_on, measuring, quit_dashboard, rounds, says, started_dashboard
from tests.faults.fault import NO_HANG_S, Fault, Scene, within
from tests.faults.other_side import (
    Behaviour,
    OtherSide,
    echo,
    echoes_then_closes,
    garbage,
    reads_then_closes,
    says_then_closes,
    stall,
    twice,
    wrong_byte,
)
from tests.helpers import patient
from udstui.errors import UdstuiError
from udstui.plan import Plan
from udstui.probe.client import Probe

SIZE = 16
QUICK_PLAN = {"size_bytes": SIZE, "interval_ns": 50 * 10**6, "warmup_ns": 0}
Result = TypeVar("Result")


def command_meets(command: str, scheme: str, behave: Behaviour, wanted: str, scene: Scene) -> None:
    """It is well for some rounds, and then the server changes."""
    size = ("--size", str(SIZE)) if command == "run" else ("--sizes", f"{SIZE},{2 * SIZE}")
    with OtherSide(scene.folder, scheme) as server:
        program = measuring(
            scene, command, "--target", server.address, *size, "--interval", "20ms", "--warmup", "1ns", rows=3
        )
        before = scene.rows("out.csv")
        server.behave = behave
        says(scene, program, wanted)
        rows = scene.rows("out.csv")
        assert rows[: len(before)] == before
        if command == "run":  # a sweep warms up again at each of its sizes
            within(NO_HANG_S, lambda: len(rows) == server.honest, f"{len(rows)} rows, of as many honest intervals")
        assert 1 <= server.others <= 4, "one that says nothing may be asked three times what else it speaks"
    assert server.address.partition(":")[0] in program.stdout, "the table of what was measured before"


def dashboard_meets(behave: Behaviour, wanted: str, scene: Scene) -> None:
    """The dashboard says so, measures on when the server is well again, and has counted no bad interval."""
    with OtherSide(scene.folder, "unix") as server:
        terminal, tree = started_dashboard(scene, "--target", server.address, "--size", str(SIZE))
        shown = rounds(terminal.screen)
        server.behave = behave
        terminal.wait_for(lambda screen: re.search(wanted, screen), "a word about it")
        server.behave = echo
        measures_on(terminal, 3)
        assert len(export(scene, terminal)) > shown
        quit_dashboard(terminal, tree)
    scene.notes.append(f"{wanted}; started again")


DIFFERS = "the echo differs from what was sent; the interval is not counted"
MORE = "more came back than was sent; the interval is not counted"


def wrong_byte_anywhere(scheme: str, connections: int, scene: Scene) -> None:
    """One wrong byte, at every place of a packet, is noticed, and such an interval yields no figures."""

    async def each_place() -> None:
        with OtherSide(scene.folder, scheme) as server:
            plan = Plan((server.address,), connections=connections, **QUICK_PLAN)  # type: ignore[arg-type]
            async with Probe() as probe:
                await probe.measure(plan)
                for place in range(SIZE):
                    server.behave = wrong_byte(place, SIZE)
                    await refused(probe, plan, DIFFERS)

    in_this_process(scene, each_place())
    scene.notes.append(f"all of {SIZE} places noticed")


def closes_at_each_byte(scheme: str, workload: str, scene: Scene) -> None:
    """The server closes before, between and after each byte that it reads, and each byte that it answers."""

    async def each_byte() -> int:
        with OtherSide(scene.folder, scheme) as server:
            plan = Plan((server.address,), workload, **QUICK_PLAN)  # type: ignore[arg-type]
            behaviours = [reads_then_closes(count) for count in range(SIZE + 1)]
            if workload == "ping-pong":
                behaviours += [echoes_then_closes(count) for count in range(2 * SIZE + 1)]
            async with Probe() as probe:
                for behave in behaviours:
                    server.behave = behave
                    await refused(probe, plan, "the connection to the server broke|closed the connection")
            return len(behaviours)

    count = in_this_process(scene, each_byte())
    scene.notes.append(f"a sentence each of {count} times")


def answer_ends_at_each_byte(scheme: str, scene: Scene) -> None:
    """An HTTP server that closes in the middle of its answer to a call."""
    body = b'{"jsonrpc":"2.0","result":"x","id":1}'
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    async def each_byte() -> None:
        with OtherSide(scene.folder, scheme) as server:
            plan = Plan((server.address,), "rpc", **QUICK_PLAN)  # type: ignore[arg-type]
            async with Probe() as probe:
                for count in range(len(whole) + 1):
                    server.behave = says_then_closes(whole[:count])
                    await refused(probe, plan, "closed the connection|the echo differs")

    in_this_process(scene, each_byte())
    scene.notes.append(f"a sentence each of {len(whole) + 1} times")


BAD_ANSWERS = {
    "no HTTP": b"\x00\xff" * 500,
    "a status that is none": b"HTTP/1.1 abc def\r\n\r\n",
    "a body of 10^18 bytes": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000000\r\n\r\nx",
    "a length below nothing": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    "a chunk that is none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk of 10^18 bytes": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nde0b6b3a7640000\r\nx",
    "1000 headers": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{]}",
    "bytes that are no text": b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"\xff\xfe"',
    "deep JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"[" * 99_999,
    "the answer to another call": b'HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n{"jsonrpc":"2.0","result":"","id":9}',
    "an error that is none": b'HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{"jsonrpc":"2.0","error":[],"id":1} ',
}


def call_is_answered_badly(scene: Scene) -> None:
    """`udstui call`, with every kind of answer that is none."""
    with OtherSide(scene.folder, "unix") as server:
        for what, answer in BAD_ANSWERS.items():
            server.behave = says_then_closes(answer)
            call = scene.start("call", server.address, "Greeter.Greet", "x")
            assert call.ends() == 1, what
            assert call.stderr.count("\n") == 1, (what, call.stderr)
    scene.notes.append(f"a sentence for each of {len(BAD_ANSWERS)}")


def call_is_answered_without_end(scene: Scene) -> None:
    """An answer that never ends is not read into memory for ever."""

    def pour(connection: socket.socket) -> None:
        connection.recv(2**16)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(2**16))

    with OtherSide(scene.folder, "unix", pour) as server:
        call = scene.start("call", server.address, "Greeter.Greet", "x", wrapper=("prlimit", f"--as={2**30}"))
        assert call.ends() == 1
    assert "more than" in call.stderr, call.stderr
    scene.notes.append(call.stderr.strip().removeprefix("udstui: "))


def nobody_accepts(scheme: str, scene: Scene) -> None:
    """The queue of a server that does not accept is full."""
    family = socket.AF_UNIX if scheme == "unix" else socket.AF_INET
    path = scene.folder / "full.sock"
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.socket(family))
        listener.bind(str(path) if scheme == "unix" else ("127.0.0.1", 0))
        listener.listen(0)
        address = f"unix:{path}" if scheme == "unix" else f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        for _ in range(3):
            client = opened.enter_context(socket.socket(family))
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        run = scene.start("run", "--target", address, "--duration", "5s")
        assert run.ends() == 1
        path.unlink(missing_ok=True)
    assert "did not accept the connection in time" in run.stderr, run.stderr
    scene.notes.append(re.sub(r"(unix|tcp):\S+", "ADDRESS", run.stderr.strip().removeprefix("udstui: ")))


async def refused(probe: Probe, plan: Plan, sentence: str) -> None:
    """Asked for a round, the probe has none, and says why within time."""
    began_s = time.monotonic()
    with pytest.raises(UdstuiError, match=sentence):
        await probe.measure(plan)
    assert time.monotonic() - began_s < patient(NO_HANG_S)


def in_this_process(scene: Scene, work: Coroutine[Any, Any, Result]) -> Result:
    """Do it with a probe that is started from here: many faults for one start."""
    with mock.patch.dict(os.environ, {"TMPDIR": str(scene.folder)}):
        return asyncio.run(work)


SCHEMES = ("unix", "tcp")
_BAD_SERVERS: dict[str, tuple[Behaviour, str]] = {
    "stalls": (stall, "made no progress for 2.00 s"),
    "sends garbage": (garbage, DIFFERS),
    "sends everything twice": (twice, MORE),
    "echoes one wrong byte": (wrong_byte(5, SIZE), DIFFERS),
    "closes in mid-packet": (echoes_then_closes(37), "closed the connection"),
}
_QUICK = (("echoes one wrong byte", "run", "unix"), ("closes in mid-packet", "run", "tcp"))
FAULTS = (
    *(
        Fault(
            f"its server {name}",
            f"{command}, {scheme}",
            functools.partial(command_meets, command, scheme, behave, wanted),
            quick=(name, command, scheme) in _QUICK,
        )
        for name, (behave, wanted) in _BAD_SERVERS.items()
        for command, scheme in (("run", "unix"), ("run", "tcp"), ("sweep", "unix"), ("sweep", "tcp"))
    ),
    *(
        Fault(
            f"its server {name}, and is well again",
            "dashboard",
            functools.partial(dashboard_meets, behave, wanted.split(";")[0]),
            quick=False,
        )
        for name, (behave, wanted) in _BAD_SERVERS.items()
    ),
    *(
        Fault(
            "one wrong byte, at every place",
            f"measure, {scheme}, connections {connections}",
            functools.partial(wrong_byte_anywhere, scheme, connections),
        )
        for scheme, connections in (("unix", 1), ("tcp", 1), ("unix", 4))
    ),
    *(
        Fault(
            "its server closes at each byte",
            f"{workload}, {scheme}",
            functools.partial(closes_at_each_byte, scheme, workload),
        )
        for workload in ("ping-pong", "bulk-send")
        for scheme in SCHEMES
    ),
    *(
        Fault("the answer ends at each byte", f"rpc, {scheme}", functools.partial(answer_ends_at_each_byte, scheme))
        for scheme in SCHEMES
    ),
    *(
        Fault("nobody accepts", f"run, {scheme}", functools.partial(nobody_accepts, scheme), quick=False)
        for scheme in SCHEMES
    ),
    Fault("answers that are none", "call", call_is_answered_badly, quick=False),
    Fault("an answer without end", "call", call_is_answered_without_end),
    *CLIENTS,
)
