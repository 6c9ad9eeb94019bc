"""socketpair(2): two Unix stream sockets that were born connected."""

from __future__ import annotations

import socket

from udstui.transports.connection import Connection
from udstui.transports.handed_over import HandedOver


class Socketpair(HandedOver):
    name = "socketpair"
    label = "socketpair"
    about = "stream without a name"
    scheme = "socketpair"

    def pair(self) -> tuple[Connection, list[int]]:
        near, far = socket.socketpair()
        return near, [far.detach()]

    def adopt(self, numbers: list[int]) -> Connection:
        return socket.socket(fileno=numbers[0])
