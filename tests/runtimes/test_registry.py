"""What runtimes refuse, and how a lane names its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import udstui
from udstui.errors import UsageError
from udstui.lane_name import LaneName
from udstui.plan import Plan
from udstui.probe.check import check_lanes
from udstui.runtimes import RUNTIMES
from udstui.transports import TRANSPORTS

EVENT_LOOPS = [name for name in ("asyncio", "uvloop") if not RUNTIMES[name].missing()]


def test_an_unknown_runtime_is_told_with_the_names_of_all() -> None:
    with pytest.raises(UsageError, match="choose from native, python, asyncio, uvloop"):
        RUNTIMES.named("go")
    for plan in (Plan(runtime="go"), Plan(transports=("uds", "tcp+go"))):
        with pytest.raises(UsageError, match="unknown runtime 'go'; choose from native, python"):
            check_lanes(plan)


def test_uvloop_tells_how_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udstui.runtimes.uvloop.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"runtime uvloop is not to be had here: .*pip install 'udstui\[uvloop\]'"):
        check_lanes(Plan(transports=("uds+uvloop",)))


@pytest.mark.parametrize("runtime", EVENT_LOOPS)
@pytest.mark.parametrize(
    ("transport", "wait", "reason"),
    [
        ("pipe", "block", "over sockets only"),
        ("udp", "block", "over streams only"),
        ("uds-dgram", "block", "over streams only"),
        ("uds-seqpacket", "block", "over streams only"),
        ("tcp", "spin", "waits in the kernel; choose wait block"),
    ],
)
def test_what_an_event_loop_cannot_carry_is_refused_with_the_reason(
    runtime: str, transport: str, wait: str, reason: str
) -> None:
    label = TRANSPORTS[transport].label
    for plan in (Plan((f"{transport}+{runtime}",), wait=wait), Plan((transport,), wait=wait, runtime=runtime)):
        with pytest.raises(UsageError, match=f"{label} cannot be measured in runtime {runtime}: .*{reason}"):
            check_lanes(plan)


def test_a_lane_s_own_runtime_wins_over_that_of_the_plan() -> None:
    plan = Plan(transports=("uds", "uds+asyncio", "/tmp/x"), runtime="python")
    assert [plan.runtime_of(lane) for lane in plan.lanes()] == ["python", "asyncio", "python"]
    assert plan.runtime_of(LaneName(transport="uds", runtime="uvloop")) == "uvloop"


def test_one_transport_in_two_runtimes_is_two_lanes_everywhere(folder: Path) -> None:
    rows, summary = folder / "run.csv", folder / "run.json"
    done = udstui(
        "run", "--transport", "uds+python", "--transport", "uds+asyncio", "--duration", "300ms",
        "--csv", str(rows), "--json", str(summary),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "UDS python  UDS asyncio" in done.stdout
    header, *lines = rows.read_text().splitlines()
    columns = [header.split(",").index(name) for name in ("lane", "transport", "runtime")]
    found = {tuple(line.split(",")[column] for column in columns) for line in lines}
    assert found == {("1", "uds+python", "python"), ("2", "uds+asyncio", "asyncio")}
    lanes = json.loads(summary.read_text())["lanes"]
    assert [(lane["transport"], lane["runtime"]) for lane in lanes] == [
        ("uds+python", "python"), ("uds+asyncio", "asyncio")
    ]  # fmt: skip


def test_a_runtime_is_imported_when_it_is_used() -> None:
    """What asyncio needs takes longer to import than a lane to start."""
    code = (
        "import sys, udstui.runtimes as rooms; rooms.RUNTIMES['uvloop'].missing(); sys.exit('asyncio' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
