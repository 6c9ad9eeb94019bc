from __future__ import annotations

import pytest

from udstui.plan import Plan
from udstui.stats.caveats import find_caveats

ONE, TWO = (0,), (0, 1)


@pytest.mark.parametrize(
    ("plan", "client", "server", "steal_percent", "codes"),
    [
        (Plan(), ONE, ONE, None, []),
        (Plan(), ONE, ONE, 1.0, []),
        (Plan(), ONE, ONE, 1.1, ["steal"]),
        (Plan(wait="spin"), ONE, ONE, None, ["spin-one-core"]),
        (Plan(wait="spin"), ONE, (1,), None, []),
        (Plan(wait="spin"), TWO, TWO, None, []),
        (Plan(wait="spin", server="thread"), ONE, (1,), 0.0, ["spin-one-gil"]),
    ],
)
def test_what_is_doubtful_is_said_with_a_remedy(
    plan: Plan, client: tuple[int, ...], server: tuple[int, ...], steal_percent: float | None, codes: list[str]
) -> None:
    found = find_caveats(plan, client_cores=client, server_cores=server, steal_percent=steal_percent)
    assert [caveat.code for caveat in found] == codes
    assert all(caveat.message and caveat.remedy for caveat in found)
