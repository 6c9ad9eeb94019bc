"""What is asked for: the Plan, and the names of its lanes. What was measured is in measured.py."""

from __future__ import annotations

import re
from collections import Counter

from msgspec import Struct
from msgspec.structs import replace

MOST_LANES = 4

_LANE = (
    r"(?P<transport>[a-z][a-z0-9-]*)(?:\[(?P<options>[^\[\]]*)\])?(?:\+(?P<runtime>[a-z][a-z0-9]*))?"
    r"(?::(?P<number>[1-9]\d?))?"
)
_SCHEMES_ALONE = frozenset({"unix", "seqpacket"})
"""Beginnings of addresses that no transport is called by: `unix:2` is a path."""
Options = tuple[tuple[str, str], ...]
"""Options of a lane's sockets: names and values as they are written."""
_SPELLINGS: dict[str, tuple[str, Options]] = {"tcp-reno": ("tcp", (("congestion", "reno"),))}
"""Short names for a transport with options."""


class LaneName(Struct, frozen=True):
    """Which lane: a transport with options in a runtime, or a target. Written `uds`, `tcp[nodelay=off]+asyncio`.

    The second lane of one name is `uds:2`. The number of a target is written but never read: a path may end like one.
    """

    transport: str = ""
    """Of the registry; empty for a target."""
    runtime: str = ""
    """Of the registry; empty for that of the plan."""
    target: str = ""
    """The address of a server that is not ours; empty for a transport."""
    number: int = 1
    """Counted among the lanes of one name, from 1."""
    options: Options = ()
    """What is asked for on the sockets of both ends; the table in udstui.transports.options explains each."""

    @classmethod
    def parse(cls, text: str) -> LaneName:
        """What `str()` has written. A text that is not written like a transport is a target; neither is looked up."""
        match = re.fullmatch(_LANE, text, re.ASCII)
        if not match or (match["transport"] in _SCHEMES_ALONE and match["number"]):
            return cls(target=text)
        transport, options = _SPELLINGS.get(match["transport"], (match["transport"], ()))
        if match["options"] is not None:
            options += tuple(_name_and_value(part) for part in match["options"].split(","))
        return cls(transport, match["runtime"] or "", number=int(match["number"] or 1), options=options)

    def __str__(self) -> str:
        runtime = f"+{self.runtime}" if self.runtime else ""
        number = f":{self.number}" if self.number > 1 else ""
        options = f"[{','.join(f'{name}={value}' for name, value in self.options)}]" if self.options else ""
        return f"{self.target or self.transport}{options}{runtime}{number}"

    @property
    def is_target(self) -> bool:
        return bool(self.target)


def _name_and_value(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


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
    """How a side waits for bytes: `block` or `spin`."""
    connections: int = 1
    """Of each lane: so many clients in a closed loop at once."""
    interval_ns: int = 20 * 10**6
    """How long one lane is measured before it is the next one's turn."""
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
        seen: Counter[LaneName] = Counter()
        names = []
        for name in map(LaneName.parse, self.transports):
            seen[name] += 1
            names.append(replace(name, number=seen[name]))
        return tuple(names)

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
