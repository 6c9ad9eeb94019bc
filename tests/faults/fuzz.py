"""Fuzzing by coverage, for a minute in all. The same entry points are given quick property tests by test_fuzz.py."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.faults.fault import Fault, Scene, assert_no_traceback

IN_ALL_S = 60
_GRACE_S = 60.0
_FUZZER = Path(__file__).with_name("fuzzer.py")


def missing() -> str:
    return "" if importlib.util.find_spec("atheris") else "atheris is not installed: pip install -e '.[fuzz]'"


def fuzz(scene: Scene) -> None:
    """Every entry point for its share of the minute."""
    from tests.faults.entry_points import ENTRY_POINTS

    tried = 0
    for name in ENTRY_POINTS:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "error", str(_FUZZER), name, str(IN_ALL_S // len(ENTRY_POINTS))],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_GRACE_S, check=False,
            env=os.environ | {"PYTHONPATH": str(_FUZZER.parents[2]), "TMPDIR": str(scene.folder)},
        )  # fmt: skip
        assert_no_traceback(done.stdout + done.stderr)
        found = re.search(r"Done (\d+) runs", done.stderr)
        assert done.returncode == 0 and found, f"{name}: {done.stderr[-1000:]}"
        tried += int(found[1])
    scene.notes.append(f"{tried:,} inputs to {len(ENTRY_POINTS)} entry points ({', '.join(ENTRY_POINTS)})")


FAULTS = (Fault("a minute of fuzzing by coverage", "all that is read", fuzz, quick=False, missing=missing),)
