"""Rows outlive the dashboard, however it ends."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.end_to_end.terminal import Terminal, needs_tmux, rounds
from udstui.recording.read import read_to_replay

pytestmark = needs_tmux


def test_a_dashboard_that_is_killed_leaves_a_run_to_replay(folder: Path) -> None:
    state = {"XDG_STATE_HOME": str(folder / "state")}
    with Terminal(folder) as terminal:
        terminal.udstui(environment=state)
        seen = rounds(terminal.wait_for(lambda screen: rounds(screen) >= 5, "five rounds"))
        psutil.Process(terminal.shell_pid).children()[0].kill()
        terminal.wait_for(lambda screen: "status:137" in screen, "the exit status")
        (rows,) = (folder / "state/udstui/kept").iterdir()
        assert len(read_to_replay(rows)) >= seen
        terminal.type("reset")
        terminal.udstui("replay", "--last", environment=state)
        terminal.wait_for(lambda screen: f"replay of {rows.name}" in screen and rounds(screen), "its first round")
        terminal.press("End")
        terminal.wait_for(lambda screen: rounds(screen) >= seen, "its last round")
        terminal.press("q")
        terminal.wait_for(lambda screen: "status:0" in screen, "the shell's prompt")
