"""Who is waited for when a session was killed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from udstui.children.forked import await_session

LEFT_ALONE_S = 20.0


class Member:
    """Who is left of a group whose leader was killed and reaped."""

    def __init__(self) -> None:
        with subprocess.Popen(["sleep", "60"], process_group=0) as first:
            self.leader = first.pid
            self._process = subprocess.Popen(["sleep", "60"], process_group=first.pid)
            first.kill()

    def end(self) -> None:
        """Without being reaped."""
        self._process.kill()
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)

    def reap(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def member() -> Iterator[Member]:
    found = Member()
    yield found
    found.reap()


def test_who_has_ended_and_waits_to_be_reaped_is_not_waited_for(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container whose init reaps nobody, every quit would take a second longer."""
    member.end()
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
    await_session(member.leader, LEFT_ALONE_S)


def test_who_lives_is_waited_for(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def end_at_the_third_look(pause_s: float) -> None:
        looks.append(pause_s)
        if len(looks) == 3:
            member.end()

    monkeypatch.setattr(time, "sleep", end_at_the_third_look)
    await_session(member.leader, LEFT_ALONE_S)
    assert len(looks) == 3
