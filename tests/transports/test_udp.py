from __future__ import annotations

import socket

import pytest

from udstui.transports import udp
from udstui.transports.udp import Udp


def test_what_a_stranger_sent_before_the_ends_knew_each_other_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(udp.UdpSocket):
        """Somebody finds its port before it is connected."""

        def connect(self, address: object, /) -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                for datagram in (b"planted", b"", b"planted"):
                    stranger.sendto(datagram, self.getsockname())
            super().connect(address)

    monkeypatch.setattr(udp, "UdpSocket", Late)
    near, far_numbers = Udp().pair()
    with near, Udp().adopt(far_numbers) as far:
        far.send(b"ours")
        assert near.recv(10) == b"ours"
