"""A plan as a sentence."""

from __future__ import annotations

from collections.abc import Collection

from udstui.plan import Plan
from udstui.settings import SETTINGS
from udstui.settings.setting import Setting

Cores = tuple[int, ...]


def plan_sentence(
    plan: Plan, client_cores: Cores = (), server_cores: Cores = (), *, without: Collection[str] = ()
) -> str:
    """`ping-pong · 128 B · server: process · cores: auto (same: both on 1) · wait: block`.

    The cores are where both sides really ran; empty before that is known. `without` are fields that are told elsewhere.
    """
    parts = [_part(setting, plan, client_cores, server_cores) for setting in SETTINGS if setting.name not in without]
    return " · ".join(part for part in parts if part)


def _part(setting: Setting, plan: Plan, client_cores: Cores, server_cores: Cores) -> str:
    said = setting.describe(getattr(plan, setting.name))
    if setting.name == "server" and all(lane.is_target for lane in plan.lanes()):
        return "server: not ours"
    if setting.name != "cores" or not client_cores:
        return said
    kind = placement_kind(plan, client_cores, server_cores) if plan.cores == "auto" else ""
    where = ": ".join(text for text in (kind, _where(plan, client_cores, server_cores)) if text)
    return f"{said} ({where})" if where else said


def placement_kind(plan: Plan, client_cores: Cores, server_cores: Cores) -> str:
    """`same`, `split`, or `free` where the scheduler decides, or where a server is not ours to place."""
    if len(client_cores) > 1 or _has_target(plan):
        return "free"
    return "same" if client_cores == server_cores else "split"


def _where(plan: Plan, client_cores: Cores, server_cores: Cores) -> str:
    """On which core each side is, as far as it is one core and known."""
    if len(client_cores) > 1:
        return ""
    client, server = client_cores[0], server_cores[0]
    if _has_target(plan):
        return f"client on {client}"
    return f"both on {client}" if client == server else f"client on {client}, server on {server}"


def _has_target(plan: Plan) -> bool:
    return any(lane.is_target for lane in plan.lanes())
