"""What every workload says of itself."""

from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.services import SERVICES
from udstui.services.programs import PROGRAMS
from udstui.workloads import WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_says_what_it_is(name: str) -> None:
    workload = WORKLOADS.named(name)
    assert workload.name == name
    assert workload.service in {*SERVICES, *PROGRAMS, ""}
    assert workload.placement in ("same", "split")
    assert workload.about and not workload.about.endswith(".")


def test_an_unknown_one_is_told_with_the_names_of_all() -> None:
    with pytest.raises(UsageError, match="choose from ping-pong, bulk-send"):
        WORKLOADS.named("carry")


def test_a_bulk_send_has_a_lead_in_that_follows_what_was_carried() -> None:
    workload = WORKLOADS.named("bulk-send")
    assert workload.lead_in_bytes(100, 0) == 100
    assert workload.lead_in_bytes(64 * 1024**2, 0) == 1024**2
    assert workload.lead_in_bytes(100, 3200) == 100
    assert WORKLOADS.named("ping-pong").lead_in_bytes(100, 3200) == 0
