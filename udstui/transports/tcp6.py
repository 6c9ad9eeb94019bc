"""TCP over the loopback of IPv6."""

from __future__ import annotations

import socket

from udstui.errors import reason
from udstui.transports.tcp import Tcp


class Tcp6(Tcp):
    name = "tcp6"
    label = "TCP6"
    about = "stream over IPv6's loopback"
    scheme = "tcp6"
    family = socket.AF_INET6
    loopback = "::1"

    def missing(self) -> str:
        try:
            with socket.socket(self.family, socket.SOCK_STREAM) as example:
                example.bind((self.loopback, 0))
        except OSError as error:
            return f"no IPv6 loopback: {reason(error)}"
        return ""
