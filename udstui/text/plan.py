"""A plan as a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from udstui.host.facts import Host
from udstui.host.topology import Core, kinds
from udstui.plan import Plan
from udstui.settings import SETTINGS, setting_named
from udstui.settings.setting import Setting
from udstui.workloads import takes_size

Cores = tuple[int, ...]


def plan_sentence(
    plan: Plan,
    client_cores: Cores = (),
    server_cores: Cores = (),
    *,
    without: Collection[str] = (),
    host: Host | None = None,
) -> str:
    """`ping-pong · 128 B · server: process · cores: auto (same: both on 1) · wait: block`.

    The cores are where both sides really ran; empty before that is known. `without` are fields that are told elsewhere.
    `host` is where that was: if its cores differ, it is told of which kind these are.
    """
    known = {core.number: core for core in host.cores} if host else {}
    parts = [
        _part(setting, plan, client_cores, server_cores, known) for setting in SETTINGS if setting.name not in without
    ]
    return " · ".join(part for part in parts if part)


def is_known(plan: Plan, name: str) -> bool:
    """Whether this setting is in effect on any lane: where no server is ours, some are not."""
    return setting_named(name).known_to_targets or not all(lane.is_target for lane in plan.lanes())


def _part(setting: Setting, plan: Plan, client_cores: Cores, server_cores: Cores, known: Mapping[int, Core]) -> str:
    if setting.name == "size_bytes" and not takes_size(plan):
        return ""
    said = setting.describe(getattr(plan, setting.name))
    if not is_known(plan, setting.name):
        return f"{setting.id}: not ours" if setting.is_heeded(plan) else ""
    if setting.name != "cores" or not client_cores:
        return said
    kind = placement_kind(plan, client_cores, server_cores) if plan.cores == "auto" else ""
    where = ": ".join(text for text in (kind, _where(plan, client_cores, server_cores, known)) if text)
    return f"{said} ({where})" if where else said


def placement_kind(plan: Plan, client_cores: Cores, server_cores: Cores) -> str:
    """`same`, `split`, or `free` where the scheduler decides, or where a server is not ours to place; nothing where an
    edited file does not tell."""
    if len(client_cores) > 1 or _has_target(plan):
        return "free"
    return "same" if client_cores == server_cores else "split" if server_cores else ""


def _where(plan: Plan, client_cores: Cores, server_cores: Cores, known: Mapping[int, Core]) -> str:
    """On which core each side is, as far as it is one core and known."""
    if len(client_cores) > 1:
        return "" if plan.cores in ("auto", "free") else "not held there"
    client = client_cores[0]
    if _has_target(plan) or not server_cores:
        return f"client on {client}"
    server = server_cores[0]
    where = f"both on {client}" if client == server else f"client on {client}, server on {server}"
    return ", ".join((where, *_what(client, server, known)))


def _what(client: int, server: int, known: Mapping[int, Core]) -> Iterator[str]:
    """In which node, and of which kind, these cores are, on a machine whose cores differ."""
    if client not in known or server not in known:
        return
    pair = known[client], known[server]
    if len({core.node for core in known.values()}) > 1:
        nodes = sorted({core.node for core in pair})
        yield f"node {nodes[0]}" if len(nodes) == 1 else f"nodes {nodes[0]} and {nodes[1]}"
    speeds = kinds(tuple(known.values()))
    if len(speeds) > 1:
        slowest = min(core.speed for core in pair)
        yield "fastest kind" if kinds((*pair, Core(-1))) == [1.0] else f"a kind of {100 * slowest:.0f} % speed"
    if client != server and server in known[client].siblings:
        yield "threads of one physical core"


def _has_target(plan: Plan) -> bool:
    return any(lane.is_target for lane in plan.lanes())
