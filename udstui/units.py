"""Sizes, durations and rates: parsed and printed in one place.

Sizes are powers of 1024 (`64K` is 65,536 bytes); throughput is printed in powers of 1000 (GB/s of 10^9),
as network tools do.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from udstui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

SMALLEST_SIZE_BYTES = 1
LARGEST_SIZE_BYTES = 64 * 1024**2
SIZE_LADDER = tuple(2**power for power in range(27))  # 1 B to 64 MiB

_SIZE = r"(\d+)\s*([kmg]?)(?:i?b)?"
_SIZE_FACTORS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_DURATION = r"(\d+(?:\.\d+)?)\s*(ns|us|µs|μs|ms|s|m|h)"
_DURATION_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,  # the Greek letter, which looks the same as the micro sign
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
LONGEST_DURATION_NS = 1000 * 3600 * 10**9  # also well below 2^53, up to where a float holds every nanosecond
_SHOWN = 62
VAGUE = 10
"""How many times an interval may reach from its middle."""
_MOST_BEHIND = 7
"""The point, of a ratio that is so near to 1 that fewer digits would not tell how far."""
_TOLD_TO = 0.2
"""Of a ratio's distance from 1: how wrong its digits may be."""
_MOST_DIGITS = 18  # more is no size and no duration, and int() of a huge text is slow


def parse_size(text: str) -> int:
    """Bytes from `128`, `64K`, `16M` (powers of 1024; `KiB` and `kb` are read alike).

    Raises UsageError when the text is not a size, or lies outside 1 B to 64 MiB.
    """
    match = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE | re.ASCII)
    if not match or len(match[1]) > _MOST_DIGITS:
        raise UsageError(f"{shown(text)} is not a size", "write 128, 64K or 16M")
    size_bytes = int(match[1]) * _SIZE_FACTORS[match[2].lower()]
    if not SMALLEST_SIZE_BYTES <= size_bytes <= LARGEST_SIZE_BYTES:
        raise UsageError(f"a size of {shown(text)} is out of range", "choose 1 to 64M")
    return size_bytes


def parse_sizes(text: str) -> tuple[int, ...]:
    """Several sizes from `64,1K,64K`, rising, each once. Raises UsageError as parse_size does."""
    return tuple(sorted({parse_size(part) for part in text.split(",")}))


def format_size(size_bytes: int) -> str:
    """`128`, `64K`, `16M`: what parse_size reads back to the same number."""
    for suffix in ("", "K", "M"):
        if size_bytes < 1024 or size_bytes % 1024:
            return f"{size_bytes}{suffix}"
        size_bytes //= 1024
    return f"{size_bytes}G"


def describe_size(size_bytes: int) -> str:
    """`128 B`, `64 KiB`, `1.5 MiB`: for reading, not for parsing."""
    value, unit = split_size(size_bytes)
    return f"{value:.4g} {unit}"


def describe_size_shortly(size_bytes: int) -> str:
    """`128B`, `64K`, `1.5M`: for the ticks of a plot."""
    value, unit = split_size(size_bytes)
    return f"{value:.4g}{unit[0]}"


def split_size(size_bytes: int) -> tuple[float, str]:
    """The figure and its unit: B, KiB or MiB."""
    value = float(size_bytes)
    for unit in ("B", "KiB"):
        if value < 1024:
            return value, unit
        value /= 1024
    return value, "MiB"


def parse_duration(text: str, shortest_ns: int = 1, longest_ns: int = LONGEST_DURATION_NS) -> int:
    """Nanoseconds from `500ms`, `5s`, `2m` (ns, us, ms, s, m, h).

    Raises UsageError when the text is not a duration, or out of this range.
    """
    match = re.fullmatch(_DURATION, text.strip(), re.IGNORECASE | re.ASCII)
    if not match or len(match[1]) > _MOST_DIGITS:
        raise UsageError(f"{shown(text)} is not a duration", "write 500ms, 5s or 2m")
    nanoseconds = round(float(match[1]) * _DURATION_NS[match[2].lower()])
    if not shortest_ns <= nanoseconds <= longest_ns:
        too = "short" if nanoseconds < shortest_ns else "long"
        remedy = f"choose {format_duration(shortest_ns)} to {format_duration(longest_ns)}"
        raise UsageError(f"a duration of {shown(text)} is too {too}", remedy)
    return nanoseconds


