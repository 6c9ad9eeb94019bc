"""`udstui history`: what the runs found that were measured before."""

from __future__ import annotations

import msgspec

from udstui.commands.output import print_out
from udstui.host.facts import read_host
from udstui.recording.history import here, read_history
from udstui.text.history import history_text


def history(*, as_json: bool) -> int:
    """Print it, and return the exit status. Raises RecordingError when it cannot be read."""
    found = read_history()
    if as_json:
        print_out("".join(f"{msgspec.json.encode(run).decode()}\n" for run in found.runs))
    else:
        print_out(f"{history_text(found.runs, here(read_host()), found.unreadable)}\n")
    return 0
