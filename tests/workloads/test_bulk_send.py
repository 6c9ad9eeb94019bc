from __future__ import annotations

import select
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers import connected, make_setup, receive_exactly, serving
from udstui.errors import TransportError, UsageError
from udstui.runtimes.counting import COUNT
from udstui.runtimes.python import Python
from udstui.transports import Transport
from udstui.workloads import workload_named
from udstui.workloads.bulk_send import BulkSend

KIB, MIB, MS = 1024, 1024**2, 10**6
PYTHON = Python()
LEAD_IN = 100_000


@pytest.fixture(params=[False, True], ids=["block", "spin"])
def spin(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def wait_for_hang_up(connection: socket.socket) -> None:
    gone = select.poll()
    gone.register(connection, select.POLLHUP)
    gone.poll(20_000)


@pytest.mark.parametrize("size", [1, 64 * KIB, MIB, 64 * MIB])
@pytest.mark.parametrize("lead_in_bytes", [0, LEAD_IN])
def test_every_size_is_carried_and_counted(
    transport: Transport, folder: Path, size: int, lead_in_bytes: int, spin: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        PYTHON.sink(connection, memoryview(bytearray(2**18)), "block", lead_in_bytes)

    with serving(transport, folder, serve) as address, connected(transport, address) as client:
        setup = make_setup(client, size, spin=spin, lead_in_bytes=lead_in_bytes)
        timed = BulkSend().measure(PYTHON, setup)
    assert timed.operations >= 1
    assert timed.bytes == timed.operations * size  # the lead-in is not among them
    stamps = [timed.started_ns, *setup.stamps[: timed.operations]]
    assert all(earlier < later for earlier, later in pairwise(stamps))
    assert timed.elapsed_ns > stamps[-1] - stamps[0]  # the clock runs until the last byte was read


def test_what_waits_in_buffers_takes_its_time_too(transport: Transport, folder: Path, spin: bool) -> None:
    """A reader that begins late: the kernel takes the packets at once, but they are not carried until they are read."""
    pause_s = 0.1

    def dawdle(connection: socket.socket) -> None:
        time.sleep(pause_s)
        PYTHON.sink(connection, memoryview(bytearray(2**18)), "block", 0)

    with serving(transport, folder, dawdle) as address, connected(transport, address) as client:
        timed = BulkSend().measure(PYTHON, make_setup(client, 100, spin=spin, duration_ns=1))
    assert timed.operations == 1
    assert timed.elapsed_ns > pause_s * 1e9 / 2


@pytest.mark.parametrize("size", [1000, MIB])
def test_a_sink_that_reads_slowly_is_counted_right(transport: Transport, folder: Path, size: int, spin: bool) -> None:
    def read_slowly(connection: socket.socket) -> None:
        total = 0
        while data := connection.recv(2**16):
            total += len(data)
            time.sleep(0.0002)
        connection.sendall(COUNT.pack(total))

    with serving(transport, folder, read_slowly) as address, connected(transport, address) as client:
        timed = BulkSend().measure(PYTHON, make_setup(client, size, spin=spin))
    assert timed.bytes == timed.operations * size


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_wrong_count_is_found(transport: Transport, folder: Path, off_by: int) -> None:
    def lie(connection: socket.socket) -> None:
        total = 0
        while data := connection.recv(2**18):
            total += len(data)
        connection.sendall(COUNT.pack(total + off_by))

    with serving(transport, folder, lie) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match="not counted"):
            BulkSend().measure(PYTHON, make_setup(client, 1000))


@pytest.mark.parametrize("lead_in_bytes", [0, LEAD_IN])
def test_a_peer_that_closes_in_the_middle_is_one_clear_error(
    transport: Transport, folder: Path, lead_in_bytes: int, spin: bool
) -> None:
    def close_early(connection: socket.socket) -> None:
        receive_exactly(connection, 50_000)

    with serving(transport, folder, close_early) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match=r"closed the connection|connection to the server broke"):
            BulkSend().measure(
                PYTHON, make_setup(client, MIB, spin=spin, duration_ns=20_000 * MS, lead_in_bytes=lead_in_bytes)
            )


def test_an_answer_that_is_cut_off_is_one_clear_error(transport: Transport, folder: Path, spin: bool) -> None:
    def stammer(connection: socket.socket) -> None:
        while connection.recv(2**18):
            pass
        connection.sendall(b"\0\0\0")

    with serving(transport, folder, stammer) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match="closed the connection"):
            BulkSend().measure(PYTHON, make_setup(client, 1000, spin=spin))


@pytest.mark.parametrize(("size", "lead_in_bytes"), [(1000, 0), (8 * MIB, 0), (1000, LEAD_IN)])
def test_a_stuck_peer_is_given_up(
    transport: Transport, folder: Path, size: int, lead_in_bytes: int, spin: bool
) -> None:
    with serving(transport, folder, wait_for_hang_up) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match="no progress for 100 ms"):
            BulkSend().measure(
                PYTHON,
                make_setup(
                    client, size, spin=spin, duration_ns=20_000 * MS, lead_in_bytes=lead_in_bytes, patience_ns=100 * MS
                ),
            )


def test_an_operation_that_never_ends_is_given_up_in_spite_of_its_progress(transport: Transport, folder: Path) -> None:
    def sip(connection: socket.socket) -> None:
        while connection.recv(2**16):
            time.sleep(0.001)

    with serving(transport, folder, sip) as address, connected(transport, address) as client:
        with pytest.raises(TransportError, match="choose a smaller size, or wait block"):
            BulkSend().measure(PYTHON, make_setup(client, 64 * MIB, spin=True, longest_ns=30 * MS))


def test_it_is_what_the_registry_says() -> None:
    workload = workload_named("bulk-send")
    assert (workload.service, workload.default_size_bytes, workload.placement) == ("sink", 512 * KIB, "split")
    with pytest.raises(UsageError, match="choose from ping-pong, bulk-send"):
        workload_named("carry")
