"""Who else keeps the machine busy, by name."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from udstui.plain import plain

_LOOK_AGAIN_S = 5.0
_MOST_NAMES = 2
_FEWEST_TICKS = 5


class Process(NamedTuple):
    name: str
    parent: int
    ticks: int
    """CPU time since it began, user and system (proc_stat(5))."""
    began: int
    """In ticks since the machine did: it tells a process from an earlier one of the same number."""


def processes(proc: Path = Path("/proc")) -> dict[int, Process]:
    """All that are seen, by their numbers; none where there is no /proc."""
    found = {}
    for entry in os.scandir(proc) if proc.is_dir() else ():
        if entry.name.isdigit():
            try:
                head, _, rest = Path(entry.path, "stat").read_bytes().rpartition(b")")
                cells = rest.split()
                name = plain(head.partition(b"(")[2].decode(errors="replace"))
                ticks = int(cells[11]) + int(cells[12])
                found[int(entry.name)] = Process(name, int(cells[1]), ticks, int(cells[19]))
            except (OSError, ValueError, IndexError):  # it has ended meanwhile
                continue
    return found


def busiest(before: Mapping[int, Process], after: Mapping[int, Process], own: int) -> list[str]:
    """The names of those that took most since then, without process `own` and its descendants, the first one first.

    Nobody without a look at them before.
    """

    def is_ours(pid: int) -> bool:
        seen = set()
        while pid in after and pid not in seen:
            if pid == own:
                return True
            seen.add(pid)
            pid = after[pid].parent
        return False

    def ticks_since(pid: int) -> int:
        now, then = after[pid], before.get(pid)
        return now.ticks - (then.ticks if then and then.began == now.began else 0)

    taken = {pid: ticks_since(pid) for pid in after} if before else {}
    order = sorted((pid for pid, ticks in taken.items() if ticks >= _FEWEST_TICKS), key=taken.__getitem__, reverse=True)
    return [f"{after[pid].name} ({pid})" for pid in order if not is_ours(pid)][:_MOST_NAMES]


def busiest_since(before: Mapping[int, Process]) -> list[str]:
    """The busiest from then to now."""
    return busiest(before, processes(), _own_number())


def _own_number(proc: Path = Path("/proc")) -> int:
    """By which /proc knows this process: it may be that of another PID namespace."""
    try:
        return int((proc / "self").readlink().name)
    except (OSError, ValueError):
        return os.getpid()


class Busiest:
    """Looks only while it is asked, and not too often."""

    def __init__(self) -> None:
        self._before: dict[int, Process] = {}
        self._looked_s = 0.0
        self._names: list[str] = []

    def names(self) -> list[str]:
        """Who was busiest of late; nobody when it is asked for the first time."""
        now_s = time.monotonic()
        if not self._before or now_s - self._looked_s >= _LOOK_AGAIN_S:
            after = processes()
            self._names = busiest(self._before, after, _own_number()) or self._names
            self._before, self._looked_s = after, now_s
        return self._names
