"""Start the dashboard: the probe first, so that it starts up while Textual is imported."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from udstui.errors import UdstuiError
from udstui.plan import Plan
from udstui.probe.client import Probe


def dashboard(plan: Plan) -> int:
    """Run the dashboard until it is quit; return the exit status."""
    _check_terminal()
    # What a round changed is drawn before the next is asked for. At Textual's usual 60 frames a second that
    # alone would cost a sixth of the time for measuring.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    return asyncio.run(_run(plan))


def replay(path: Path) -> int:
    """Run the dashboard on a recorded run. Raises RecordingError for a file that is none."""
    from udstui.recording.read_csv import read_csv

    recorded = read_csv(path)
    _check_terminal()
    from udstui.tui.replay import ReplayApp

    app = ReplayApp(recorded, path)
    app.run()
    return app.return_code or 0


def _check_terminal() -> None:
    for name, stream in (("stdin", sys.stdin), ("stdout", sys.stdout), ("stderr", sys.stderr)):
        # Without a terminal on stdin, Textual would spin on its end; the other two it draws on.
        if stream is None or not stream.isatty():
            raise UdstuiError(f"the dashboard needs a terminal, and {name} is none", "use udstui run")


async def _run(plan: Plan) -> int:
    async with Probe() as probe:
        from udstui.tui.app import UdstuiApp

        app = UdstuiApp(probe, plan)
        await app.run_async()
    return app.return_code or 0
