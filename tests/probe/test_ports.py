"""How a client keeps from using up the ports of its connections."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from udstui.errors import ServiceError, TransportError
from udstui.plan import Plan
from udstui.probe.doorway import Doorway, hidden
from udstui.probe.ports import Ports, PortUse
from udstui.transports import TRANSPORTS
from udstui.transports.address import Address

SOCKSTAT = "sockets: used 9\nTCP: inuse {inuse} orphan 0 tw {tw} alloc 12 mem 1\nUDP: inuse 1 mem 1\n"


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def ports_of(
    folder: Path, clock: Clock, *, reuse: int, waiting: int = 0, size: int = 100, is_loopback: bool = True
) -> Ports:
    (folder / "ip_local_port_range").write_text(f"40000\t{40000 + size - 1}\n")
    (folder / "tcp_tw_reuse").write_text(f"{reuse}\n")
    (folder / "tcp_timestamps").write_text("1\n")
    return Ports(
        folder,
        look=lambda: PortUse(SOCKSTAT.format(inuse=3, tw=waiting)),
        clock=clock,
        sleep=clock.sleep,
        is_loopback=is_loopback,
    )


def test_what_waits_is_counted() -> None:
    use = PortUse(SOCKSTAT.format(inuse=5, tw=40))
    assert (use.waiting, use.used) == (40, 45)
    assert (PortUse("").waiting, PortUse("").used) == (None, None)


def test_ports_that_are_used_again_are_waited_for(folder: Path) -> None:
    clock = Clock()
    ports = ports_of(folder, clock, reuse=2, waiting=99)
    assert ports.wait_for_room() == 80
    ports.made(80)
    assert ports.wait_for_room() == 80
    assert 101.5 < clock.now_s < 101.7


def test_ports_that_wait_a_minute_end_the_run_with_a_sentence(folder: Path) -> None:
    clock = Clock()
    assert ports_of(folder, clock, reuse=0, waiting=60).wait_for_room() == 20
    with pytest.raises(TransportError, match="the 100 ports for connections are nearly used up: 70 wait in TIME_WAIT"):
        ports_of(folder, clock, reuse=0, waiting=70).wait_for_room()


def test_what_is_used_again_on_loopback_only_waits_elsewhere(folder: Path) -> None:
    assert ports_of(folder, Clock(), reuse=2, waiting=60, is_loopback=False).wait_for_room() == 20
    assert ports_of(folder, Clock(), reuse=1, waiting=60, is_loopback=False).wait_for_room() == 80


def test_a_server_on_loopback_is_hidden() -> None:
    first, second = (hidden(Address("tcp", "127.0.0.1:0")) for _ in range(2))
    assert first != second
    assert first.location.startswith("127.") and first.location.endswith(":0")
    assert hidden(Address("tcp6", "[::1]:0")) == Address("tcp6", "[::1]:0")


class Counting:
    """A server that has served so many when it is asked: the one before the interval, the others after it."""

    pid = None

    def __init__(self, address: Address, *served: int) -> None:
        self.address = address
        self._served = list(served)

    def served(self) -> int:
        return self._served.pop(0) if len(self._served) > 1 else self._served[0]

    def expect(self, clients: object, lead_in_bytes: int) -> None:
        return None


def test_a_stranger_makes_the_interval_void(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udstui.probe.doorway._ALL_SERVED_WITHIN_S", 0.05)
    uds = TRANSPORTS["uds"]
    listener = uds.listen(uds.private_address(folder, 3))
    try:
        for after, problem in ((16, None), (17, "1 connections of others came between"), (15, "has not accepted 1 of")):
            doorway = Doorway(Plan(workload="connect"), uds, Counting(listener.address, 5, after))  # type: ignore[arg-type]
            doorway.open()[1].close()
            if problem is None:
                doorway.close(10)
                continue
            with pytest.raises(ServiceError, match=problem):
                doorway.close(10)
    finally:
        listener.close()


SMALL_RANGE = """
import ctypes, fcntl, os, socket, struct, sys
if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):  # CLONE_NEWNET
    sys.exit(77)
with socket.socket() as any_socket:
    flags = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
    fcntl.ioctl(any_socket, 0x8914, flags)  # SIOCSIFFLAGS
for name, value in (("ip_local_port_range", "40000 40099"), ("tcp_tw_reuse", sys.argv[1])):
    with open(f"/proc/sys/net/ipv4/{name}", "w") as file:
        file.write(value)
sys.argv = ["udstui", *sys.argv[2:]]
from udstui.__main__ import main
main()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may have a network namespace with a small range of ports")
@pytest.mark.parametrize(("reuse", "status", "said"), [("2", 0, "ports in use, at most"), ("0", 1, "nearly used up")])
def test_a_range_of_100_ports_is_never_used_up(reuse: str, status: int, said: str) -> None:
    options = ["--workload", "connect", "--transport", "tcp", "--warmup", "0ms", "--interval", "5ms", "--no-history"]
    done = subprocess.run(
        [sys.executable, "-c", SMALL_RANGE, reuse, "run", *options, "--duration", "500ms"],
        capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("a network namespace is refused here")
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert said in done.stdout + done.stderr
