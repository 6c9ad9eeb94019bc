"""Where this package lies: a child process has to find the same one, also where it is not installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import udstui


def environment() -> dict[str, str]:
    """Ours, with the folder or archive of this package where it was found only because we were started from there."""
    root = Path(udstui.__file__).parents[1].absolute()
    if not sys.path or Path(sys.path[0]).absolute() != root:
        return dict(os.environ)
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))}
