"""Host: what is known of this machine and of the lanes' sockets."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.widgets import Static

from udstui.host.facts import Host
from udstui.host.topology import kinds
from udstui.lane_name import LaneName
from udstui.measured import SocketSettings
from udstui.plain import plain
from udstui.results.segment import Segment
from udstui.transports import lane_label
from udstui.tui.session import Session
from udstui.tui.tabs.session_tab import SessionTab
from udstui.tui.widgets.scroll import Scroll
from udstui.units import describe_duration, describe_size

_UNKNOWN = "–"


def host_lines(host: Host, segment: Segment) -> list[str]:
    """One fact a line. What could not be read is `–`."""
    facts = [
        ("kernel", host.kernel),
        ("CPU", host.cpu),
        ("cores", _cores(host)),
        ("hypervisor", host.hypervisor),
        ("clock", _clock(host)),
        ("governor", host.governor),
        ("idle", _joined(host.idle_driver, host.idle_governor)),
        ("load", None if host.load_1m is None else f"{host.load_1m:.2f} over a minute, when udstui started"),
        ("Python", f"{host.python}{_gil(host)}"),
    ]
    if host.cpu_quota_cores is not None:
        facts.insert(3, ("quota", f"{host.cpu_quota_cores:g} cores' time, by a control group"))
    for lane in segment.lanes:
        ends = (("client", lane.client_socket), ("server", lane.server_socket))
        asks = "quickack" in dict(LaneName.parse(lane.name).options)
        facts += [(f"{lane_label(lane.name)} {end}", _socket(settings, with_acks=asks)) for end, settings in ends]
        if lane.server_version:
            facts.append((f"{lane_label(lane.name)} program", plain(lane.server_version)))
    width = max(len(name) for name, _ in facts)
    return [f"{name.ljust(width)}  {fact or _UNKNOWN}" for name, fact in facts]


def _cores(host: Host) -> str | None:
    if host.cores_available is None:
        return None
    online = "" if host.cores_online in (None, host.cores_available) else f" of {host.cores_online}"
    return _joined(f"{host.cores_available}{online} available", *_differences(host))


def _differences(host: Host) -> Iterator[str]:
    """In what the cores differ, where they do."""
    if not host.cores:
        return
    if (physical := len({core.siblings for core in host.cores})) < len(host.cores):
        yield f"{physical} physical"
    if (nodes := len({core.node for core in host.cores})) > 1:
        yield f"{nodes} nodes"
    if len(speeds := kinds(host.cores)) > 1:
        yield f"kinds of {', '.join(f'{100 * speed:.0f}' for speed in speeds)} % speed"


def _clock(host: Host) -> str | None:
    if host.clock_cost_ns is None:
        return host.clock_source
    cost, step = describe_duration(host.clock_cost_ns), describe_duration(host.clock_step_ns)
    return f"{host.clock_source or _UNKNOWN}, one reading costs {cost}, smallest step {step}"


def _gil(host: Host) -> str:
    return "" if host.gil is None else f", GIL {'on' if host.gil else 'off'}"


def _joined(*facts: str | None) -> str | None:
    return " · ".join(fact for fact in facts if fact) or None


def _socket(settings: SocketSettings | None, *, with_acks: bool) -> str | None:
    if settings is None:
        return None
    sending, receiving = describe_size(settings.send_buffer_bytes), describe_size(settings.receive_buffer_bytes)
    no_delay = "" if settings.no_delay is None else f", TCP_NODELAY {'on' if settings.no_delay else 'off'}"
    control = settings.congestion_control and f", congestion control {settings.congestion_control}"
    if with_acks and settings.quick_ack is not None:
        no_delay += f", TCP_QUICKACK {'on' if settings.quick_ack else 'off'}"
    return f"SO_SNDBUF {sending}, SO_RCVBUF {receiving}{no_delay}{control or ''} (in effect)"


class HostTab(SessionTab):
    TITLE = "Host"
    ID = "host-facts"
    EVERY_S = 2.0

    def compose(self) -> ComposeResult:
        with Scroll():
            yield Static("", id="host-lines", markup=False)

    def draw(self, session: Session) -> None:
        self.query_one("#host-lines", Static).update("\n".join(host_lines(session.host, session.segment)))
