"""The quick faults, once each; `python -m tests.faults` tries all of them, and the random ones often."""

from __future__ import annotations

import random

import pytest

from tests.faults import ROOMS, faults_of
from tests.faults.fault import Fault, inflict

SEED = 1
QUICK = [fault for room in ROOMS for fault in faults_of(room) if fault.quick]


@pytest.mark.parametrize("fault", [pytest.param(fault, id=f"{fault.name} ({fault.against})") for fault in QUICK])
def test_it_is_survived(fault: Fault) -> None:
    if problem := fault.missing():
        pytest.skip(problem)
    inflict(fault, random.Random(SEED))
