"""Who is served, and that telling of it keeps nobody waiting."""

from __future__ import annotations

import os
import sys

import pytest

from udstui.serving.admission import Everybody
from udstui.transports.address import Address
from udstui.transports.connection import Peer

ADDRESS = Address("unix", "/a.sock")


def test_a_log_that_nobody_reads_turns_nobody_away(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as log:
        monkeypatch.setattr(sys, "stderr", log)
        clients = Everybody()
        # Many times what a pipe holds: the first lines are there, the rest is given up.
        assert all(clients.admit(Peer(f"client {number}"), ADDRESS) for number in range(5000))
        assert reader.peek().startswith(b"unix:/a.sock: client 0 connected\n")


@pytest.mark.parametrize("stderr", [None, "full"])
def test_a_log_that_cannot_be_written_turns_nobody_away(monkeypatch: pytest.MonkeyPatch, stderr: str | None) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stderr", full if stderr else None)
        assert Everybody().admit(Peer("client"), ADDRESS)
        assert not Everybody({1}).admit(Peer("client", 2), ADDRESS)
