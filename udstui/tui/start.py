"""Start the dashboard: the probe first, so that it starts up while Textual is imported."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from udstui.children.async_child import check_event_loop
from udstui.errors import UdstuiError
from udstui.plan import Plan
from udstui.probe.client import Probe

if TYPE_CHECKING:
    from udstui.recording.read import Tell
    from udstui.tui.app import UdstuiApp

_STREAMS = ("stdin", "stdout", "stderr")
_THREADS = 8
"""Textual's two, that of the way out, and some to spare: the probe starts its own meanwhile, and all count."""


def dashboard(plan: Plan, *, leaves_line: bool, keeps: bool) -> int:
    """Run the dashboard until it is quit; return the exit status. It may leave a line in the history, and its rows."""
    _check_terminal("use udstui run")
    check_event_loop()
    gc.disable()  # until the first screen stands: so much is made, and nothing of it is waste
    return asyncio.run(_dashboard(plan, leaves_line=leaves_line, keeps=keeps))


def replay(path: Path | None, tell: Tell) -> int:
    """Run the dashboard on a recorded run, without a path on the last one that was kept.

    `tell` is called with words while a large file is read, and then with none.
    Raises RecordingError for a file that is none, and where none was kept.
    """
    from udstui.recording.kept_runs import last_kept
    from udstui.recording.read import read_record_of, read_to_replay

    path = path or last_kept()
    recorded = read_to_replay(path, tell)
    tell("")
    _check_terminal(f"use udstui report {shlex.quote(str(path))} --markdown -")
    from udstui.tui.app import UdstuiApp
    from udstui.tui.replay import Replay

    return asyncio.run(_until_quit(UdstuiApp(Replay(recorded, path.name, read_record_of(recorded.rounds_of, path)))))


async def _dashboard(plan: Plan, *, leaves_line: bool, keeps: bool) -> int:
    async with Probe() as probe:
        probe.prepare(plan)  # importing Textual and the first screen take as long as the warm-up
        from udstui.recording.kept_runs import kept_folder
        from udstui.tui.app import UdstuiApp
        from udstui.tui.live import Live

        source = Live(probe, plan, leaves_line=leaves_line, keep_in=kept_folder() if keeps else None)
        return await _until_quit(UdstuiApp(source), probe)


async def _until_quit(app: UdstuiApp, probe: Probe | None = None) -> int:
    """Run it; return the exit status.

    When the terminal is gone there is no orderly end, as Textual waits for ever to draw it, and its thread for the
    keys never ends: then everything is tidied away here, and the process ends at once.
    """
    app.hold_signals()
    await asyncio.sleep(0)  # Ctrl-C while Textual was imported ends it here, and not when half of the screen stands
    with contextlib.ExitStack() as watched:
        try:
            _try_threads()
            watched.enter_context(app.way_out)
        except RuntimeError as error:  # Textual would break half-made, and leave the terminal raw
            raise UdstuiError(
                f"the dashboard cannot start: {error}", "are there too many processes (ulimit -u)?"
            ) from error
        return await _until_left(app, probe)


async def _until_left(app: UdstuiApp, probe: Probe | None) -> int:
    from udstui.tui.way_out import is_gone, takes_more

    running = asyncio.create_task(app.run_async())
    hung_up = asyncio.create_task(app.hung_up.wait())
    await asyncio.wait((running, hung_up), return_when=asyncio.FIRST_COMPLETED)
    if app.hung_up.is_set() or is_gone(sys.__stdin__):
        app.source.close()
        if probe:
            await probe.stop()
        os._exit(128 + signal.SIGHUP)
    hung_up.cancel()
    await running
    if not app.return_code and takes_more(sys.stdout):
        for line in app.source.farewell():
            print(line, flush=True)
    return app.return_code or 0


def _try_threads() -> None:
    """Raise RuntimeError where there are none to be had."""
    done = threading.Event()
    try:
        for _ in range(_THREADS):
            threading.Thread(target=done.wait, daemon=True).start()
    finally:
        done.set()


def _check_terminal(instead: str) -> None:
    """Raise UdstuiError without one, with this remedy; prepare Textual, which is not imported yet, for it.

    Where TEXTUAL_DRIVER names another driver, as `textual serve` does for a browser, no terminal is needed.
    """
    streams = () if os.environ.get("TEXTUAL_DRIVER") else _STREAMS
    for name in streams:
        stream = getattr(sys, name)
        # Without a terminal on stdin, Textual would spin on its end; the other two it draws on.
        if stream is None or not stream.isatty():
            raise UdstuiError(f"the dashboard needs a terminal, and {name} is none", instead)
    # What a round changed is drawn before the next is asked for. At Textual's usual 60 frames a second that
    # alone would cost a sixth of the time for measuring.
    os.environ.setdefault("TEXTUAL_FPS", "240")
