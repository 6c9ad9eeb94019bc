"""The settings of a plan, a row each: options, choosers, help, sentences and columns of files are made from them.

A new setting is a field of Plan and a row here, beside the place that acts on it.
"""

from __future__ import annotations

from functools import partial

from udstui.errors import UsageError, unknown_choice
from udstui.registry import About
from udstui.runtimes import NATIVE, PYTHON, RUNTIMES
from udstui.settings import completions
from udstui.settings.load import LOAD_SETTINGS
from udstui.settings.requests import REQUEST_SETTINGS
from udstui.settings.setting import Setting, one_of, whole_number
from udstui.settings.sockets import SOCKETS
from udstui.transports import TRANSPORTS, lane_label, transport_for
from udstui.transports.address import is_address, parse_address
from udstui.units import describe_size, format_duration, format_size, parse_duration, parse_size, shown
from udstui.workloads import WORKLOADS

MOST_CONNECTIONS = 4096
_MS, _S = 10**6, 10**9
_ALSO_CALLED = {"unix": "uds", "local": "uds"}
"""What others call a transport."""

SERVERS = {
    "process": "its own process, on the core that cores names",
    "thread": "a thread beside the client; in Python they share one lock",
}
CORES = {
    "auto": "split for bulk-send, at a rate and to spin, else same",
    "same": "one core: client and server take turns",
    "split": "two cores; in a VM waking one dominates",
    "free": "the scheduler decides; figures may flip",
}
WAITS = {
    "block": "sleep in the kernel until bytes come",
    "spin": "polls without sleeping; keeps cores busy",
    "poll": "asks for something to read, as event loops do",
}
CONNECTIONS = {
    "1": "one client: what the transport itself costs",
    "4": "a few clients at once",
    "16": "as many as a pool of a service often has",
    "64": "many: how well their calls share the wakings",
    "256": "very many: queues and selecting count",
}


def _parse_packet(text: str) -> int:
    """A size; 0 is a connection without a packet, which only connect has."""
    return 0 if text == "0" else parse_size(text)


def _parse_lane(text: str) -> str:
    """A transport, with its options and runtime if it names any, or the address of a target."""
    from udstui.lane_name import LaneName

    lane = LaneName.parse(text)
    begun, bracket, _ = text.partition("[")
    if bracket and begun in TRANSPORTS and lane.is_target:
        raise UsageError(f"{shown(text)} is not written like a lane", f"write {begun}[NAME=VALUE,NAME=VALUE]")
    if lane.transport in TRANSPORTS:
        if lane.number > 1:
            raise UsageError(f"{text} is what the second lane of a transport is called", "name the transport twice")
        RUNTIMES.named(lane.runtime or PYTHON)
        if not lane.options:
            return str(lane)
        from msgspec.structs import replace

        from udstui.transports.options import parse_options

        return str(replace(lane, options=parse_options(lane)))
    named = lane.transport or (text if text.isalpha() else "")
    if named and not is_address(text):
        others = ", or write unix:/path or tcp:HOST:PORT"
        raise unknown_choice(f"unknown transport {shown(text)}", _ALSO_CALLED.get(named, named), TRANSPORTS, others)
    address = parse_address(text)
    transport_for(address)
    return str(address)


def _lane_labels(transports: tuple[str, ...]) -> str:
    from udstui.plan import Plan

    return " ".join(map(lane_label, Plan(transports=transports).lanes()))


def _parse_cores(text: str) -> str:
    from udstui.plan import core_pair

    pair = core_pair(text)
    if text not in CORES and pair is None:
        raise unknown_choice(f"unknown cores {shown(text)}", text, CORES, ", or two numbers like 0,1")
    return text if pair is None else f"{pair[0]},{pair[1]}"


