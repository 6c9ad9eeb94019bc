"""The settings of an open loop: how many operations are offered, and when they are due."""

from __future__ import annotations

from functools import partial

from udstui.settings.requests import ASKING
from udstui.settings.setting import Setting, one_of
from udstui.units import describe_rate, format_rate, parse_rate

MOST_PER_S = 4_000_000
"""As many as fit the memory for an interval: one every 250 ns, which is more than any machine holds."""
_CLOSED = "none"
_AT_RATE = ("ping-pong", *ASKING)
RATES = {
    _CLOSED: "a closed loop: each operation follows the one before",
    "1k/s": "a service that has little to do",
    "10k/s": "a busy one",
    "50k/s": "near to what one core carries",
    "100k/s": "more than many machines hold",
}
ARRIVALS = {
    "fixed": "at equal distances",
    "poisson": "at random, as of many who know nothing of each other",
}


def _parse_rate(text: str) -> int:
    """Operations a second; 0 for a closed loop."""
    return 0 if text.strip() == _CLOSED else parse_rate(text, MOST_PER_S)


def parse_rates(text: str) -> tuple[int, ...]:
    """`10k/s,20k/s,50k/s`, rising, each once. Raises UsageError."""
    return tuple(sorted({parse_rate(part, MOST_PER_S) for part in text.split(",")}))


LOAD_SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="rate_per_s",
        option="--rate",
        workloads=_AT_RATE,
        why_not="each of its operations begins when the one before has ended",
        label="Rate",
        key="m",
        about="Operations that are due every second on each lane, answered or not; their time runs from then on",
        metavar="RATE",
        choices=lambda: RATES,
        is_open=True,
        parse=_parse_rate,
        format=lambda value: format_rate(value) if value else _CLOSED,
        describe=lambda value: f"rate: {describe_rate(value)}" if value else "",
        brief=lambda value: describe_rate(value) if value else _CLOSED,
    ),
    Setting(
        name="arrivals",
        option="--arrivals",
        workloads=_AT_RATE,
        label="Arrivals",
        about="When the operations of a rate are due",
        choices=lambda: ARRIVALS,
        parse=partial(one_of, "arrivals", ARRIVALS),
        describe=lambda value: "" if value == "fixed" else f"arrivals: {value}",
    ),
)
