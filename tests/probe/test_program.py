"""Programs of others as servers: they are found, started, known to be ready, and gone however it ends."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers import is_running, wait_until
from udstui.errors import UdstuiError, UsageError
from udstui.measured import Interval
from udstui.plan import Plan
from udstui.probe.check import check_plan
from udstui.probe.cores import Placement
from udstui.probe.lanes import Lanes
from udstui.probe.program import ProgramServer, in_programs
from udstui.runtimes import usual_runtime
from udstui.services.programs import PROGRAMS, Listening, Start, find, running
from udstui.services.programs.postgres import DATABASE, USER

MS = 10**6
installed = [
    pytest.param(
        name, marks=pytest.mark.skipif(not find(PROGRAMS[name]), reason=f"{PROGRAMS[name].package} is missing")
    )
    for name in PROGRAMS
]


class Script:
    """A program that is a shell script."""

    name, package, executables, serves_both = "script", "dash", ("sh",), True
    end_signal, socket_name, forks = signal.SIGKILL, "socket", False

    def __init__(self, text: str) -> None:
        self.text = text
        self.ports: list[int] = []

    def start(self, executable: str, at: Listening) -> Start:
        self.ports.append(at.port)
        return Start((executable, "-s"), self.text.encode())

    def is_ready(self, at: Listening) -> bool:
        return True


def plan_of(name: str, *transports: str) -> Plan:
    workload, program = ("http", name) if name == "nginx" else (name, "auto")
    return Plan(transports=transports, workload=workload, program=program, interval_ns=5 * MS, warmup_ns=0)


def measured_lanes(plan: Plan, folder: Path) -> Lanes:
    return Lanes(plan, Placement((), ()), folder)


def measured_round(plan: Plan, folder: Path) -> tuple[Interval, ...]:
    check_plan(plan)
    lanes = measured_lanes(plan, folder)
    try:
        return lanes.measure(plan.interval_ns)
    finally:
        lanes.close()


@pytest.mark.parametrize("name", installed)
def test_a_program_serves_every_lane_and_leaves_nothing(name: str, folder: Path) -> None:
    plan = plan_of(name, "uds", "tcp", "uds")
    check_plan(plan)
    lanes = measured_lanes(plan, folder)
    pids = {lane._server.pid for lane in lanes.lanes}
    try:
        intervals = lanes.measure(plan.interval_ns)
    finally:
        lanes.close()
    assert all(interval.operations and interval.answer for interval in intervals)
    assert all((interval.server_version or "").startswith(name) for interval in intervals)
    assert len(pids) == (1 if PROGRAMS[name].serves_both else 2)
    assert not any(is_running(pid) for pid in pids if pid)


@pytest.mark.parametrize("name", installed)
def test_every_request_may_be_a_connection_of_its_own(name: str, folder: Path) -> None:
    plan = replace(plan_of(name, "uds", "tcp"), reconnect="yes")
    for interval in measured_round(plan, folder):
        assert interval.operations and interval.answer and (interval.server_version or "").startswith(name)
        assert sum(interval.parts.values()) == pytest.approx(interval.durations.mean_ns, rel=1e-6)
        assert ("opening" in interval.parts) == (name in ("redis", "postgres"))
        assert interval.in_python == (name == "postgres" and usual_runtime() == "native")
        assert interval.server_cpu_ns is None or interval.server_cpu_ns >= 0


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("name", installed)
def test_several_requests_in_one_write_are_all_answered(name: str, connections: int, folder: Path) -> None:
    plan = replace(plan_of(name, "uds", "tcp"), pipeline=16, connections=connections)
    for interval in measured_round(plan, folder):
        assert interval.operations and interval.answer and not interval.in_python
        assert interval.bytes % (16 * interval.operations) == 0


@pytest.mark.parametrize("name", installed)
def test_what_a_target_uses_is_told(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that holds the socket is known, and its children where these serve."""
    served = measured_lanes(plan_of(name, "uds", "tcp"), folder)
    try:
        secret = served.lanes[0]._server.secret
        for variable, value in {
            "REDISCLI_AUTH": secret,
            "PGPASSWORD": secret,
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
        }.items():
            monkeypatch.setenv(variable, value)
        addresses = [str(lane._server.address) for lane in served.lanes]
        targets = measured_lanes(replace(plan_of(name, *addresses), program="auto"), folder)
        try:
            intervals = targets.measure(20 * MS)
        finally:
            targets.close()
    finally:
        served.close()
    for interval in intervals:
        assert interval.operations and interval.server_cpu_ns and interval.client_cpu_ns
        if name != "postgres":  # whose helpers come and go, and take their switches along
            assert interval.voluntary_switches is not None and interval.involuntary_switches is not None


@pytest.mark.parametrize("reconnect", ["no", "yes"])
@pytest.mark.parametrize("name", installed)
def test_a_program_that_is_killed_is_named(name: str, reconnect: str, folder: Path) -> None:
    plan = replace(plan_of(name, "uds"), reconnect=reconnect)
    lanes = measured_lanes(plan, folder)
    try:
        pid = lanes.lanes[0]._server.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(UdstuiError, match=rf"the {name} server was killed by signal 9"):
            lanes.measure(plan.interval_ns)
    finally:
        lanes.close()


