"""POSIX message queues: what a lane sees of them, what they refuse, and what is left of them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import make_setup
from tests.measuring import measured
from udstui.errors import TransportError, UsageError
from udstui.plan import Plan
from udstui.probe.check import check_lanes
from udstui.runtimes import RUNTIMES
from udstui.runtimes.native import shared
from udstui.runtimes.native.failures import NativeError
from udstui.runtimes.native.loops import loops
from udstui.runtimes.packets import HEAD
from udstui.runtimes.setup import Setup
from udstui.transports import posix_mq
from udstui.transports.posix_mq import PosixMq, QueueEnd
from udstui.workloads import WORKLOADS

_MISSING = PosixMq().missing() or RUNTIMES["native"].missing()
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING)
MS = 10**6
LARGEST = PosixMq().largest_size_bytes()


@pytest.mark.parametrize("wait", ["block", "spin"])
@pytest.mark.parametrize("server", ["process", "thread"])
@pytest.mark.parametrize(
    ("workload", "size"), [("ping-pong", 1), ("ping-pong", LARGEST), ("bulk-send", 1000), ("one-way", 16)]
)
def test_a_lane_of_it_is_measured_and_checked(workload: str, size: int, server: str, wait: str, folder: Path) -> None:
    plan = Plan(
        transports=("posix-mq",), workload=workload, size_bytes=size, interval_ns=5 * MS, wait=wait, server=server
    )  # fmt: skip
    interval = measured(plan, folder)
    assert interval.operations == interval.durations.count >= 1
    assert interval.bytes == size * interval.operations
    assert (interval.there_ns is not None) == (workload == "one-way")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"runtime": "python"}, "only native loops carry it"),
        ({"runtime": "asyncio"}, "over sockets only"),
        ({"connections": 2}, "nothing can be waited for on several"),
        ({"rate_per_s": 1000}, "takes a descriptor"),
        ({"writes": 2}, "carries ping-pong and bulk-send and one-way alone"),
        ({"workload": "http"}, "http needs a stream"),
        ({"workload": "connect"}, "no connecting to time"),
        (
            {"size_bytes": LARGEST + 1},
            f"carries at most {LARGEST} bytes .*raise fs.mqueue.msgsize_max and ulimit -q, or another",
        ),
    ],
)
def test_what_it_cannot_carry_is_refused_with_the_reason(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        check_lanes(Plan(("posix-mq",), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message_bytes", "user_bytes", "largest"),
    [(8192, None, 8192), (100, 10**6, 100), (8192, 20_000, 20_000 // 20 - 128), (8192, 1000, 1)],
)
def test_the_limits_of_the_system_are_those_of_a_packet(
    message_bytes: int, user_bytes: int | None, largest: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "msgsize_max").write_text(f"{message_bytes}\n")
    (tmp_path / "msg_max").write_text("10\n")
    monkeypatch.setattr(posix_mq, "_LIMITS", tmp_path)
    monkeypatch.setattr(posix_mq, "_user_limit_bytes", lambda: user_bytes)
    assert PosixMq().largest_size_bytes() == largest
    assert ("ulimit -q" in PosixMq().missing()) == (user_bytes == 1000)


@contextlib.contextmanager
def both_ends() -> Iterator[tuple[QueueEnd, QueueEnd]]:
    doors = socket.socketpair()
    near, numbers = PosixMq().pair()
    far = PosixMq().adopt(numbers)
    assert isinstance(near, QueueEnd) and isinstance(far, QueueEnd)
    with doors[0], doors[1], near, far:
        near.door, far.door = doors
        yield near, far


def setup_of(near: QueueEnd, **more: int) -> Setup:
    setup = make_setup(near, 100, **more)  # type: ignore[arg-type]
    setup.payload = memoryview(bytearray(setup.payload))
    return setup


def test_nothing_has_a_name_and_nothing_stays_open() -> None:
    def queues() -> list[str]:
        links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
        return [os.readlink(link) for link in links if link.is_symlink() and "udstui-" in os.readlink(link)]  # noqa: PTH115

    before = queues()
    with both_ends() as (near, _):
        opened = queues()
        assert len(opened) == len(before) + 4
        name = re.search(r"/udstui-[0-9a-f]{32}", opened[-1])
        assert name
        assert posix_mq._functions().mq_open(name[0].encode(), os.O_RDWR) < 0
        assert os.fstat(near.reading).st_mode & 0o777 == 0o600
    assert queues() == before


def test_an_answer_that_is_not_what_was_sent_is_seen() -> None:
    def lie(far: QueueEnd, begin: bytes) -> None:
        with contextlib.suppress(NativeError, OSError), shared._mapped(far, spin=False) as queue:
            while data := loops().shared_take(queue, 100):
                loops().shared_put(queue, begin + bytes(len(data) - len(begin)))

    for workload, begin, said in (
        ("ping-pong", b"", "the echo differs from what was sent"),
        ("one-way", HEAD.pack(0, 100, 1, 1), "no time between its sending and its arrival"),
        ("one-way", HEAD.pack(2**62, 100, 1, 1), "no time between its sending and its arrival"),
    ):
        with both_ends() as (near, far):
            liar = threading.Thread(target=lie, args=(far, begin))
            liar.start()
            try:
                with pytest.raises(TransportError, match=said):
                    WORKLOADS[workload].measure(RUNTIMES["native"], setup_of(near))
            finally:
                liar.join()


@pytest.mark.parametrize("workload", ["ping-pong", "one-way"])
@pytest.mark.parametrize(
    ("size", "said"), [(99, "not as long"), (101, "not as long"), (LARGEST, "not as long"), (0, "closed")]
)
def test_a_message_of_another_length_than_expected_is_not_counted(workload: str, size: int, said: str) -> None:
    def answer_otherwise(far: QueueEnd) -> None:
        with contextlib.suppress(NativeError, OSError), shared._mapped(far, spin=False) as queue:
            while loops().shared_take(queue, 100):
                loops().shared_put(queue, bytes(size))

    with both_ends() as (near, far):
        server = threading.Thread(target=answer_otherwise, args=(far,))
        server.start()
        try:
            with pytest.raises(TransportError, match=said):
                WORKLOADS[workload].measure(RUNTIMES["native"], setup_of(near))
        finally:
            server.join()


@pytest.mark.parametrize("head", [(0, 101, 1, 1), (0, 100, 0, 1), (0, 0, 1, 1)])
def test_a_message_that_is_no_packet_ends_the_service(head: tuple[int, ...]) -> None:
    with both_ends() as (near, far):
        with shared._mapped(near, spin=False) as queue:
            loops().shared_put(queue, HEAD.pack(*head) + bytes(84))
        with pytest.raises(OSError, match="Protocol error"):
            RUNTIMES["native"].answer_packets(far, memoryview(bytearray(9)), "block")


def test_a_server_that_is_gone_without_a_word_is_noticed() -> None:
    with both_ends() as (near, far):
        assert far.door
        far.door.shutdown(socket.SHUT_RDWR)  # as when its process is killed
        with pytest.raises(TransportError, match="closed the connection"):
            shared.round_trips(setup_of(near), near)


def test_a_client_that_is_gone_without_a_word_ends_the_service() -> None:
    with both_ends() as (near, far):
        assert near.door
        near.door.shutdown(socket.SHUT_RDWR)
        with pytest.raises(ConnectionAbortedError):
            RUNTIMES["native"].echo(far, memoryview(bytearray(9)), "block")


@pytest.mark.parametrize("spin", [False, True])
def test_a_server_that_makes_no_progress_is_not_waited_for_longer_than_the_patience(spin: bool) -> None:
    with both_ends() as (near, _):
        setup = setup_of(near, patience_ns=50 * MS)
        setup.spin = spin
        with pytest.raises(TransportError, match="made no progress"):
            shared.round_trips(setup, near)


def test_what_is_no_queue_is_one_clear_error(tmp_path: Path) -> None:
    near, far = socket.socketpair()
    with near, far, (tmp_path / "file").open("wb") as file:
        socket.send_fds(near, [b"."], [file.fileno(), file.fileno()])
        with pytest.raises(TransportError, match="no message queues"):
            PosixMq().accepted(far)


def test_the_record_of_the_kernel_is_as_long_as_its_own() -> None:
    assert ctypes.sizeof(posix_mq._Attributes) == 8 * ctypes.sizeof(ctypes.c_long)
