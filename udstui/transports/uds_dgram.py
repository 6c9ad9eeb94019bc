"""Unix datagrams: AF_UNIX, datagram, two of them connected to each other."""

from __future__ import annotations

import socket

from udstui.transports.connection import Connection, MessageSocket, largest_message_bytes
from udstui.transports.handed_over import HandedOver


class UdsDgram(HandedOver):
    name = "uds-dgram"
    label = "UDS dgram"
    about = "datagrams"
    scheme = "dgram"

    def largest_size_bytes(self) -> int | None:
        return largest_message_bytes(socket.SOCK_DGRAM)

    def pair(self) -> tuple[Connection, list[int]]:
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        return MessageSocket(fileno=near.detach()), [far.detach()]

    def adopt(self, numbers: list[int]) -> Connection:
        return MessageSocket(fileno=numbers[0])
