"""UDP over loopback: two sockets that take datagrams from each other only."""

from __future__ import annotations

import contextlib
import select
import socket

from udstui.transports.connection import Connection, MessageSocket, closed_if_it_fails
from udstui.transports.handed_over import HandedOver

_LARGEST_BYTES = 65_535 - 20 - 8  # what an IPv4 packet holds (RFC 791), less its header and UDP's
_AGAIN_AFTER_MS = 20
_ATTEMPTS = 100


class UdpSocket(MessageSocket):
    def shutdown(self, how: int, /) -> None:
        """Tell the other side that this was all, until it answers: a full buffer on the way loses that word too."""
        answered = select.poll()
        answered.register(self, select.POLLIN)
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(BlockingIOError):
                self.send(b"")
            if answered.poll(_AGAIN_AFTER_MS):
                return
        raise TimeoutError("the end was not confirmed")


def _forget_what_came(end: socket.socket) -> None:
    """Drop what anybody could send to this socket between its bind() and its connect()."""
    with contextlib.suppress(BlockingIOError):
        while True:
            end.recv(1, socket.MSG_DONTWAIT)


class Udp(HandedOver):
    name = "udp"
    label = "UDP"
    about = "datagrams over loopback"
    scheme = "udp"
    lossy = True

    def largest_size_bytes(self) -> int | None:
        return _LARGEST_BYTES

    def pair(self) -> tuple[Connection, list[int]]:
        near = UdpSocket(socket.AF_INET, socket.SOCK_DGRAM)
        with closed_if_it_fails(near), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            for end in (near, far):
                end.bind(("127.0.0.1", 0))
            near.connect(far.getsockname())
            far.connect(near.getsockname())
            for end in (near, far):
                _forget_what_came(end)
            return near, [far.detach()]

    def adopt(self, numbers: list[int]) -> Connection:
        return UdpSocket(fileno=numbers[0])
