"""Memory that both ends map (memfd_create(2)), with a ring of bytes each way: no socket: the machine's floor."""

from __future__ import annotations

import fcntl
import mmap
import os

from udstui.errors import MAKE_SOCKET, TransportError, translated
from udstui.transports.connection import Connection
from udstui.transports.handed_over import HandedOver, NativeEnd

HEADS_BYTES, RING_BYTES = 4096, 256 * 1024
"""As loops.h of the runtime `native` has them."""
_SIZE_BYTES = HEADS_BYTES + 2 * RING_BYTES


class SharedMemory(NativeEnd):
    """One end. Bytes go through it in native loops only (runtimes.native.shared): Python has no order among memory
    accesses of two processes, and no futex to wait with.
    """

    def __init__(self, number: int, side: int) -> None:
        """`number` is that of a memfd, which is not kept; `side` is 0 for who made it, 1 for the other."""
        self.side = side
        # Mapped at once: else the first bytes in each page would take ten times as long as the next.
        flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
        self.memory = mmap.mmap(number, _SIZE_BYTES, flags=flags)

    def setblocking(self, flag: bool, /) -> None:
        """Whether to spin is told to each loop."""

    def close(self) -> None:
        self.memory.close()


class Shm(HandedOver):
    name = "shm"
    label = "shm"
    about = "shared memory, no socket: the floor"
    scheme = "shm"
    is_socket = False
    native_only = ("ping-pong", "bulk-send")

    def missing(self) -> str:
        return "" if hasattr(os, "memfd_create") else "it has no memfd_create"

    def pair(self) -> tuple[Connection, list[int]]:
        number = os.memfd_create("udstui", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(number, _SIZE_BYTES)
            # Made smaller, it would end whoever touches what is gone.
            fcntl.fcntl(number, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
            return SharedMemory(number, 0), [number]
        except BaseException:
            os.close(number)
            raise

    def adopt(self, numbers: list[int]) -> Connection:
        """Raises TransportError for what could be made smaller, or is of another size."""
        (number,) = numbers
        try:
            with translated(MAKE_SOCKET, self.label):
                is_sealed = fcntl.fcntl(number, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK
                if not is_sealed or os.fstat(number).st_size != _SIZE_BYTES:
                    raise TransportError("what the client handed over is not the memory that was agreed on")
                return SharedMemory(number, 1)
        finally:
            os.close(number)
