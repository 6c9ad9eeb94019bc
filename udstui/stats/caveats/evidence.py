"""What a caveat is, and the evidence in which caveats are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.stats.metrics import MEDIAN, Metric
from udstui.stats.verdict import Verdict


class Caveat(Struct, frozen=True):
    code: str
    message: str
    remedy: str


class AtRate(Struct, frozen=True):
    """A lane of an open loop."""

    offered_per_s: float
    answered_per_s: float
    is_held: bool
    lateness: Sequence[tuple[int, float | None, float | None]] = ()
    """For 1 in so many operations: how late the generator sent them or later, and how long they took or longer, ns."""


class Evidence(Struct, frozen=True):
    """What caveats are found in: a segment, summed up. An unknown is None, and no reason to doubt."""

    plan: Plan
    lanes: Sequence[str] = ()
    """Labels, for the messages."""
    figures: Sequence[Sequence[float]] = ()
    """For each lane the metric of every round, in order."""
    every: int = 1
    """Of very many rounds `figures` has every second, third and so on."""
    began_s: Sequence[float] = ()
    """For each round of `figures` when it began, in seconds of the run."""
    run_began_at: datetime | None = None
    """Wall clock; None for rounds from a file."""
    over_all: Sequence[float | None] = ()
    """For each lane the metric over all its operations, as it is shown."""
    metric: Metric = MEDIAN
    """What they are compared by."""
    verdicts: Sequence[Verdict] = ()
    """By `metric`, of the first lane against each of the others."""
    client_cores: tuple[int, ...] = ()
    server_cores: tuple[int, ...] = ()
    steal_percent: float | None = None
    other_cpu_percent: float | None = None
    """CPU time of everybody else, in percent of one core."""
    busiest: Sequence[str] = ()
    """Who took most of it, with their numbers, like `make (22)`; nobody where that is not known."""
    migrations: int | None = None
    throttled_percent: float | None = None
    """Of the time of the rounds, how much the limit of a control group held both sides up."""
    unheld: str = ""
    """Why the sides could not be held on their cores; empty where they were, or were to run free."""
    governor: str | None = None
    """What sets the cores' frequency, like `powersave`."""
    native_missing: str = ""
    """Why the native runtime cannot be used where it was measured, with the remedy; empty where it can."""
    clock_step_ns: float | None = None
    """The smallest step that the clock which times operations can take."""
    sockets: Sequence[tuple[SocketSettings | None, SocketSettings | None]] = ()
    """Of each lane the client's and the server's end, in the last round."""
    lost_percents: Sequence[float] = ()
    """For each lane what was sent and never read, in percent of all that was sent."""
    without_answer: Sequence[int] = ()
    """For each lane how many clients had no operation answered, in the worst interval."""
    unanswered: Sequence[int] = ()
    """For each lane how many operations nobody waited for any longer."""
    busy_clients: Sequence[tuple[float, float] | None] = ()
    """For each lane how many clients seem to have been busy, by the sum of the durations: the fewest and the most in an
    interval. None with one connection."""
    at_rate: Sequence[AtRate | None] = ()
    """For each lane; None in a closed loop."""
    sent_only: Sequence[str] = ()
    """Labels of the lanes whose throughput is what was sent, because their server does not tell what it read."""

    in_python: Sequence[str] = ()
    """Labels of the lanes that a loop of Python timed, at least now and then, because their answers vary in length."""

    @property
    def rounds(self) -> int:
        return min((len(values) for values in self.figures), default=0)

    @property
    def verdict(self) -> Verdict | None:
        """The first lane against the second; None with one lane."""
        return self.verdicts[0] if self.verdicts else None

    @property
    def remedy_of_holding(self) -> str:
        """The remedy for what the scheduler does; empty where it does not place the two sides."""
        return HOLD if self.plan.cores == "free" else ""


Finder = Callable[[Evidence], Iterator[Caveat]]
HOLD = "hold both sides with cores same or split"
