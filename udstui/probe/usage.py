"""CPU time and context switches of the two sides of a lane, read right before and right after the timed part."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from udstui.runtimes.turn import Turn

_STAT = "/proc/stat"
_PART_BYTES = 1 << 14
"""Of a file of /proc, read at once. For a buffer of a megabyte the allocator asks the kernel each time: 30 µs."""
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_COARSE_NS = 2 * 10**9 // _TICKS_A_SECOND
"""How far what is told in ticks may be off: one in the kernel, one in the programs."""


class Usage(NamedTuple):
    """Counters that only grow. An unknown one is None."""

    client_cpu_ns: int | None
    server_cpu_ns: int | None
    voluntary_switches: int | None
    involuntary_switches: int | None
    clock_ns: int = 0
    """When they were read, where that is wanted."""
    family: Mapping[int, int] = MappingProxyType({})
    """CPU time of each of the server's processes where it has children: one that ends takes its switches along."""
    ended_ns: int = 0
    """CPU time of those that have ended, in ticks of 10 ms."""


def used_between(before: Usage, after: Usage) -> Usage:
    """What was used; None where that is not known."""
    client_ns, server_ns, *switches = (grown(*counts) for counts in zip(before[:4], after[:4], strict=True))
    voluntary, involuntary = switches if before.family.keys() == after.family.keys() else (None, None)
    if server_ns is not None:
        server_ns += _used_by_family(before, after)
    return Usage(client_ns, server_ns, voluntary, involuntary, after.clock_ns - before.clock_ns)


def _used_by_family(before: Usage, after: Usage) -> int:
    """What a server's processes have used. Who served the interval before may end in this one, and is told in ticks
    from then on: less than those can tell is nothing. What is more is of processes that nobody saw while they lived."""
    gone = [ns for pid, ns in before.family.items() if pid not in after.family]
    unseen_ns = after.ended_ns - before.ended_ns - sum(gone)
    seen_ns = sum(ns - before.family.get(pid, 0) for pid, ns in after.family.items())
    return seen_ns + (unseen_ns if unseen_ns > _COARSE_NS else 0)


def added(first: Usage, second: Usage) -> Usage:
    """What was used in both together; None where that is not known of one."""
    client_ns, server_ns, voluntary, involuntary = (
        None if one is None or other is None else one + other for one, other in zip(first[:4], second[:4], strict=True)
    )
    return Usage(client_ns, server_ns, voluntary, involuntary, first.clock_ns + second.clock_ns)


