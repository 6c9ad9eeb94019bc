from __future__ import annotations

from pathlib import Path

import pytest

from tests.records import FIRST, PLAN, SECOND, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two segments, of two rounds and of one; the second round lacks what may be unknown."""
    return written(tmp_path, "run", [(PLAN, [FIRST, SECOND]), (PLAN, [FIRST])])[0]