def parse_rate(text: str, most_per_s: int) -> int:
    """Operations a second from `20k/s`, `1.5M/s` or `500` (powers of 1000).

    Raises UsageError when the text is not a rate, or lies outside 1/s to so many.
    """
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)\s*([kmg]?)\s*(?:/\s*s)?", text.strip(), re.IGNORECASE | re.ASCII)
    if not match:
        raise UsageError(f"{shown(text)} is not a rate", "write 500/s, 20k/s or 1M/s")
    per_s = round(float(match[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[match[2].lower()])
    if not 1 <= per_s <= most_per_s:
        raise UsageError(f"a rate of {shown(text)} is out of range", f"choose 1/s to {format_rate(most_per_s)}")
    return per_s


def format_rate(per_s: int) -> str:
    """`500/s`, `20k/s`, `1M/s`: what parse_rate reads back to the same number."""
    for suffix in ("", "k"):
        if per_s < 1000 or per_s % 1000:
            return f"{per_s}{suffix}/s"
        per_s //= 1000
    return f"{per_s}M/s"


def parse_percent(text: str) -> float:
    """Percent from `2%`, `0.5 %` or `2`.

    Raises UsageError when the text is not a percentage above 0, of at most 100.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*%?", text.strip(), re.ASCII)
    if not match or not 0 < float(match[1]) <= 100:
        raise UsageError(f"{shown(text)} is not a percentage above 0, up to 100", "write 2% or 0.5%")
    return float(match[1])


def format_duration(nanoseconds: int) -> str:
    """`50ms`, `5s`, `2m`: what parse_duration reads back to the same number."""
    for suffix in ("h", "m", "s", "ms", "us") if nanoseconds else ("s",):
        if nanoseconds % _DURATION_NS[suffix] == 0:
            return f"{nanoseconds // _DURATION_NS[suffix]}{suffix}"
    return f"{nanoseconds}ns"


def describe_duration(nanoseconds: float | None) -> str:
    """`950 ns`, `11.8 µs`, `1.25 ms`, `2.50 s`: three figures, for reading. An unknown is `–`."""
    return described(nanoseconds, split_duration)


def split_duration(nanoseconds: float) -> tuple[str, str]:
    """The figure and the unit that describe_duration joins."""
    return _split(nanoseconds, ("ns", "µs", "ms", "s"))


def _split(value: float, units: tuple[str, ...]) -> tuple[str, str]:
    """Three figures and the unit that they are in, each a thousand times the one before."""
    *smaller, largest = units
    for unit in smaller:
        if abs(value) < 999.5:
            return three_figures(value), unit
        value /= 1000
    return three_figures(value), largest


def described(value: float | None, split: Callable[[float], tuple[str, str]]) -> str:
    """What `split` takes apart, in one piece; an unknown is `–`."""
    return "–" if value is None or not math.isfinite(value) else " ".join(split(value))


def three_figures(value: float) -> str:
    """`9.87`, `98.7`, `987`, `9870`: three significant figures, never fewer digits than the number needs."""
    if abs(value) < 9.995:
        return f"{value:.2f}"
    if abs(value) < 99.95:
        return f"{value:.1f}"
    return f"{value:.0f}"


def describe_ratio(ratio: float | None, digits: int | None = 2) -> str:
    """`1.55x`, `10.0x`, `273x`: what ratio_figure() tells. An unknown is `–`."""
    return "–" if ratio is None else f"{ratio_figure(ratio, digits)}x"


def ratio_figure(ratio: float, digits: int | None = 2) -> str:
    """`1.55`, `10.0`, `273`, `0.017`: three significant figures.

    Other `digits` behind the point are those of one below 10; None is as many as tell well how far it is from 1.
    """
    if digits is None:
        error = _TOLD_TO * abs(ratio - 1)
        digits = next((some for some in range(2, _MOST_BEHIND) if abs(round(ratio, some) - ratio) <= error), 2)
    if ratio < 0.095:
        return f"{ratio:.{digits}g}"
    return f"{ratio:.{digits}f}" if ratio < 9.995 else three_figures(ratio)


def describe_range(low: float, high: float, digits: int | None = 2) -> str:
    """`1.54 to 1.56`: two ratios; `wider than 10x` where they reach further from their middle, and their digits tell
    nothing."""
    if low <= 0 or high / low > VAGUE**2:
        return f"wider than {VAGUE}x"
    return f"{ratio_figure(low, digits)} to {ratio_figure(high, digits)}"


def describe_throughput(gb_per_s: float | None) -> str:
    """`3.27 GB/s`, `12.8 MB/s`, `950 kB/s`, `12.0 B/s`: powers of 1000. An unknown is `–`."""
    return described(gb_per_s, split_throughput)


def split_throughput(gb_per_s: float) -> tuple[str, str]:
    """The figure and the unit that describe_throughput joins."""
    return _split(gb_per_s * 10**9, ("B/s", "kB/s", "MB/s", "GB/s"))


def describe_rate(per_second: float | None) -> str:
    """`84.7 k/s`, `950 /s`, `1.20 M/s`: operations per second. An unknown is `–`."""
    return described(per_second, lambda value: _split(value, ("/s", "k/s", "M/s")))


def describe_percent(percent: float | None) -> str:
    """`48 %`, `1.5 %`, `0 %`. An unknown is `–`."""
    if percent is None or not math.isfinite(percent):
        return "–"
    return f"{percent:.1f} %" if 0.05 <= percent < 9.95 else f"{percent:.0f} %"


def describe_clock(seconds: float) -> str:
    """`00:42`, `1:02:03`: time gone by."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def shown(text: str) -> str:
    """A text from outside, quoted and cut for a message; what cannot be printed is escaped, and then cut."""
    quoted = repr(text)
    return quoted if len(quoted) <= _SHOWN else f"{quoted[: _SHOWN - 4]}...{quoted[0]}"
