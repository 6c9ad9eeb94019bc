"""The ports that a TCP client's connections use up: one each, which stays in TIME_WAIT when the client closes first.

Linux uses such a port again for another connection to the same place after a second (tcp_tw_reuse, with timestamps), or
else after a minute. Interval by interval a lane is given as many as are surely free, waits for some, or says so.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from udstui.errors import TransportError

_NET = Path("/proc/sys/net/ipv4")
_SOCKETS = Path("/proc/net/sockstat")
_SHARE = 0.8
"""Of the range: among the last free ports connect() searches for long, and other programs need some."""
_LEAST = 16
"""Fewer in an interval are no figure: then it is waited for more."""
_USABLE_AGAIN_AFTER_S = 1.5
"""One second by the kernel's clock (tcp_twsk_unique), and what its ticks and ours may differ."""
_WAIT_S = 4.0
_LOOK_AGAIN_AFTER_S = 0.05
_REUSED, _REUSED_ON_LOOPBACK = 1, 2
"""Values of tcp_tw_reuse."""


class PortUse:
    """TIME_WAITs and ports of TCP in this network namespace. None where the system does not tell."""

    def __init__(self, sockstat: str) -> None:
        self.waiting: int | None = None
        self.used: int | None = None
        """At most: every socket of TCP counts, whether it has a port of the range or another."""
        for line in sockstat.splitlines():
            words = line.split()
            if words and words[0] == "TCP:":
                counts = dict(zip(words[1::2], words[2::2], strict=False))
                self.waiting = int(counts.get("tw", 0))
                self.used = self.waiting + int(counts.get("inuse", 0))


def port_use() -> PortUse:
    try:
        return PortUse(_SOCKETS.read_text())
    except OSError:
        return PortUse("")


class Ports:
    """What one client may still use up to connect to one place."""

    def __init__(
        self,
        settings: Path = _NET,
        *,
        is_loopback: bool = True,
        look: Callable[[], PortUse] = port_use,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._look, self._clock, self._sleep = look, clock, sleep
        first, last = _numbers(settings / "ip_local_port_range", (32768, 60999))
        self.total = max(1, last - first + 1)
        reuse = _numbers(settings / "tcp_tw_reuse", (0,))[0]
        is_reused = reuse == _REUSED or (reuse == _REUSED_ON_LOOPBACK and is_loopback)
        self._is_reused = is_reused and bool(_numbers(settings / "tcp_timestamps", (1,))[0])
        self._made: deque[tuple[float, int]] = deque()

    def made(self, count: int) -> None:
        """So many connections were made until now, which their client has closed."""
        self._made.append((self._clock(), count))

    def wait_for_room(self) -> int:
        """How many connections may be made now. Raises TransportError where there is no room soon."""
        give_up_s = self._clock() + _WAIT_S
        while (room := self._room()) < _LEAST:
            if self._clock() >= give_up_s:
                raise TransportError(
                    f"the {self.total:,} ports for connections are nearly used up: "
                    f"{self._look().waiting or 0:,} wait in TIME_WAIT",
                    "choose --close rst, widen net.ipv4.ip_local_port_range, or wait a minute",
                )
            self._sleep(_LOOK_AGAIN_AFTER_S)
        return room

    def _room(self) -> int:
        now_s = self._clock()
        while self._made and now_s - self._made[0][0] > _USABLE_AGAIN_AFTER_S:
            self._made.popleft()
        in_the_way = sum(count for _, count in self._made) if self._is_reused else self._look().waiting or 0
        return int(self.total * _SHARE) - in_the_way


def _numbers(path: Path, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return tuple(map(int, path.read_text().split())) or otherwise
    except (OSError, ValueError):
        return otherwise
