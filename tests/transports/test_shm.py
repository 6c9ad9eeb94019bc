"""Shared memory: what a lane sees of it, what it refuses, and what a client may hand over."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from udstui.runtimes.setup import Setup
from udstui.transports.shm import _SIZE_BYTES, SharedMemory, Shm
from udstui.workloads import WORKLOADS

pytestmark = pytest.mark.skipif(bool(RUNTIMES["native"].missing()), reason=RUNTIMES["native"].missing())
MS, KIB, MIB = 10**6, 1024, 1024**2


@pytest.mark.parametrize("wait", ["block", "spin"])
@pytest.mark.parametrize("server", ["process", "thread"])
@pytest.mark.parametrize(("workload", "size"), [("ping-pong", 1), ("ping-pong", 3 * MIB), ("bulk-send", 100_000)])
def test_a_lane_of_it_is_measured_and_checked(workload: str, size: int, server: str, wait: str, folder: Path) -> None:
    plan = Plan(
        transports=("shm",), workload=workload, size_bytes=size, interval_ns=5 * MS, wait=wait, server=server
    )  # fmt: skip
    interval = measured(plan, folder)
    assert interval.operations == interval.durations.count >= 1
    assert interval.bytes == size * interval.operations
    assert interval.client_socket is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"runtime": "python"}, "only native loops carry it"),
        ({"runtime": "asyncio"}, "over sockets only"),
        ({"workload": "http"}, "it carries ping-pong and bulk-send alone"),
        ({"connections": 2}, "nothing can be waited for on several"),
    ],
)
def test_what_it_cannot_carry_is_refused_with_the_reason(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError, match=rf"shm cannot be measured in runtime \w+: .*{reason}"):
        check_lanes(Plan(("shm",), **changes))  # type: ignore[arg-type]


def setup_of(near: SharedMemory, **more: int) -> Setup:
    return make_setup(near, 100, **more)  # type: ignore[arg-type]


@contextmanager
def both_ends() -> Iterator[tuple[SharedMemory, SharedMemory]]:
    doors = socket.socketpair()
    near, (number,) = Shm().pair()
    far = Shm().adopt([number])
    assert isinstance(near, SharedMemory) and isinstance(far, SharedMemory)
    with doors[0], doors[1], near, far:
        near.door, far.door = doors
        yield near, far


def test_an_echo_that_comes_back_wrong_is_seen() -> None:
    with both_ends() as (near, far):
        liar = threading.Thread(target=_lie, args=(far,))
        liar.start()
        with pytest.raises(TransportError, match="the echo differs from what was sent"):
            WORKLOADS["ping-pong"].measure(RUNTIMES["native"], setup_of(near))
        liar.join()


def _lie(far: SharedMemory) -> None:
    with contextlib.suppress(NativeError), shared._mapped(far, spin=False) as memory:
        while data := loops().shared_take(memory, 100):
            loops().shared_put(memory, bytes(len(data)))


def test_a_server_that_is_gone_without_a_word_is_noticed() -> None:
    with both_ends() as (near, far):
        assert far.door
        far.door.shutdown(socket.SHUT_RDWR)  # as when its process is killed
        began = time.monotonic()
        with pytest.raises(TransportError, match="closed the connection"):
            shared.round_trips(setup_of(near), near)
        assert time.monotonic() - began < 15


def test_a_server_that_makes_no_progress_is_not_waited_for_longer_than_the_patience() -> None:
    with both_ends() as (near, _), pytest.raises(TransportError, match="made no progress"):
        shared.round_trips(setup_of(near, patience_ns=50 * MS), near)


@pytest.mark.parametrize("is_sealed", [True, False])
def test_memory_that_was_not_agreed_on_is_refused_and_not_kept(is_sealed: bool) -> None:
    number = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.ftruncate(number, _SIZE_BYTES // 2 if is_sealed else _SIZE_BYTES)
    if is_sealed:
        fcntl.fcntl(number, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    near, far = socket.socketpair()
    with near, far:
        socket.send_fds(near, [b"."], [number])
        with pytest.raises(TransportError, match="not the memory that was agreed on"):
            Shm().accepted(far)
    os.close(number)


def test_a_file_that_is_no_memory_is_one_clear_error(tmp_path: Path) -> None:
    near, far = socket.socketpair()
    with near, far, (tmp_path / "file").open("wb") as file:
        socket.send_fds(near, [b"."], [file.fileno()])
        with pytest.raises(TransportError):
            Shm().accepted(far)


def test_nothing_stays_mapped() -> None:
    def maps() -> int:
        return Path("/proc/self/maps").read_text().count("/memfd:udstui")

    with both_ends() as (near, far):
        assert maps() == 2
        server = threading.Thread(target=shared.echo, args=(far, memoryview(bytearray(100)), "block"))
        server.start()
        shared.round_trips(setup_of(near), near)
        server.join()
    assert maps() == 0
