"""echo and sink in C, talked to by Python."""

from __future__ import annotations

import os
import socket

import pytest

from tests.runtimes.native.ends import STREAMS, End, playing
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError
from udstui.runtimes.native.structures import Wire

Ends = tuple[End, End]


@pytest.mark.parametrize("room", [1, 7, 4096])
@pytest.mark.parametrize("kind", STREAMS)
def test_an_echo_returns_every_byte_whatever_its_buffer_holds(loops: Loops, ends: Ends, room: int, wait: str) -> None:
    client, served = ends
    served.set_blocking(wait == "block")
    data = os.urandom(5000)
    with playing(lambda: loops.echo(served.wire, bytearray(room), wait=wait)) as echoed:
        client.write(data)
        assert client.read_exactly(5000) == data
        client.close()
    assert echoed == [5000]


def test_an_echo_returns_a_message_as_one(loops: Loops, ends: Ends, kind: str, wait: str) -> None:
    client, served = ends
    served.set_blocking(wait == "block")
    with playing(lambda: loops.echo(served.wire, bytearray(4096), wait=wait)) as echoed:
        for message in (b"a", b"bc" * 1000, b"d"):
            client.write(message)
            assert client.read_exactly(len(message)) == message
        client.finish_sending()
    assert echoed == [2002]


def test_a_client_that_resets_ends_the_service_and_nothing_else(loops: Loops, ends: Ends, wait: str) -> None:
    client, served = ends
    served.set_blocking(wait == "block")
    with playing(lambda: loops.echo(served.wire, bytearray(4096), wait=wait)) as echoed:
        client.write(b"x" * 100)
        client.close()  # with an echo unread: a reset on TCP
    assert len(echoed) == 1


def test_an_echo_that_nobody_reads_waits_and_goes_on(loops: Loops, ends: Ends, wait: str) -> None:
    client, served = ends
    if client.has_messages:
        pytest.skip("its client sends message by message")
    served.set_blocking(wait == "block")
    data = os.urandom(3_000_000)
    with playing(lambda: loops.echo(served.wire, bytearray(2**18), wait=wait)):
        with playing(lambda: client.write(data)):
            assert client.read_exactly(len(data)) == data
        client.close()


@pytest.mark.parametrize("lead_in_bytes", [0, 1, 999, 5000])
def test_a_sink_tells_what_it_has_read_after_the_lead_in_and_at_the_end(
    loops: Loops, ends: Ends, lead_in_bytes: int, wait: str
) -> None:
    client, served = ends
    served.set_blocking(wait == "block")
    with playing(lambda: loops.sink(served.wire, bytearray(4096), wait=wait, lead_in_bytes=lead_in_bytes)) as total:
        for start in range(0, lead_in_bytes, 700):
            client.write(bytes(min(700, lead_in_bytes - start)))
        if lead_in_bytes:
            assert client.read_exactly(8) == lead_in_bytes.to_bytes(8, "big")
        client.write(bytes(123))
        client.finish_sending()
        assert client.read_exactly(8) == (lead_in_bytes + 123).to_bytes(8, "big")
    assert total == [lead_in_bytes + 123]


def test_a_client_that_leaves_in_its_lead_in_is_told_as_much(loops: Loops, ends: Ends) -> None:
    client, served = ends
    with playing(lambda: loops.sink(served.wire, bytearray(64), wait="block", lead_in_bytes=1000)) as total:
        client.write(bytes(10))
        client.finish_sending()
        assert client.read_exactly(8) == (10).to_bytes(8, "big")
        client.close()
    assert len(total) == 1


def test_a_service_that_is_told_to_read_no_more_ends(loops: Loops) -> None:
    client, served = socket.socketpair()
    with client, served:
        wire = Wire(served.fileno(), served.fileno())
        with playing(lambda: loops.echo(wire, bytearray(64), wait="block")) as echoed:
            client.sendall(b"hello")
            assert client.recv(5) == b"hello"
            served.shutdown(socket.SHUT_RD)  # as the host does when it finishes
        assert echoed == [5]


def test_a_mode_that_does_not_fit_the_wait_is_refused(loops: Loops, ends: Ends, wait: str) -> None:
    _, served = ends
    served.set_blocking(wait != "block")
    with pytest.raises(BadArgumentError):
        loops.echo(served.wire, bytearray(64), wait=wait)
    with pytest.raises(BadArgumentError):
        loops.sink(served.wire, bytearray(64), wait=wait, lead_in_bytes=0)
