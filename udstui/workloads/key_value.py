"""What workloads of stores that keep values by key have alike: which key and value, and what is left to tidy up.

A server that is not ours is written to only where `set` was asked for: under a key of ours, which is removed at the end
of every interval, and by itself a minute after a kill.
"""

from __future__ import annotations

import secrets

from udstui.plan import Plan
from udstui.runtimes.setup import Setup
from udstui.workloads import has_own_server
from udstui.workloads.dialogue import Dialogue

GONE_AFTER_S = 60
_PREFIX = "udstui:"


def key_value_takes_size(plan: Plan) -> bool:
    """Whether there is a value of the packet size: a target's own are as they are, and a ping has none."""
    return plan.op == "set" or (plan.op in ("auto", "get") and has_own_server(plan))


class KeyValueDialogue(Dialogue):
    beside_bytes: int
    """What an answer usually has beside the value."""

    def __init__(self, setup: Setup) -> None:
        plan = setup.plan
        self._address, self._is_ours = setup.address, not setup.is_target
        self._op = "get" if plan.op == "auto" else plan.op
        self._value = bytes(setup.payload)
        self._key = plan.key if plan.key and self._op == "get" else _PREFIX + secrets.token_hex(8)
        self.usual_answer_bytes = len(self._value) + self.beside_bytes
        self.leaves_something = self._op == "set" or (self._op == "get" and self._is_ours)
