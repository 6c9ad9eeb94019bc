"""The records of lanes that take turns, which Python and C share. The fields lie as in loops.h, which explains them."""

from __future__ import annotations

from ctypes import Structure, c_int64

from udstui.runtimes.native.structures import Job


class UsageRecord(Structure):
    """struct udstui_usage of loops.h: what was used until one moment."""

    _fields_ = (
        ("clock_ns", c_int64),
        ("client_cpu_ns", c_int64),
        ("server_cpu_ns", c_int64),
        ("voluntary_switches", c_int64),
        ("involuntary_switches", c_int64),
    )


class TurnRecord(Structure):
    """struct udstui_turn of loops.h: one of several lanes has its turn."""

    _fields_ = (
        ("job", Job),
        ("before", UsageRecord),
        ("after", UsageRecord),
        ("operations", c_int64),
        ("server_clock", c_int64),
        ("is_polled", c_int64),
        ("doubled_median_ns", c_int64),
    )
