from __future__ import annotations

from pathlib import Path

import pytest

from udstui.errors import UdstuiError
from udstui.host.affinity import available_cores
from udstui.measured import SocketCallsRequest
from udstui.probe.client import Probe
from udstui.probe.socket_calls import _caller_named
from udstui.transports import TRANSPORTS


def request(**changes: object) -> SocketCallsRequest:
    usual: dict[str, object] = {
        "transports": ("uds", "tcp"),
        "runtimes": ("native", "python"),
        "size_bytes": 128,
        "core": available_cores()[-1],
        "rounds": 2,
        "interval_ns": 5 * 10**6,
    }
    return SocketCallsRequest(**(usual | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("size_bytes", [1, 128, 64 * 1024])
async def test_clock_and_calls_are_timed_once_a_round_in_both_runtimes(size_bytes: int) -> None:
    answer = await Probe().measure_socket_calls(request(size_bytes=size_bytes))
    assert list(answer.times) == ["native", "python"]
    for times in answer.times.values():
        assert len(times.clock_ns) == len(times.empty_ns) == 2
        assert [len(lane) for lane in times.calls_ns] == [2, 2]
        assert 0 < max(times.clock_ns) < min(times.empty_ns)
        assert max(times.empty_ns) < min(map(min, times.calls_ns))


async def test_two_pipes_and_messages_are_timed_too() -> None:
    answer = await Probe().measure_socket_calls(request(transports=("pipe", "uds-dgram", "socketpair"), rounds=1))
    assert all(len(times.calls_ns) == 3 for times in answer.times.values())


async def test_a_transport_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(UdstuiError, match="unknown transport 'pigeon'"):
        await Probe().measure_socket_calls(request(transports=("pigeon",)))


def test_who_called_first_is_not_taken_for_the_client(folder: Path) -> None:
    tcp = TRANSPORTS["tcp"]
    listener = tcp.listen(tcp.private_address(folder, 0))
    client, name = tcp.open()
    with tcp.dial() as stranger, client:
        tcp.connect(stranger, listener.address)
        tcp.connect(client, listener.address)
        with _caller_named(name, tcp, listener) as caller:
            assert caller.getpeername() == client.getsockname()
        assert stranger.recv(1) == b""
    listener.close()
