"""The runtime `uvloop`: the same protocols on libuv's event loop."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from udstui.runtimes.event_loop import EventLoop

if TYPE_CHECKING:
    import asyncio


class Uvloop(EventLoop):
    name = "uvloop"
    label = "uvloop"
    about = "the same protocols on libuv's event loop"

    def missing(self) -> str:
        return "" if find_spec("uvloop") else "it is not installed; pip install 'udstui[uvloop]'"

    def new_loop(self) -> asyncio.AbstractEventLoop:
        from uvloop import new_event_loop

        return new_event_loop()
