"""The host: one service on one address, in threads of this process. Lanes and `udstui serve` share it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Collection

from udstui.services import service_named
from udstui.transports import transport_for
from udstui.transports.address import Address
from udstui.transports.memory import page_aligned

BUFFER_BYTES = 256 * 1024
"""What a service reads at once. It fits a core's second-level cache; 64 KiB and 1 MiB were no faster."""


class Host:
    """Listens from the moment it is made; raises UsageError or TransportError when that cannot be.

    It serves only the clients that expect() names: a measuring server has no other business.
    """

    def __init__(self, service: str, address: Address, *, wait: str, cores: Collection[int]) -> None:
        self._serve = service_named(service)
        self._wait = wait
        self._cores = cores
        self._transport = transport_for(address)
        self._listener = self._transport.listen(address)
        self._guests: list[str] = []  # one name may be in it several times: on UDS a process has only one
        self._lead_in_bytes = 0
        self.address = self._listener.address
        self._idle = 0
        self._count_idle = threading.Lock()
        self._add_thread()

    def expect(self, guest: str, lead_in_bytes: int) -> None:
        """Admit one connection of this client, told by the name that Transport.open() gave it."""
        self._lead_in_bytes = lead_in_bytes
        self._guests.append(guest)

    def close(self) -> None:
        """Stop listening and remove the socket file. Clients being served are let finish."""
        with contextlib.suppress(OSError):  # shutdown wakes accept(); where it cannot, close() does
            self._listener.socket.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _add_thread(self) -> None:
        self._idle += 1
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        """Accept and serve, one client after the other, for ever.

        The last idle thread starts another before it turns to its client, so there are as many threads as
        there ever were clients at once, and one to spare. They are kept: a thread that ends takes its count
        of context switches with it.
        """
        if self._cores:
            os.sched_setaffinity(0, self._cores)  # of this thread
        while True:
            try:
                connection, _ = self._listener.socket.accept()
            except OSError:  # closed
                return
            with self._count_idle:
                self._idle -= 1
                if not self._idle:
                    self._add_thread()
            # An OSError is a client that went away: it knows, and nobody else has to.
            with connection, contextlib.suppress(OSError):
                if self._admit(self._transport.peer(connection)):
                    self._serve(connection, page_aligned(BUFFER_BYTES), self._wait, self._lead_in_bytes)
            with self._count_idle:
                self._idle += 1

    def _admit(self, guest: str) -> bool:
        try:
            self._guests.remove(guest)
        except ValueError:
            return False
        return True