TARGETS = Setting(
    name="transports",
    option="--target",
    label="Targets",
    about="Race a server that listens already; repeatable",
    metavar="ADDRESS",
    several=True,
    parse=_parse_lane,
    complete=completions.addresses,
)
"""The other option of the same field: lanes whose server is not ours."""
_ALWAYS: tuple[Setting, ...] = (
    Setting(
        name="transports",
        option="--transport",
        label="Transports",
        about="Who races whom; repeatable, the same one twice shows how sure the verdict is",
        metavar="NAME",
        default="uds, tcp",
        several=True,
        choices=lambda: About(TRANSPORTS),
        complete=completions.lanes,
        is_open=True,
        parse=_parse_lane,
        brief=_lane_labels,
        of_lane=True,
        may_differ=True,
    ),
    Setting(
        name="workload",
        option="--workload",
        label="Workload",
        about="What is timed",
        key="w",
        choices=lambda: About(WORKLOADS),
        parse=lambda text: WORKLOADS.named(text).name,
        describe=str,
    ),
    Setting(
        name="size_bytes",
        option="--size",
        label="Packet size",
        about="The packet of one operation, 1 to 64M",
        metavar="SIZE",
        default="the workload's own",
        complete=completions.sizes,
        parse=_parse_packet,
        format=format_size,
        describe=describe_size,
        brief=describe_size,
    ),
    Setting(
        name="runtime",
        option="--runtime",
        label="Runtime",
        about="In what both timed ends are written, where a lane names no other",
        key="i",
        default="native, or python where that is not built",
        choices=lambda: About(RUNTIMES),
        parse=lambda text: RUNTIMES.named(text).name,
        describe=lambda value: "" if value == NATIVE else f"runtime: {value}",
        of_lane=True,
    ),
    Setting(
        name="server",
        option="--server",
        label="Server",
        about="Where the server runs",
        key="v",
        choices=lambda: SERVERS,
        parse=partial(one_of, "server", SERVERS),
        describe="server: {}".format,
        known_to_targets=False,
    ),
    Setting(
        name="cores",
        option="--cores",
        label="Cores",
        about="Where client and server run; A,B are the numbers of two cores",
        key="c",
        metavar=f"[{'|'.join(CORES)}|A,B]",
        choices=lambda: CORES,
        is_open=True,
        complete=completions.cores,
        parse=_parse_cores,
        describe="cores: {}".format,
    ),
    Setting(
        name="wait",
        option="--wait",
        label="Wait",
        about="How a side waits for bytes",
        key="b",
        choices=lambda: WAITS,
        parse=partial(one_of, "wait", WAITS),
        describe="wait: {}".format,
    ),
    Setting(
        name="connections",
        option="--connections",
        label="Connections",
        about=f"Clients at once on each lane, 1 to {MOST_CONNECTIONS}",
        key="n",
        metavar="NUMBER",
        choices=lambda: CONNECTIONS,
        is_open=True,
        parse=partial(whole_number, "connections", 1, MOST_CONNECTIONS),
        describe=lambda value: f"connections: {value}" if value > 1 else "",
        brief="×{}".format,
    ),
    Setting(
        name="interval_ns",
        option="--interval",
        label="Interval",
        about="How long one lane is measured in a round",
        metavar="DURATION",
        default="20ms for round trips, 50ms for what takes longer",
        parse=partial(parse_duration, shortest_ns=5 * _MS, longest_ns=5 * _S),
        format=format_duration,
        brief=lambda value: f"interval: {format_duration(value)}",
        may_differ=True,
    ),
    Setting(
        name="warmup_ns",
        option="--warmup",
        label="Warm-up",
        about="How long all lanes together are warmed up before the figures count",
        metavar="DURATION",
        usual="300ms",
        parse=partial(parse_duration, shortest_ns=0, longest_ns=60 * _S),
        format=format_duration,
        brief=lambda value: f"warm-up: {format_duration(value)}",
        may_differ=True,
    ),
)
GROUPS: dict[str, tuple[Setting, ...]] = {
    "What is measured, and how": _ALWAYS,
    "Requests to services": REQUEST_SETTINGS,
    "At a rate": LOAD_SETTINGS,
    "Connections and writes": SOCKETS,
}
"""All settings, by what they are about: the sections of --help."""
SETTINGS: tuple[Setting, ...] = tuple(setting for group in GROUPS.values() for setting in group)


def setting_named(name: str) -> Setting:
    """The row of a field of Plan. Raises StopIteration for a name that is none."""
    return next(setting for setting in SETTINGS if setting.name == name)
