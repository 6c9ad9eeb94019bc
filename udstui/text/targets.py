"""What listens on this machine, as text: each process, its addresses, and the command that races them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from udstui.plain import plain
from udstui.targets import Target

_NOTHING = (
    "Nothing listens here that could be raced, or /proc does not tell (udstui serve echo --listen unix:./echo.sock)"
)

_MOST_ADDRESSES = 8
"""Of a process; how many more there are is told."""


def targets_report(targets: Sequence[Target]) -> str:
    """A paragraph for each, pairs first; what neither is a pair nor known comes last, a line each."""
    known = [target for target in targets if target.is_pair or (target.spoken and target.spoken.workload)]
    others = [target for target in targets if target not in known]
    parts = [_paragraph(target) for target in known]
    if others:
        parts.append("\n".join(["Also listening:", *map(_line, others)]))
    return "\n\n".join(parts) or _NOTHING


def run_line(target: Target) -> str:
    """The command that races it; with the workload that fits, where that is known."""
    words = ["udstui", "run"]
    if target.spoken and target.spoken.workload not in ("", "ping-pong"):
        words += ["--workload", target.spoken.workload]
    for lane in target.lanes():
        words += ["--target", lane]
    return shlex.join(words)


def _paragraph(target: Target) -> str:
    lines = [_who_at_both(target)]
    lines += [f"  {address}" for address in _addresses(target)]
    if target.spoken is None or target.spoken.workload:
        lines.append(f"  {plain(run_line(target))}")
    return "\n".join(lines)


def who(target: Target) -> str:
    """Its process, and what it seems to speak."""
    name = plain(target.process) or "a process that is not yours to see"
    process = f"{name} ({target.pid})" if target.pid else name
    what = f": {target.spoken.name}, it seems" if target.spoken else ""
    return f"{process}{what}"


def _who_at_both(target: Target) -> str:
    return f"{who(target)}{', on a socket and on a port' if target.is_pair else ''}"


def _addresses(target: Target) -> list[str]:
    """Those that would be raced and some more: any user may listen on thousands."""
    known = list(map(str, target.addresses))
    first = sorted([*dict.fromkeys((*target.lanes(), *known))][:_MOST_ADDRESSES], key=known.index)
    more = [f"and {len(known) - len(first):,} more"] if len(known) > len(first) else []
    return [*map(plain, first), *more]


def _line(target: Target) -> str:
    return f"  {_who_at_both(target)}  {' '.join(_addresses(target))}"
