"""An application that is stopped, and goes on, in a terminal that it shares with a shell."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from textual.events import Key

from udstui.tui.app import UdstuiApp
from udstui.tui.terminal_app import TerminalApp

_NO_HANG_S = 20


class _Typed(TerminalApp):
    """Notes the keys that arrive."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.stands = asyncio.Event()

    def on_mount(self) -> None:
        self.stand()
        self.stands.set()

    def on_key(self, event: Key) -> None:
        self.keys.put_nowait(event.key)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The outer end of a terminal that this process has for its own."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)}
    outer, inner = pty.openpty()
    with os.fdopen(inner) as keyboard, Path(os.ttyname(inner)).open("w") as screen:
        monkeypatch.setattr(sys, "__stdin__", keyboard)
        monkeypatch.setattr(sys, "__stderr__", screen)
        yield outer
    for number, handler in handlers.items():
        signal.signal(number, handler)
    os.close(outer)


async def test_a_key_pressed_while_it_comes_back_counts(terminal: int, monkeypatch: pytest.MonkeyPatch) -> None:
    app, loop = _Typed(), asyncio.get_running_loop()
    loop.add_reader(terminal, lambda: os.read(terminal, 2**16))
    running = asyncio.create_task(app.run_async())
    async with asyncio.timeout(_NO_HANG_S):
        await app.stands.wait()
        join = Thread.join

        def press_when_nobody_reads(thread: Thread, timeout: float | None = None) -> None:
            join(thread, timeout)
            if thread.name == "textual-input":
                os.write(terminal, b"x")

        with monkeypatch.context() as patched:
            patched.setattr(Thread, "join", press_when_nobody_reads)
            app._come_back()
        assert await app.keys.get() == "x"
        app.exit()
        await running
    loop.remove_reader(terminal)


async def test_who_is_leaving_does_not_come_back(app: UdstuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that is closed sends SIGCONT, too; the thread that would read its keys then never ended."""
    done: list[str] = []

    class Driver:
        def __getattr__(self, name: str) -> Callable[[], None]:
            return lambda: done.append(name)

    async with app.run_test():
        app.exit()
    monkeypatch.setattr(app, "_driver", Driver())
    app._come_back()
    assert not done


async def test_a_signal_in_the_middle_of_a_write_writes_nothing(
    app: UdstuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it asks for is done by the loop: the lock of Textual's queue may be held when a signal comes."""
    done: list[str] = []

    class Driver:
        _must_signal_resume = True

        def __getattr__(self, name: str) -> Callable[[], None]:
            return lambda: done.append(name)

    monkeypatch.setattr(app, "_driver", Driver())
    monkeypatch.setattr(app, "_asyncio_loop", asyncio.get_running_loop(), raising=False)
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
    app._stop(signal.SIGTSTP, None)
    app._go_on(signal.SIGCONT, None)
    assert not done
    await asyncio.sleep(0)
    assert done == ["_sigtstp_application", "resume_application_mode"]