def grown(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


class CpuTimes(NamedTuple):
    """The CPU time of the cores under test, in seconds; the kernel counts it in ticks of 10 ms."""

    steal_s: float | None
    total_s: float
    busy_s: float | None = 0.0
    """Neither idle nor stolen. None where the kernel does not tell."""


def cpu_times(cores: Collection[int]) -> CpuTimes:
    """Of these cores together (proc_stat(5)): what happens on others does not disturb a lane that is held."""
    names = {f"cpu{core}".encode() for core in cores}
    try:
        lines = _read(_STAT).partition(b"\nintr")[0].split(b"\n")
        rows = [list(map(int, cells[1:])) for line in lines if (cells := line.split()) and cells[0] in names]
    except (OSError, ValueError):
        rows = []
    if not rows:
        return CpuTimes(None, 0.0, None)
    user, nice, system, idle, io_wait, irq, soft_irq, *later = (
        sum(column) / _TICKS_A_SECOND for column in zip(*rows, strict=True)
    )
    steal = later[0] if later else None  # what guests of ours used is in user and nice already
    busy = user + nice + system + irq + soft_irq
    return CpuTimes(steal, busy + idle + io_wait + (steal or 0.0), busy)


def proc_is_ours(proc: Path = Path("/proc")) -> bool:
    """Whether /proc tells of our processes by the numbers that we know them by, and not of another namespace's."""
    try:
        return (proc / "self").readlink() == Path(str(os.getpid()))
    except OSError:
        return False


def process_clock(pid: int) -> int:
    """The id of another process' CPU-time clock: Linux's, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


class UsageReader:
    """Reads the usage of this process as client, and of a process (or, with None, of a thread here) as server."""

    def __init__(self, server_pid: int | None) -> None:
        self._server_pid = server_pid
        self._proc_is_ours = proc_is_ours()
        self.threads: tuple[int, ...] = ()
        """Of the server, who may serve this lane: the others' switches are not of interest. Empty for all of them."""

    def __call__(self) -> Usage:
        thread_ns = _clock_ns(time.CLOCK_THREAD_CPUTIME_ID)
        if self._server_pid is None:
            server_ns = grown(thread_ns, _clock_ns(time.CLOCK_PROCESS_CPUTIME_ID))
            return Usage(thread_ns, server_ns, *(_own_switches() or (None, None)))
        ours = _own_switches()
        server_ns = _clock_ns(process_clock(self._server_pid))
        theirs = _switches(self._server_pid, self.threads) if self._proc_is_ours else None
        if ours is None or theirs is None:
            return Usage(thread_ns, server_ns, None, None)
        return Usage(thread_ns, server_ns, ours[0] + theirs[0], ours[1] + theirs[1])

    @property
    def server_clock(self) -> int:
        """The CPU-time clock of the process that serves."""
        return time.CLOCK_PROCESS_CPUTIME_ID if self._server_pid is None else process_clock(self._server_pid)

    def server_switches(self) -> tuple[int, int] | None:
        """Voluntary and involuntary ones of a process that serves; none of a thread, for the client's tell them."""
        if self._server_pid is None:
            return 0, 0
        return _switches(self._server_pid, self.threads) if self._proc_is_ours else None

    def of_turn(self, turn: Turn) -> Usage:
        """What was used in a turn, but for the server's switches."""
        server_ns = turn.server_cpu_ns
        if self._server_pid is None:
            server_ns = grown(turn.client_cpu_ns, server_ns)
        return Usage(turn.client_cpu_ns, server_ns, turn.voluntary_switches, turn.involuntary_switches, turn.clock_ns)

    def all_cpu_ns(self) -> int | None:
        """CPU time of both processes with all their threads."""
        ours = _clock_ns(time.CLOCK_PROCESS_CPUTIME_ID)
        if self._server_pid is None:
            return ours
        theirs = _clock_ns(process_clock(self._server_pid))
        return None if ours is None or theirs is None else ours + theirs

    def migrations(self) -> int | None:
        """How often the scheduler moved a thread of either process to another core. None where it does not tell."""
        if not self._proc_is_ours:
            return None
        found = [_migrations(pid) for pid in (os.getpid(), self._server_pid) if pid is not None]
        return None if None in found else sum(filter(None, found))


class ClientUsageReader(UsageReader):
    """Reads this side only: what a server that is not ours uses is not known."""

    def __init__(self) -> None:
        super().__init__(None)

    def __call__(self) -> Usage:
        return Usage(_clock_ns(time.CLOCK_THREAD_CPUTIME_ID), None, None, None)

    def all_cpu_ns(self) -> int | None:
        return None

    def migrations(self) -> int | None:
        return None


class FamilyUsageReader(UsageReader):
    """Reads this side, and a server whose clients are served by its children, those that have ended included."""

    def __init__(self, server_pid: int) -> None:
        super().__init__(server_pid)
        self._parent = server_pid

    def __call__(self) -> Usage:
        looked = {pid: _clock_ns(process_clock(pid)) for pid in _family(self._parent)}
        family = {pid: cpu_ns for pid, cpu_ns in looked.items() if cpu_ns is not None}
        server_ns = 0 if self._parent in family else None
        thread_ns = _clock_ns(time.CLOCK_THREAD_CPUTIME_ID)
        switches = [_own_switches(), *(_switches(pid) if self._proc_is_ours else None for pid in family)]
        known = [pair for pair in switches if pair is not None]
        voluntary, involuntary = map(sum, zip(*known, strict=True)) if len(known) == len(switches) else (None, None)
        return Usage(thread_ns, server_ns, voluntary, involuntary, family=family, ended_ns=_reaped_ns(self._parent))

    def all_cpu_ns(self) -> int | None:
        """Unknown: children come and go with the connections, and take their time along."""
        return None

    def migrations(self) -> int | None:
        return None


def _family(pid: int) -> Iterator[int]:
    """A process, its children, and theirs."""
    yield pid
    try:
        children = _read(f"/proc/{pid}/task/{pid}/children").split()
    except OSError:
        children = []
    for child in children:
        yield from _family(int(child))


def _reaped_ns(pid: int) -> int:
    """CPU time of the children that have ended (proc_stat(5)), in ticks of 10 ms; 0 where nothing tells."""
    try:
        cells = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(cells[13]) + int(cells[14])) * 10**9 // _TICKS_A_SECOND
    except (OSError, ValueError, IndexError):
        return 0


def steal_percent(before: CpuTimes, after: CpuTimes) -> float | None:
    """CPU time of these cores that other guests got, in percent of all. None where the kernel does not tell."""
    total_s = after.total_s - before.total_s
    if before.steal_s is None or after.steal_s is None or total_s <= 0:
        return None
    return max(0.0, 100 * (after.steal_s - before.steal_s) / total_s)


def other_cpu_ns(before: CpuTimes, after: CpuTimes, ours_ns: int | None) -> int | None:
    """CPU time that neither client nor server took, from what their cores spent and what they did."""
    if ours_ns is None or before.busy_s is None or after.busy_s is None:
        return None
    return round((after.busy_s - before.busy_s) * 1e9) - ours_ns


def _migrations(pid: int) -> int | None:
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            text = Path(f"/proc/{pid}/task/{task}/sched").read_text()
            total += int(text.partition("se.nr_migrations")[2].split(maxsplit=2)[1])
    except (OSError, ValueError, IndexError):  # a kernel without scheduler statistics
        return None
    return total


def _read(path: str) -> bytes:
    """A file of /proc. Between two lanes, what open() does besides counts."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = part = os.read(number, _PART_BYTES)
        while len(part) == _PART_BYTES:
            text += (part := os.read(number, _PART_BYTES))
        return text
    finally:
        os.close(number)


def _clock_ns(clock: int) -> int | None:
    try:
        return time.clock_gettime_ns(clock)
    except OSError:  # another system, the process is gone, or a seccomp profile refuses the call: unknown
        return None


def _own_switches() -> tuple[int, int] | None:
    """Voluntary and involuntary switches of this process. None where it may not ask."""
    try:
        found = resource.getrusage(resource.RUSAGE_SELF)
    except OSError:
        return None
    return found.ru_nvcsw, found.ru_nivcsw


def _switches(pid: int, threads: Sequence[int] = ()) -> tuple[int, int] | None:
    """Voluntary and involuntary switches of these threads of a process, or of all. None where there is no /proc."""
    voluntary = involuntary = 0
    try:
        for task in threads or os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - on the way between lanes, Path costs
            lines = _read(f"/proc/{pid}/task/{task}/status").rsplit(b"\n", 3)
            voluntary += int(lines[-3].split()[1])
            involuntary += int(lines[-2].split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return voluntary, involuntary
