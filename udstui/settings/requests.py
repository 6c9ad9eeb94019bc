"""The settings of workloads that send requests to a service: what is asked, and how many at once."""

from __future__ import annotations

import re
from functools import partial

from udstui.errors import UsageError
from udstui.settings.setting import Setting, one_of, whole_number
from udstui.units import shown

MOST_PIPELINED = 1024
OPS = {
    "auto": "get",
    "ping": "the least that redis can answer",
    "get": "read a value of the packet size",
    "set": "write a value of the packet size",
}


def _parse_key(text: str) -> str:
    """No control characters and no spaces: memcached knows no such keys, and screens show them."""
    if not re.fullmatch(r"[!-~]{0,200}", text):
        raise UsageError(f"{shown(text)} is not a key", "up to 200 printable characters of ASCII, without spaces")
    return text


REQUEST_SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="op",
        option="--op",
        workloads=("redis",),
        label="Operation",
        about="What redis and memcached are asked to do; memcached knows no ping",
        choices=lambda: OPS,
        parse=partial(one_of, "op", OPS),
        describe=lambda value: "" if value == "auto" else f"op: {value}",
    ),
    Setting(
        name="key",
        option="--key",
        workloads=("redis",),
        is_text=True,
        label="Key",
        about="The key that get asks a target for, in place of one that is not there",
        metavar="NAME",
        default="none",
        parse=_parse_key,
        describe=lambda value: f"key: {value}" if value else "",
    ),
    Setting(
        name="pipeline",
        option="--pipeline",
        workloads=("redis",),
        label="Pipeline",
        about=f"Requests in one write, whose answers are awaited together, 1 to {MOST_PIPELINED}",
        metavar="NUMBER",
        parse=partial(whole_number, "requests", 1, MOST_PIPELINED),
        describe=lambda value: f"{value} requests in one write" if value > 1 else "",
    ),
)
