"""TCP over loopback with the congestion control of old, which paces nothing; every Linux has it."""

from __future__ import annotations

import socket

from udstui.errors import reason
from udstui.transports.connection import closed_if_it_fails
from udstui.transports.tcp import Tcp

_CONTROL = b"reno"


class TcpReno(Tcp):
    name = "tcp-reno"
    label = "TCP reno"
    about = "TCP that nothing paces"
    scheme = "tcp-reno"

    def missing(self) -> str:
        try:
            with self.new_socket():
                return ""
        except OSError as error:
            return f"no such congestion control: {reason(error)}"

    def new_socket(self) -> socket.socket:
        made = super().new_socket()
        with closed_if_it_fails(made):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, _CONTROL)
        return made
