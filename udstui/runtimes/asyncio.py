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

        return SelectorEventLoop()
