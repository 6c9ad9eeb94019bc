"""When the operations of an open loop are due: pure functions of the rate and of time."""

from __future__ import annotations

import random
from array import array
from itertools import accumulate, repeat, takewhile

from msgspec import Struct

S = 10**9


class OpenLoop(Struct):
    """How the operations of an interval are due, and room for what becomes of them."""

    rate_per_s: int
    arrivals: str
    """`fixed` or `poisson`."""
    has_own_core: bool
    """Whether the client may spin without being in its server's way."""
    service: array[int]
    lateness: array[int]
    """As long as Setup.stamps: how long operations took since they were sent, and how late they were sent."""


def longest_ns(rate_per_s: int, duration_ns: int) -> int:
    """How long an interval is that was to take so long: it holds one operation at least."""
    return max(duration_ns, -(-S // rate_per_s))


def fixed(rate_per_s: int, duration_ns: int, most: int) -> array[int]:
    """Moments (ns since the start) at equal distances, the first and the last half a distance from the ends."""
    count = min(most, max(1, duration_ns * rate_per_s // S))
    return array("q", ((2 * each + 1) * S // (2 * rate_per_s) for each in range(count)))


def poisson(rate_per_s: int, duration_ns: int, most: int, chance: random.Random) -> array[int]:
    """Moments as of many clients that know nothing of each other, one at least: distances are exponential."""
    distances = map(chance.expovariate, repeat(rate_per_s / S, most))
    due_ns = array("q", map(int, takewhile(lambda moment: moment < duration_ns, accumulate(distances))))
    return due_ns or array("q", [chance.randrange(duration_ns)])


def due_moments(loop: OpenLoop, duration_ns: int) -> array[int]:
    most = len(loop.service)
    if loop.arrivals == "fixed":
        return fixed(loop.rate_per_s, duration_ns, most)
    return poisson(loop.rate_per_s, duration_ns, most, random.Random())
