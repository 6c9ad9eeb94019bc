"""The stretches that an interval was measured in, told as one."""

from __future__ import annotations

from array import array
from statistics import fmean, median

from msgspec.structs import replace

from udstui.measured import Durations
from udstui.probe.buffers import Buffers
from udstui.probe.usage import Usage, added, grown
from udstui.runtimes.setup import Timed


class Stretches:
    """Those of one lane in one interval, in the order of time."""

    def __init__(self) -> None:
        self.timed: list[Timed] = []
        self.used = Usage(0, 0, 0, 0)
        """In all of them."""
        self._durations = array("q")
        self._medians_ns: list[float] = []

    def add(self, timed: Timed, used: Usage, durations: array[int] | None, median_ns: float | None = None) -> None:
        """One that was just measured. Its durations are None where it is the only one, and left in the buffers."""
        self.timed.append(timed)
        self.used = added(self.used, used)
        if durations is not None:
            self._durations.extend(durations)
            self._medians_ns.append(median(durations) if median_ns is None else median_ns)

    def add_server_switches(self, before: tuple[int, int] | None, after: tuple[int, int] | None) -> None:
        """Those of a server from before the first of these to after the last, in which it did nothing else."""
        voluntary, involuntary = zip(before or (None, None), after or (None, None), strict=True)
        self.used = added(self.used, Usage(0, 0, grown(*voluntary), grown(*involuntary)))

    @property
    def operations(self) -> int:
        return sum(one.operations for one in self.timed)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.timed)

    @property
    def elapsed_ns(self) -> int:
        return sum(one.elapsed_ns for one in self.timed)

    def durations(self, buffers: Buffers) -> Durations:
        """Of all operations; but the median of an interval in several stretches is the mean of their medians.

        Stretches come in two speeds on some machines, and the median of all operations jumps from one to the other
        with the majority. At most it is the 90th percentile of all, beyond which one wild stretch would take it.
        """
        if not self._durations:
            return buffers.summary(self.timed[0])
        found = buffers.summarised(self._durations)
        if found.p90_ns is None:
            return found
        return replace(found, p50_ns=min(fmean(self._medians_ns), found.p90_ns))
