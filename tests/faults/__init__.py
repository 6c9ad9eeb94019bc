"""The fault campaign: what happens to programs is done to udstui on purpose. `python -m tests.faults`."""

from __future__ import annotations

import importlib

from tests.faults.fault import Fault

ROOMS: tuple[str, ...] = (
    "signals", "moments", "terminals", "files", "resources", "peers", "strangers", "sockets", "clock", "fuzz",
    "seccomp", "cgroups", "web", "text", "readers", "impostors", "programs",
)  # fmt: skip
"""Modules of this folder, each with its `FAULTS`."""


def faults_of(room: str) -> tuple[Fault, ...]:
    found: tuple[Fault, ...] = importlib.import_module(f"tests.faults.{room}").FAULTS
    return found
