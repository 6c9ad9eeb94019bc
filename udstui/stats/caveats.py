"""Caveats: reasons to doubt the figures, each with its remedy. All of them are found here."""

from __future__ import annotations

from msgspec import Struct

from udstui.plan import Plan
from udstui.units import describe_percent

STEAL_PERCENT = 1.0


class Caveat(Struct, frozen=True):
    code: str
    message: str
    remedy: str


def find_caveats(
    plan: Plan, *, client_cores: tuple[int, ...], server_cores: tuple[int, ...], steal_percent: float | None
) -> list[Caveat]:
    """Those that apply to a segment (measuring rule 11)."""
    found = []
    if steal_percent is not None and steal_percent > STEAL_PERCENT:
        found.append(
            Caveat(
                "steal",
                f"the hypervisor gave {describe_percent(steal_percent)} of the CPU to others",
                "measure when the host is quieter",
            )
        )
    if plan.wait == "spin" and client_cores == server_cores and len(client_cores) == 1:
        found.append(
            Caveat(
                "spin-one-core",
                "both sides spin on one core and wait for each other's time slice to end",
                "choose cores split, or wait block",
            )
        )
    if plan.wait == "spin" and plan.server == "thread":
        found.append(
            Caveat(
                "spin-one-gil",
                "both sides spin in one interpreter and wait for each other to give up its lock",
                "choose server process, or wait block",
            )
        )
    return found
