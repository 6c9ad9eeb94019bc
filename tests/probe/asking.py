"""What is asked of a probe, and the processes that it has."""

from __future__ import annotations

import contextlib
import os

import msgspec
import psutil
import pytest

from udstui.plan import Plan
from udstui.probe.client import Probe

MS = 10**6
QUICK = Plan(interval_ns=5 * MS, warmup_ns=1)
two_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core only")


def change(**settings: object) -> Plan:
    return msgspec.structs.replace(QUICK, **settings)


def worker_of(probe: Probe) -> psutil.Process:
    """The process of the generation that is measuring."""
    (worker,) = psutil.Process(probe.pid).children()
    return worker


def servers_of(probe: Probe) -> list[psutil.Process]:
    """Of whichever generations there are; none of a worker that has just ended."""
    found: list[psutil.Process] = []
    for worker in psutil.Process(probe.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += worker.children()
    return found
