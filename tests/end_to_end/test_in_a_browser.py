"""The dashboard as `textual serve -c udstui` starts it for a browser: with pipes, and packets on them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_S = 60.0
_ENVIRONMENT = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "COLUMNS": "100", "ROWS": "30"}


def packet(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


@pytest.mark.timeout(2 * PATIENCE_S)
def test_it_draws_figures_takes_keys_and_leaves_when_the_browser_does(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "udstui", "--no-keep"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | _ENVIRONMENT | {"HOME": str(folder)},
        start_new_session=True,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        drawn = b""

        def until(expected: str) -> None:
            nonlocal drawn
            give_up = time.monotonic() + PATIENCE_S
            while expected.encode() not in drawn:
                ready, _, _ = select.select([process.stdout], [], [], max(0.0, give_up - time.monotonic()))
                piece = os.read(process.stdout.fileno(), 1 << 16) if ready else b""  # type: ignore[union-attr]
                assert piece, f"still waiting: {expected}; {drawn[-300:]!r}"
                drawn += piece

        try:
            until("__GANGLION__")  # what the server waits for
            until("● measuring")
            until("Answer")  # whose panel takes the columns that the browser has
            until("µs")
            process.stdin.write(packet(b"D", b"f"))
            process.stdin.flush()
            until(" not shown")
            process.stdin.write(packet(b"M", json.dumps({"type": "quit"}).encode()))
            process.stdin.flush()
            while os.read(process.stdout.fileno(), 1 << 16):  # stdin stays open: its end would be a hang-up
                pass
            assert process.wait(PATIENCE_S) == 0
            assert not list(folder.rglob("kept/*")), "not with --no-keep"
        finally:
            process.kill()
