"""What the probe answers when it is asked for a round."""

from __future__ import annotations

from msgspec import Struct

from udstui.plan import Round


class Answer(Struct, omit_defaults=True):
    """A round; or the problem and its remedy, and whether the plan itself is to blame."""

    round: Round | None = None
    problem: str = ""
    remedy: str = ""
    is_usage: bool = False
