"""Unix domain sockets that keep messages apart: AF_UNIX, seqpacket."""

from __future__ import annotations

import socket

from udstui.errors import reason
from udstui.transports.connection import largest_message_bytes
from udstui.transports.uds import Uds


class UdsSeqpacket(Uds):
    name = "uds-seqpacket"
    label = "UDS seqpacket"
    about = "messages in order"
    scheme = "seqpacket"
    kind = socket.SOCK_SEQPACKET

    def missing(self) -> str:
        try:
            socket.socket(socket.AF_UNIX, self.kind).close()
        except OSError as error:
            return f"no sockets of this kind: {reason(error)}"
        return ""

    def largest_size_bytes(self) -> int | None:
        return largest_message_bytes(self.kind)