@pytest.mark.parametrize("name", installed)
def test_whoever_leaves_in_the_middle_takes_it_along(name: str, folder: Path) -> None:
    plan = plan_of(name, "uds", "tcp")
    servers = in_programs(name, plan.lanes(), 128, (), folder / "0")
    servers[0].wait_ready()
    pid = servers[0].pid
    running.end_all()
    assert pid and not is_running(pid)


def test_a_program_that_dies_at_its_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = script(folder, monkeypatch, "echo some words; echo 'disk is full' >&2; exit 3")
    with pytest.raises(UdstuiError, match=r"the script server ended with status 3 \(disk is full\)"):
        server.wait_ready()
    server.close()


@pytest.mark.parametrize("order", [("uds", "tcp"), ("tcp", "uds")])
def test_programs_start_in_the_order_of_the_lanes(
    order: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, started = Script("exec sleep 100"), list[str]()
    monkeypatch.setattr(program, "serves_both", False)
    monkeypatch.setattr(program, "start", lambda _, at: started.append("tcp" if at.port else "uds") or Start(("true",)))
    monkeypatch.setitem(PROGRAMS._entries, "script", program)
    for server in in_programs("script", Plan(transports=order).lanes(), 128, (), folder / "0"):
        server.close()
    assert tuple(started) == order


def test_a_program_that_never_listens_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "START_WITHIN_S", 0.05)
    server = script(folder, monkeypatch, "exec sleep 100")
    with pytest.raises(UdstuiError, match=r"was not ready within 0\.05 s"):
        server.wait_ready()
    server.close()


def test_another_port_is_tried_where_one_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1]] * 2)
        free = running._free_port
        monkeypatch.setattr(running, "_free_port", lambda: next(ports, None) or free())
        program = Script("exit 1")
        server = script(folder, monkeypatch, program)
        with pytest.raises(UdstuiError, match="ended with status 1"):
            server.wait_ready()
        server.close()
    assert len(program.ports) == 3
    assert len(set(program.ports)) == 2


def script(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str | Script) -> ProgramServer:
    program = Script(text) if isinstance(text, str) else text
    monkeypatch.setitem(PROGRAMS._entries, "script", program)
    (server,) = in_programs("script", Plan(transports=("tcp",)).lanes(), 128, (), folder / "0")
    assert isinstance(server, ProgramServer)
    return server


def test_a_program_that_is_missing_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROGRAMS["redis"], "executables", ("no-such-server",))
    with pytest.raises(UsageError, match=r"no-such-server is not installed here; .*apt install redis-server"):
        check_plan(Plan(workload="redis"))
    check_plan(Plan(workload="redis", transports=("unix:/x", "tcp:127.0.0.1:1")))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(workload="redis", transports=("uds", "tcp6")), "redis does not listen on TCP6; choose uds or tcp"),
        (Plan(workload="redis", server="thread"), "cannot be a thread"),
        (Plan(op="set"), "ping-pong knows no --op; leave it out, or choose redis or memcached"),
        (Plan(workload="request", request="x"), "request needs a server that listens already; name it with --target"),
        (Plan(workload="request", transports=("unix:/x",)), "request needs something to send; give --request FILE"),
        (Plan(workload="request", transports=("seqpacket:/x",), request="x"), "request needs a stream"),
        (Plan(workload="http", path="x"), "'x' is not a path"),
        (Plan(workload="http", header="A b"), "'A b' is not a header"),
        (Plan(workload="redis", op="sett"), "unknown op"),
        (Plan(workload="redis", key="a b"), "is not a key"),
        (Plan(workload="redis", pipeline=0), "0 requests at once"),
    ],
)
def test_what_a_program_cannot_be_asked_is_refused(plan: Plan, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udstui.probe.check.check_program", lambda name: None)
    with pytest.raises(UsageError, match=message):
        check_plan(plan)


def test_a_program_does_not_outlive_its_owner(folder: Path) -> None:
    """The kernel kills it with the process that has started it."""
    if not find(PROGRAMS["redis"]):
        pytest.skip("redis-server is missing")
    reading, writing = os.pipe()
    owner = os.fork()
    if not owner:
        try:
            servers = in_programs("redis", Plan(transports=("uds",)).lanes(), 128, (), folder / "0")
            servers[0].wait_ready()
            os.write(writing, f"{servers[0].pid}\n".encode())
            signal.pause()
        finally:
            os._exit(1)
    pid = int(os.read(reading, 20))
    assert is_running(pid)
    os.kill(owner, signal.SIGKILL)
    os.waitpid(owner, 0)
    wait_until(lambda: not is_running(pid), "redis has ended")


@pytest.mark.skipif(not find(PROGRAMS["postgres"]), reason="postgresql is missing")
def test_shared_memory_of_a_postgres_that_is_killed_is_gone(folder: Path) -> None:
    servers = in_programs("postgres", Plan(transports=("uds",)).lanes(), 128, (), folder / "0")
    try:
        servers[0].wait_ready()
        lines = (folder / "0u" / "cluster" / "postmaster.pid").read_text().splitlines()
        segment = lines[6].split()[1]
        assert segment in _segments()
        assert servers[0].pid
        os.kill(servers[0].pid, signal.SIGKILL)
        wait_until(lambda: segment not in _segments(), "its processes have let go of it")
    finally:
        servers[0].close()


def _segments() -> set[str]:
    """Of System V shared memory: the second column of /proc/sysvipc/shm (proc(5))."""
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}
