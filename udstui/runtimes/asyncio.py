"""The runtime `asyncio`: protocols on Python's own event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udstui.runtimes.event_loop import EventLoop

if TYPE_CHECKING:
    import asyncio


class Asyncio(EventLoop):
    name = "asyncio"
    label = "asyncio"
    about = "protocols on Python's own event loop"

    def new_loop(self) -> asyncio.AbstractEventLoop:
        from asyncio import SelectorEventLoop

        # The loop sets 256 KiB aside for every read. A young process maps and unmaps them each time, which more than
        # doubles a round trip, until it has freed one larger block (mallopt(3), M_MMAP_THRESHOLD), as others have.
        bytes(1024**2)
        return SelectorEventLoop()
