from __future__ import annotations

import socket
import threading
import time
from typing import Any

from tests.helpers import wait_until
from udstui.services.stream import Stream
from udstui.transports.connection import set_timeout


class Waking:
    """A connection that counts how often somebody who waits for bytes wakes up."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.wakes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def recv_into(self, buffer: memoryview) -> int:
        try:
            return int(self._connection.recv_into(buffer))
        finally:
            self.wakes += 1


def test_an_idle_client_wakes_nobody_so_it_is_seen_for_how_long_it_has_been_idle() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        set_timeout(ours, 10**6)
        waking = Waking(ours)
        stream = Stream(waking)  # type: ignore[arg-type]
        stream.give_up_s = time.monotonic() + 60
        found = bytearray(1)
        reader = threading.Thread(target=stream.readinto, args=(found,))
        reader.start()
        wait_until(lambda: waking.wakes > 0, "the kernel's time-out")
        time.sleep(0.05)  # in which it could wake fifty times
        theirs.sendall(b"x")
        reader.join(20)
        assert found == b"x"
        assert waking.wakes == 2
