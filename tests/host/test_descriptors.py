"""A thread that has a table of descriptors of its own."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from udstui.host.descriptors import own_descriptors


def in_a_thread_of_its_own(*kept: int) -> tuple[set[int], int]:
    """What it sees of these, and what it opens."""
    seen: list[tuple[set[int], int]] = []

    def look() -> None:
        if own_descriptors(*kept):
            opened = os.memfd_create("only here")
            listed = Path(f"/proc/self/task/{threading.get_native_id()}/fd").iterdir()
            seen.append(({int(entry.name) for entry in listed}, opened))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    if not seen:
        pytest.skip("close_range(2) does not give a thread its own descriptors here")
    return seen[0]


def test_a_thread_sees_what_it_keeps_and_opens_and_nothing_else() -> None:
    with socket.socket() as first, socket.socket() as kept, socket.socket() as last:
        seen, opened = in_a_thread_of_its_own(kept.fileno())
        assert kept.fileno() in seen
        assert not {first.fileno(), last.fileno()} & (seen - {opened})
        for each in (first, kept, last):
            os.fstat(each.fileno())  # those of the other threads are as they were


def test_the_other_side_sees_the_end_when_the_thread_that_kept_none_goes_on() -> None:
    here, there = socket.socketpair()
    with there:
        go_on = threading.Event()
        has_begun = threading.Event()

        def stay() -> None:
            own_descriptors()
            has_begun.set()
            go_on.wait()

        thread = threading.Thread(target=stay)
        thread.start()
        has_begun.wait()
        here.close()
        there.settimeout(5)
        assert there.recv(1) == b""
        go_on.set()
        thread.join()


def test_where_the_system_has_no_such_call_all_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udstui.host.descriptors.ctypes.CDLL", lambda _: object())
    assert not own_descriptors()
