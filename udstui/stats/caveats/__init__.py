"""Caveats: reasons to doubt the figures, each with its remedy.

All of them are found here, in what Evidence says of a segment. A new caveat is one function that yields it, and the
name of that function in the registry at the end of its file.
"""

from __future__ import annotations

from udstui.stats.caveats import of_clients, of_machine, of_plan, of_rate, of_rounds
from udstui.stats.caveats.evidence import Caveat, Evidence

__all__ = ["Caveat", "Evidence", "find_caveats"]


def find_caveats(evidence: Evidence) -> list[Caveat]:
    """Those that apply, what is wrong with the plan before what is wrong with the machine."""
    finders = (*of_plan.FINDERS, *of_clients.FINDERS, *of_rate.FINDERS, *of_machine.FINDERS, *of_rounds.FINDERS)
    return [caveat for find in finders for caveat in find(evidence)]
