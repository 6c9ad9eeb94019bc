"""Who is served: the clients that were announced, or everybody who may call."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from collections.abc import Collection
from typing import Protocol

from udstui.plain import plain
from udstui.serving.log import LogFile
from udstui.transports.address import Address
from udstui.transports.connection import Peer


class Admission(Protocol):
    lets_go: bool
    """Whether the client that was idle for longest is let go where too many have come."""
    lead_in_bytes: int
    """What the clients send ahead, untimed (sink only)."""

    def admit(self, peer: Peer, address: Address) -> bool:
        """Whether to serve this client, who called at this address."""

    def tell(self, line: str) -> None:
        """Say something to whoever runs the server, if anybody wants to know."""


class Announced:
    """Admits the clients that it was told of, one connection each time: a measuring server has no other business."""

    lets_go = False

    def __init__(self) -> None:
        self.lead_in_bytes = 0
        self._names: list[str] = []  # one name may be in it several times: on UDS a process has only one

    def expect(self, names: Collection[str], lead_in_bytes: int) -> None:
        """Admit one connection for each name, as Transport.open() gave it."""
        self.lead_in_bytes = lead_in_bytes
        self._names += names

    def admit(self, peer: Peer, address: Address) -> bool:
        try:
            self._names.remove(peer.name)
        except ValueError:
            return False
        return True

    def tell(self, line: str) -> None:
        """The probe knows what its clients do."""


class Unannounced:
    """Admits this user's clients, or everybody where a socket does not tell whose it is, and counts them."""

    lets_go = True
    lead_in_bytes = 0

    def __init__(self) -> None:
        self.served = 0
        self._counting = threading.Lock()

    def admit(self, peer: Peer, address: Address) -> bool:
        if peer.uid not in (None, os.getuid()):
            return False
        with self._counting:
            self.served += 1
        return True

    def tell(self, line: str) -> None:
        """The probe knows what its clients do."""


class Everybody:
    """Admits whoever reaches the address, or only some users.

    A line tells of each: in the log, and on stderr unless `is_quiet`.
    """

    lets_go = True
    lead_in_bytes = 0

    def __init__(
        self, allowed_uids: Collection[int] = (), *, is_quiet: bool = False, log: LogFile | None = None
    ) -> None:
        self._allowed_uids = frozenset(allowed_uids)
        self._is_quiet = is_quiet
        self._log = log

    def admit(self, peer: Peer, address: Address) -> bool:
        admitted = not self._allowed_uids or peer.uid in self._allowed_uids
        self.tell(f"{address}: {peer.name} {'connected' if admitted else 'refused'}")
        return admitted

    def tell(self, line: str) -> None:
        """Say it on stderr, if that takes it: no client is kept waiting because nobody reads what is said of him."""
        if self._log:
            self._log.write(line)
        if self._is_quiet:
            return
        with contextlib.suppress(OSError):
            if sys.stderr and select.select([], [sys.stderr], [], 0)[1]:
                # In one write: print() takes two, and what two clients' threads say would run into each other.
                os.write(sys.stderr.fileno(), f"{plain(line)}\n".encode(errors="replace"))
