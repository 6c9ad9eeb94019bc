"""The records of what was measured: an interval of one lane, a round of all, and the calls of a round trip.

They are immutable, typed, and travel as JSON between the processes. Units stand in the names. An unknown
is None, never 0.
"""

from __future__ import annotations

from msgspec import Struct


class Durations(Struct, frozen=True, gc=False):
    """How long the operations of an interval took: exact figures, and a histogram that can be merged."""

    count: int
    min_ns: int
    max_ns: int
    sum_ns: int
    p50_ns: float | None
    p90_ns: float | None
    p99_ns: float | None
    p99_9_ns: float | None
    """Exact percentiles, but for the median of an interval in stretches (probe.stretches). None where fewer than ten
    samples lie beyond."""
    buckets: tuple[int, ...]
    """Indexes of the buckets (stats.histogram) that hold anything, rising."""
    counts: tuple[int, ...]
    """How many operations each of these buckets holds."""

    @property
    def mean_ns(self) -> float:
        return self.sum_ns / self.count


class OpenLoopFigures(Struct, frozen=True):
    """What became of the operations of an open loop; Interval.durations are their times since they were due."""

    offered: int
    """Operations that were due."""
    offered_for_ns: int
    """In so long."""
    backlog: int
    """How many were due and not sent when that time had passed. They were sent afterwards."""
    service: Durations
    """The times of those that were answered since they were sent."""
    lateness: Durations
    """How late each was sent for which nothing but the generator was in the way."""

    @property
    def offered_per_s(self) -> float:
        return self.offered * 1e9 / self.offered_for_ns


class SocketSettings(Struct, frozen=True):
    """What is in effect on one end of a connection. Linux doubles the buffers that were asked for (socket(7))."""

    send_buffer_bytes: int
    receive_buffer_bytes: int
    no_delay: bool | None
    """TCP_NODELAY; None where the transport has no such thing."""
    congestion_control: str | None = None
    """Of TCP, like `cubic`. Loopback is not exempt from it, nor from the pacing that comes with `bbr`."""
    quick_ack: bool | None = None
    """TCP_QUICKACK: whether data is acknowledged at once. The kernel changes it by itself while bytes flow."""


PARTS = ("connect", "opening", "exchange", "close", "there", "back")
"""What operations are made of, where that is told apart: fields of Interval, each with `_ns` behind it."""


