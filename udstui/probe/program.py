"""A lane's server that is a program of others: started for the plan, and spoken to as any client would."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from pathlib import Path

from udstui.lane_name import LaneName
from udstui.measured import SocketSettings
from udstui.probe.server import Server
from udstui.probe.usage import FamilyUsageReader, UsageReader
from udstui.services.programs import PROGRAMS
from udstui.services.programs.running import Running
from udstui.transports.address import Address


class ProgramServer:
    """One lane's part of a process of a program, which may serve other lanes too."""

    def __init__(self, running: Running, transport: str) -> None:
        self._running, self._transport = running, transport
        self.check = running.check
        self.secret = ""
        self.pid: int | None = None
        self.address: Address
        self.read_usage: UsageReader

    def wait_ready(self) -> None:
        self._running.wait_ready()
        self.pid = self._running.pid
        self.address = self._running.address(self._transport)
        self.secret = self._running.secret
        self.read_usage = FamilyUsageReader(self.pid) if self._running.forks else UsageReader(self.pid)

    def expect(self, clients: Collection[str], lead_in_bytes: int) -> SocketSettings | None:
        """Nothing: it serves whoever comes, and tells nothing of its sockets."""
        return None

    def served(self) -> int | None:
        return None

    def close(self) -> None:
        """The whole process: lanes of a plan come and go together."""
        self._running.close()


def in_programs(
    name: str, lanes: Sequence[LaneName], size_bytes: int, cores: Collection[int], folder: Path
) -> list[Server]:
    """A server for each lane: all of one process where the program can listen on both transports. Raises ServiceError.

    `folder` does not exist yet. They start in the order of the lanes, which servers_of() draws.
    """
    if not lanes:
        return []
    program = PROGRAMS[name]
    wanted = list(dict.fromkeys(lane.transport for lane in lanes))
    groups = [wanted] if program.serves_both else [[transport] for transport in wanted]
    with contextlib.ExitStack() as made:
        by_transport: dict[str, Running] = {}
        for group in groups:
            running = Running(program, folder.with_name(f"{folder.name}{group[0][:1]}"), group, size_bytes, cores)
            made.callback(running.close)
            by_transport |= dict.fromkeys(group, running)
        made.pop_all()
    return [ProgramServer(by_transport[lane.transport], lane.transport) for lane in lanes]
