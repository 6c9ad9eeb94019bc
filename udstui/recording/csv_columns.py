"""The columns of the CSV: one row each, for how its cell is written and how it is read back.

The header, the rows and the reader are made from COLUMNS. Columns are read by name, in any order: one that is missing
is unknown, and one that is not here is ignored, so files of older and newer versions stay readable. A new column is
one row here.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from msgspec import Struct

from udstui.lane_name import LaneName
from udstui.measured import PARTS, Durations, Interval, OpenLoopFigures, Round
from udstui.plan import Plan
from udstui.results.run import Run
from udstui.results.segment import Segment
from udstui.runtimes import PYTHON
from udstui.settings import SETTINGS
from udstui.settings.setting import Setting

LARGEST = 2**62
"""Of any number: half of what fits into 64 bits, so that a rounding does not go beyond."""
_MOST_CORES = 4096
_NEEDED = frozenset({"workload", "size_bytes"})
"""Settings without which it is not known what the figures are of."""


class Place(NamedTuple):
    """What a row is written from."""

    run: Run
    segment: Segment
    number: int
    """Of the round in its segment, from 1."""
    round: Round
    interval: Interval
    lane: LaneName


class Column(Struct, frozen=True):
    name: str
    write: Callable[[Place], object]
    """The cell; None is an empty one."""
    read: Callable[[str], Any] = str
    """The value of a cell that is not empty. Raises ValueError, with what is wrong with it."""
    is_needed: bool = False
    """Whether a row without it cannot be used."""
    record: type[Struct] | None = None
    """The record whose field this is: Plan, Round, Interval or Durations."""
    field: str = ""
    before: Any = None
    """What files older than the column mean."""
    tells_lane: bool = False
    """Whether it is the same for all rows of one lane in a segment, and parts it from the others."""


def count(text: str) -> int:
    """A whole number, 0 or more."""
    try:
        value = int(text)
    except ValueError:
        raise ValueError("is not a whole number") from None
    return value if 0 <= value <= LARGEST else _out_of_range(value)


def ordinal(text: str) -> int:
    """A whole number, 1 or more."""
    value = count(text)
    if not value:
        raise ValueError("is 0")
    return value


def number(text: str) -> float:
    """Any number that is not negative."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    return value if 0 <= value <= LARGEST else _out_of_range(value)


@lru_cache
def cores(text: str) -> tuple[int, ...]:
    """The numbers of cores, from `0 1`."""
    return tuple(map(count, text.split()[:_MOST_CORES]))


def quoted(text: str | None) -> str | None:
    """A text from outside as JSON spells it: it can be taken for no formula, and holds no escape."""
    return json.dumps(text) if text else None


def unquoted(text: str) -> str:
    """What quoted() was given."""
    with contextlib.suppress(json.JSONDecodeError, RecursionError):
        if isinstance(value := json.loads(text), str):
            return value
    raise ValueError("is not between quotes")


def _out_of_range(value: float) -> NoReturn:
    raise ValueError("is negative" if value < 0 else "is out of range")


def _of_setting(setting: Setting) -> Column:
    """The value of the plan. Where it means nothing to a server that is not ours, the cell is empty."""
    field = setting.name

    def write(at: Place) -> object:
        plan = at.segment.plan
        is_known = setting.known_to_targets or not at.lane.is_target
        value = getattr(plan, field) if is_known and setting.is_heeded(plan) else None
        return quoted(value) if setting.is_text else value

    before = getattr(Plan(), field) if setting.workloads else None
    read = unquoted if setting.is_text else count if isinstance(getattr(Plan(), field), int) else str
    return Column(
        field, write, read, is_needed=field in _NEEDED, record=Plan, field=field, before=before, tells_lane=True
    )


def _of_round(
    field: str, write: Callable[[Place], object], read: Callable[[str], Any], *, before: Any = None
) -> Column:
    return Column(field, write, read, record=Round, field=field, before=before)


def _of_interval(field: str, read: Callable[[str], Any] = count, *, is_needed: bool = False) -> Column:
    return Column(
        field, lambda at: getattr(at.interval, field), read, is_needed=is_needed, record=Interval, field=field
    )