class Interval(Struct, frozen=True, gc=False):
    """One lane measured for a short while: the unit that is reported, one CSV row."""

    lane: int
    """Index into Plan.transports."""
    order: int
    """Its place in the round, from 1."""
    started_ns: int
    """Monotonic clock at the start of the timed part."""
    operations: int
    """That were answered."""
    bytes: int
    """What was carried one way and arrived: echoed (ping-pong), or read by the receiver (bulk-send)."""
    elapsed_ns: int
    durations: Durations
    client_cpu_ns: int | None
    server_cpu_ns: int | None
    """Of a process that runs on without a switch, the kernel counts it at ticks of up to 10 ms: one interval's figure
    is coarse, the sum over many is right."""
    voluntary_switches: int | None
    involuntary_switches: int | None
    """Context switches of client and server together, counted over as long."""
    steal_percent: float | None
    """CPU time that the hypervisor gave to others, of all CPU time of the cores under test."""
    other_cpu_ns: int | None = None
    """CPU time of everybody but client and server. The kernel counts it in ticks of 10 ms, so one interval's figure is
    coarse and may even be negative; the sum over many is right."""
    cpu_over_ns: int | None = None
    """Over how long the CPU time of both sides was counted: elapsed_ns, and what belongs to no operation: the
    lead-in of a round trip, meeting a server that keeps no connection. None where that is not told."""
    watched_ns: int = 0
    """Over how long it was counted: connecting and what goes before and after the timed part included."""
    migrations: int | None = None
    """How often client and server were moved to another core; None where they could not, nothing tells, or the first of
    the lanes that take turns has told it for all."""
    throttled_ns: int | None = None
    """For how long the limit of a control group held both sides up; None without such a limit."""
    client_socket: SocketSettings | None = None
    """Read after the timed part."""
    server_socket: SocketSettings | None = None
    """The other end's, of the connection before this one: they are all set up alike. None where it is not ours."""
    sent_only: bool = False
    """Interval.bytes were sent; how many of them were read is not known."""
    server_version: str | None = None
    """The program that answered and its version, like `redis 7.0.15`; None where it did not tell."""
    answer: str | None = None
    """What it answered, in a few words, like `200 OK, body of 612 B`."""
    in_python: bool = False
    """Whether a loop of Python timed it, because its answers are not all of one length."""
    connect_ns: float | None = None
    """Of operations that are a connection each, like the three below: the mean of a part; they add up to their mean."""
    opening_ns: float | None = None
    """None where the service wants to hear nothing before a request."""
    exchange_ns: float | None = None
    close_ns: float | None = None
    there_ns: float | None = None
    """Of one-way, like that below: the mean of each way, which add up to the round trip."""
    back_ns: float | None = None
    time_wait: int | None = None
    """TCP connections in TIME_WAIT at the end, in all of this network namespace; of workloads that use up ports."""
    ports_used: int | None = None
    """How many ports its TCP sockets have at most, those in TIME_WAIT included."""

    @property
    def parts(self) -> dict[str, float]:
        """The parts of an operation that are known, by their names in PARTS."""
        known = {name: getattr(self, f"{name}_ns") for name in PARTS}
        return {name: value for name, value in known.items() if value is not None}

    unanswered: int | None = None
    """Operations on several connections that were under way when nobody waited any more: they are among the durations
    with their age, and not among Interval.operations. None with one connection, where there is none."""
    without_answer: int | None = None
    """Of several clients, how many had no operation answered."""
    fewest_operations: int | None = None
    most_operations: int | None = None
    """Of the slowest and of the fastest of several clients."""
    open_loop: OpenLoopFigures | None = None
    """None in a closed loop, and from a CSV file."""

    @property
    def operations_per_s(self) -> float:
        return self.operations * 1e9 / self.elapsed_ns

    @property
    def gb_per_s(self) -> float:
        """10^9 bytes per second, one way."""
        return self.bytes / self.elapsed_ns


class Round(Struct, frozen=True, gc=False):
    """One interval of every lane, one after the other: the unit that is compared."""

    intervals: tuple[Interval, ...]
    """In the order of Plan.transports; Interval.order tells when each had its turn."""
    client_cores: tuple[int, ...]
    server_cores: tuple[int, ...]
    """Where the two sides were allowed to run."""
    generation: int | None = None
    """The set of processes that measured it, from 1; None where that is not known."""
    unheld: str = ""
    """Why the sides could not be held on the cores that the plan wants, and so ran free: the call, and its error."""


class SocketCallsRequest(Struct, frozen=True):
    """What is asked for to learn what the socket calls of a round trip take, without another process."""

    transports: tuple[str, ...]
    runtimes: tuple[str, ...]
    """In each of them everything is timed: `native` and `python` have such loops."""
    size_bytes: int
    core: int
    """Both ends of every connection run on this one."""
    rounds: int
    interval_ns: int


class CallTimes(Struct, frozen=True):
    """What the socket calls take in one runtime: the medians of rounds, in ns."""

    clock_ns: list[float]
    """One a round: the loop with nothing in it."""
    empty_ns: list[float]
    """One a round: four calls that do nothing, so what the way into the kernel and back costs, and the language."""
    calls_ns: list[list[float]]
    """For each transport one a round."""


class SocketCalls(Struct, frozen=True):
    times: dict[str, CallTimes]
    """By runtime; the rounds of one are also those of the other."""
