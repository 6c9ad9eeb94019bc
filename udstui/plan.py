"""What is asked for: the Plan. What was measured is in measured.py."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from udstui.lane_name import LaneName

MOST_LANES = 4


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a measurement. Changing any of them starts a new segment."""

    transports: tuple[str, ...] = ("uds", "tcp")
    """One for each lane, as LaneName writes it without a number; the first is the candidate of the verdict."""
    workload: str = "ping-pong"
    """A name from the registry of workloads."""
    size_bytes: int = 128
    """The packet of one operation."""
    runtime: str = "native"
    """A name from the registry of runtimes: in what both timed ends are written where a lane names no other."""
    server: str = "process"
    """Where the service runs: `process` or `thread`."""
    cores: str = "auto"
    """Placement: `auto`, `same`, `split`, `free`, or two numbers `A,B` (client, server)."""
    wait: str = "block"
    """How a side waits for bytes: `block`, `spin` or `poll`."""
    connections: int = 1
    """Of each lane: so many clients in a closed loop at once."""
    interval_ns: int = 20 * 10**6
    """How long one lane is measured in a round."""
    warmup_ns: int = 300 * 10**6
    """How long all lanes together are warmed up after a change, in equal parts."""
    op: str = "auto"
    """What is asked of redis and memcached: `auto`, `ping`, `get` or `set`."""
    key: str = ""
    """Of whom they get; empty for one of ours."""
    pipeline: int = 1
    """How many requests are sent in one write, and their answers awaited: together one operation."""
    reconnect: str = "no"
    """Whether every request to a service is a connection of its own: `no` or `yes`."""
    close: str = "fin"
    """How the client closes connections of one operation: `fin`, as programs do, or `rst`."""
    accept: str = "one"
    """How the server of connect takes clients: `one` thread accepts and serves, or `each` gets a thread."""
    program: str = "auto"
    """Who answers http where the server is ours: `auto` (Python) or `nginx`."""
    method: str = "auto"
    """Of http: `auto`, `GET`, `HEAD` or `POST`."""
    path: str = ""
    """What http and rpc ask for; empty for the usual one."""
    header: str = ""
    """More lines of an HTTP request's head, as workloads.spelled spells them."""
    request: str = ""
    """What workload request sends, spelled likewise."""
    answer_bytes: int = 0
    """How long each of its answers is; 0 for as long as the first one."""
    query: str = "SELECT 1"
    """What postgres is asked, in SQL."""
    rate_per_s: int = 0
    """Operations that are offered on each lane (open loop); 0 where each is begun when the one before has ended."""
    arrivals: str = "fixed"
    """When operations of an open loop are due: at `fixed` distances, or at random ones as of `poisson`."""
    writes: int = 1
    """How many writes each packet is sent in, both ways: its head first, then the rest in equal parts."""

    def lanes(self) -> tuple[LaneName, ...]:
        """One name a lane, numbered where the same one is raced against itself."""
        return _numbered(self.transports)

    def lane_names(self) -> tuple[str, ...]:
        """The names of the lanes as they are written."""
        return tuple(map(str, self.lanes()))

    @property
    def dials(self) -> bool:
        """Whether every operation makes its own connection."""
        return self.workload == "connect" or self.reconnect == "yes"

    def runtime_of(self, lane: LaneName) -> str:
        return lane.runtime or self.runtime


def core_pair(cores: str) -> tuple[int, int] | None:
    """The cores of client and server from `A,B`; None where they are not given as numbers."""
    pair = re.fullmatch(r"(\d{1,5})\s*,\s*(\d{1,5})", cores.strip(), re.ASCII)
    return (int(pair[1]), int(pair[2])) if pair else None


@lru_cache(maxsize=256)
def _numbered(transports: tuple[str, ...]) -> tuple[LaneName, ...]:
    seen: Counter[LaneName] = Counter()
    names = []
    for name in map(LaneName.parse, transports):
        seen[name] += 1
        names.append(replace(name, number=seen[name]))
    return tuple(names)