def _of_durations(name: str, field: str, *, is_needed: bool = False) -> Column:
    """Whole nanoseconds."""

    def write(at: Place) -> object:
        value = getattr(at.interval.durations, field)
        return None if value is None else round(value)

    return Column(name, write, count, is_needed=is_needed, record=Durations, field=field)


def _of_part(name: str) -> Column:
    """The mean of a part of an operation, in ns."""
    field = f"{name}_ns"

    def write(at: Place) -> object:
        value = getattr(at.interval, field)
        return None if value is None else f"{value:.1f}"

    return Column(field, write, number, record=Interval, field=field)


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _of_open_loop(name: str, figure: Callable[[OpenLoopFigures], float | None]) -> Column:
    """Whole numbers, which are written and never read: a row has no histogram that they were made from."""

    def write(at: Place) -> object:
        value = figure(at.interval.open_loop) if at.interval.open_loop else None
        return None if value is None else round(value)

    return Column(name, write)


COLUMNS: tuple[Column, ...] = (
    Column("run_id", lambda at: at.run.run_id, str, is_needed=True),
    Column("segment", lambda at: at.segment.number, ordinal, is_needed=True),
    Column("round", lambda at: at.number, ordinal, is_needed=True),
    _of_interval("order", ordinal, is_needed=True),
    Column("time_s", lambda at: f"{at.run.seconds(at.interval):.6f}", number, is_needed=True),
    _of_round("generation", lambda at: at.round.generation, ordinal),
    Column("lane", lambda at: at.interval.lane + 1, ordinal, tells_lane=True),
    Column("transport", lambda at: at.lane.target or at.lane, str, is_needed=True, tells_lane=True),
    Column(
        "runtime",
        lambda at: at.segment.plan.runtime_of(at.lane),
        record=Plan,
        field="runtime",
        before=PYTHON,
        tells_lane=True,
    ),
    *(_of_setting(setting) for setting in SETTINGS if not setting.of_lane),
    _of_round("client_cores", lambda at: " ".join(map(str, at.round.client_cores)), cores, before=()),
    _of_round(
        "server_cores",
        lambda at: "" if at.lane.is_target else " ".join(map(str, at.round.server_cores)),
        cores,
        before=(),
    ),
    _of_interval("operations", ordinal, is_needed=True),
    _of_interval("bytes", is_needed=True),
    _of_interval("elapsed_ns", ordinal, is_needed=True),
    _of_durations("op_min_ns", "min_ns", is_needed=True),
    _of_durations("op_p50_ns", "p50_ns"),
    _of_durations("op_p90_ns", "p90_ns"),
    _of_durations("op_p99_ns", "p99_ns"),
    _of_durations("op_p99_9_ns", "p99_9_ns"),
    _of_durations("op_max_ns", "max_ns", is_needed=True),
    Column("op_mean_ns", lambda at: f"{at.interval.durations.mean_ns:.1f}", number, is_needed=True),
    Column("operations_per_s", lambda at: f"{at.interval.operations_per_s:.1f}"),
    Column("gb_per_s", lambda at: f"{at.interval.gb_per_s:.6g}"),
    _of_interval("client_cpu_ns"),
    _of_interval("server_cpu_ns"),
    _of_interval("cpu_over_ns", ordinal),
    _of_interval("voluntary_switches"),
    _of_interval("involuntary_switches"),
    Column(
        "steal_percent", lambda at: _percent(at.interval.steal_percent), number, record=Interval, field="steal_percent"
    ),
    Column(
        "server_version",
        lambda at: quoted(at.interval.server_version),
        unquoted,
        record=Interval,
        field="server_version",
    ),
    Column("answer", lambda at: quoted(at.interval.answer), unquoted, record=Interval, field="answer"),
    *(_of_part(name) for name in PARTS),
    _of_interval("time_wait"),
    _of_interval("ports_used"),
    _of_interval("unanswered"),
    _of_interval("without_answer"),
    _of_interval("fewest_operations"),
    _of_interval("most_operations"),
    _of_open_loop("offered", lambda of: of.offered),
    _of_open_loop("backlog", lambda of: of.backlog),
    _of_open_loop("service_p50_ns", lambda of: of.service.p50_ns),
    _of_open_loop("service_p99_ns", lambda of: of.service.p99_ns),
    _of_open_loop("lateness_p99_ns", lambda of: of.lateness.p99_ns),
)
