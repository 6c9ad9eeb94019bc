from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import pytest
from msgspec import structs

from tests.records import HOST, PLAN, slow_run, steady_run, written
from tests.scripted import make_round
from udstui.commands.compare import SLOWER, compare
from udstui.errors import RecordingError
from udstui.host.facts import Host
from udstui.measured import Round, SocketSettings
from udstui.plan import Plan
from udstui.recording.csv_file import CsvFile
from udstui.recording.history import leave_line
from udstui.results.run import Run
from udstui.results.segment import Segment


@pytest.mark.parametrize(("factor", "status"), [(1.2, SLOWER), (1.055, 0), (1.03, 0), (0.8, 0)])
def test_slower_than_allowed_is_exit_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], factor: float, status: int
) -> None:
    paths = (steady_run(tmp_path, "a")[0], steady_run(tmp_path, "b", factor=factor)[1])
    assert compare(paths, (), as_json=False, fail_if_slower_percent=5.0) == status
    said = capsys.readouterr().out
    assert ("Slower by more than 5 %: TCP, ping-pong 128 B" in said) == (status == SLOWER)
    assert compare(paths, (), as_json=False, fail_if_slower_percent=None) == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_a_full_stdout_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: TextIO, as_json: bool
) -> None:
    paths = (steady_run(tmp_path, "a")[0], steady_run(tmp_path, "b")[1])
    monkeypatch.setattr("sys.stdout", full_disk)
    with pytest.raises(RecordingError, match="cannot write to stdout: No space left"):
        compare(paths, (), as_json=as_json, fail_if_slower_percent=None)


def test_json_is_a_line_a_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [steady_run(tmp_path, name)[1] for name in ("a", "b", "c")]
    assert compare(paths, (), as_json=True, fail_if_slower_percent=None) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["schema"] for line in lines] == ["udstui.compare/3"] * 2
    assert [[Path(path).name for path in line["candidate"]] for line in lines] == [["b.json"], ["c.json"]]
    assert [line["not_comparable"] for line in lines] == [[], []]


def test_several_runs_a_side_are_one_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = [steady_run(tmp_path, f"base-{number}")[number % 2] for number in (1, 2, 3)]
    new = [steady_run(tmp_path, f"new-{number}", factor=1.2)[number % 2] for number in (1, 2, 3)]
    assert compare(base, new, as_json=True, fail_if_slower_percent=5.0) == SLOWER
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["baseline"], line["candidate"]) == ([*map(str, base)], [*map(str, new)])
    assert [lane["lane"] for lane in line["gate"]["slower"]] == ["tcp"]
    assert all(one["knows_runs"] for one in line["differences"])
    assert line["differences"][0]["baseline"]["rounds"] == 60
    assert compare(base, new, as_json=False, fail_if_slower_percent=None) == 0
    said = capsys.readouterr().out
    assert "How far runs of the same lie apart is in the intervals, from 3 runs of A and 3 runs of B." in said


def test_one_run_a_side_says_what_it_cannot_know_or_asks_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    csv_paths = []
    for name, factor in (("a", 1.0), ("b", 1.2), ("c", 1.01), ("d", 0.99), ("e", 1.0)):
        run, segment = Run(), Segment(PLAN)
        with CsvFile(tmp_path / f"{name}.csv") as file:
            for number in range(20):
                round_ = make_round(PLAN, number, (12_000, 18_000 * factor))
                run.add(segment, round_)
                file.add(run, segment, segment.rounds, round_)
        csv_paths.append(tmp_path / f"{name}.csv")
        if name > "a":
            leave_line(run, HOST)
    assert compare(csv_paths[:2], (), as_json=False, fail_if_slower_percent=5.0) == SLOWER
    said = capsys.readouterr().out
    assert "lie apart is in the intervals, from 3 earlier runs on this machine (udstui history)" in said
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    assert compare(csv_paths[:2], (), as_json=False, fail_if_slower_percent=5.0) == SLOWER
    assert "One run a side cannot tell how far runs lie apart" in capsys.readouterr().out


OTHER_CPU = structs.replace(HOST, cpu="Other 1")
TUNED = structs.replace(HOST, clock_source="tsc", idle_driver="intel_idle", cpu_quota_cores=1.5)
ALONE = structs.replace(PLAN, transports=("uds",))


@pytest.mark.parametrize(
    ("base", "new", "why"),
    [
        ([(PLAN, HOST)], [(ALONE, HOST)], "only A has TCP in ping-pong"),
        ([(ALONE, HOST)], [(PLAN, HOST)], None),
        ([(PLAN, HOST)], [(structs.replace(PLAN, size_bytes=64), HOST)], "the plans differ: size 128 and 64"),
        ([(PLAN, HOST)], [(structs.replace(PLAN, wait="spin"), HOST)], "the plans differ: wait block and spin"),
        ([(PLAN, HOST)], [(structs.replace(PLAN, interval_ns=10**7), HOST)], None),
        ([(PLAN, HOST)], [(PLAN, OTHER_CPU)], "the hosts differ: cpu None and Other 1"),
        ([(PLAN, HOST)], [(PLAN, structs.replace(HOST, governor="powersave"))], "the hosts differ: governor"),
        ([(PLAN, HOST)], [(PLAN, structs.replace(HOST, hypervisor=None))], "the hosts differ: hypervisor KVM and None"),
        (
            [(PLAN, HOST)],
            [(PLAN, structs.replace(HOST, cores_available=1))],
            "the hosts differ: cores_available 2 and 1",
        ),
        ([(PLAN, TUNED)], [(PLAN, TUNED)], None),
        (
            [(PLAN, TUNED)],
            [(PLAN, structs.replace(TUNED, clock_source="hpet"))],
            "the hosts differ: clock_source tsc and",
        ),
        ([(PLAN, TUNED)], [(PLAN, structs.replace(TUNED, idle_driver="none"))], "the hosts differ: idle_driver intel"),
        (
            [(PLAN, TUNED)],
            [(PLAN, structs.replace(TUNED, cpu_quota_cores=0.5))],
            "the hosts differ: cpu_quota_cores 1.5",
        ),
        (
            [(PLAN, TUNED)],
            [(PLAN, structs.replace(TUNED, cpu_quota_cores=None))],
            "the hosts differ: cpu_quota_cores 1.5",
        ),
        ([(PLAN, HOST)], [(PLAN, structs.replace(HOST, kernel="Linux 7.0", load_1m=3.0))], None),
        ([(PLAN, HOST)] * 2, [(PLAN, HOST), (ALONE, HOST)], "only 1 of 2 runs of B have TCP"),
        ([(PLAN, HOST)] * 2, [(PLAN, HOST), (PLAN, OTHER_CPU)], "the hosts differ: cpu None and Other 1"),
    ],
)
def test_a_gate_is_shut_where_nothing_can_be_told(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    base: list[tuple[Plan, Host]],
    new: list[tuple[Plan, Host]],
    why: str | None,
) -> None:
    sides = [
        [steady_run(tmp_path, f"{name}{number}", plan=plan, host=host)[1] for number, (plan, host) in enumerate(runs)]
        for name, runs in (("base", base), ("new", new))
    ]
    if why is None:
        assert compare(*sides, as_json=False, fail_if_slower_percent=5.0) == 0
        return
    with pytest.raises(RecordingError, match=f"is not comparable: {why}"):
        compare(*sides, as_json=False, fail_if_slower_percent=5.0)
    said = capsys.readouterr().out
    assert f"Not comparable: {why}" in said and "No lane is" not in said
    assert compare(*sides, as_json=True, fail_if_slower_percent=None) == 0
    assert json.loads(capsys.readouterr().out)["not_comparable"][0].startswith(why)


SOCKET = SocketSettings(212_992, 131_072, None)
TCP_SOCKET = SocketSettings(2**20, 131_072, True, "cubic")


@pytest.mark.parametrize("end", ["client_socket", "server_socket"])
@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        (SOCKET, SOCKET, None),
        (SOCKET, None, None),
        (SOCKET, structs.replace(SOCKET, send_buffer_bytes=2**20), "SO_SNDBUF 208 KiB in A and 1 MiB in B"),
        (TCP_SOCKET, structs.replace(TCP_SOCKET, send_buffer_bytes=2**21, quick_ack=True), None),
        (TCP_SOCKET, structs.replace(TCP_SOCKET, congestion_control="bbr"), "congestion control cubic in A and bbr"),
        (TCP_SOCKET, structs.replace(TCP_SOCKET, no_delay=False), "TCP_NODELAY on in A and off in B"),
    ],
)
def test_a_gate_is_shut_where_sockets_were_set_otherwise(
    tmp_path: Path, end: str, ours: SocketSettings, theirs: SocketSettings | None, why: str | None
) -> None:
    """On either end: what a server's socket holds, or holds back, changes the figure as well."""
    paths = []
    for name, of_socket in (("a", ours), ("b", theirs)):
        rounds = [make_round(PLAN, number) for number in range(20)]
        first = [structs.replace(one.intervals[0], **{end: of_socket}) for one in rounds]
        set_up = [
            structs.replace(one, intervals=(its, one.intervals[1])) for one, its in zip(rounds, first, strict=True)
        ]
        paths.append(written(tmp_path, name, [(PLAN, set_up)])[1])
    if why is None:
        assert compare(paths, (), as_json=False, fail_if_slower_percent=5.0) == 0
        return
    side = end.removesuffix("_socket")
    with pytest.raises(RecordingError, match=f"is not comparable: UDS has {why}.* on the {side}'s end"):
        compare(paths, (), as_json=False, fail_if_slower_percent=5.0)


def test_sizes_that_only_the_baseline_has_shut_the_gate(tmp_path: Path) -> None:
    rounds = [make_round(PLAN, number) for number in range(20)]
    small = structs.replace(PLAN, size_bytes=64)
    both = written(tmp_path, "both", [(small, rounds), (PLAN, rounds)])[1]
    one = written(tmp_path, "one", [(PLAN, rounds)])[1]
    with pytest.raises(RecordingError, match="not comparable: only A has ping-pong 64 B"):
        compare([both, one], (), as_json=False, fail_if_slower_percent=5.0)
    assert compare([one, both], (), as_json=False, fail_if_slower_percent=5.0) == 0


def test_a_lane_that_cannot_be_tested_shuts_the_gate(tmp_path: Path) -> None:
    rounds = [make_round(PLAN, number) for number in range(20)]
    long = written(tmp_path, "long", [(PLAN, rounds)])[1]
    short = written(tmp_path, "short", [(PLAN, rounds[:9])])[1]
    with pytest.raises(RecordingError, match=r"2 lanes of .*short\.json could not be tested"):
        compare([long, short], (), as_json=False, fail_if_slower_percent=5.0)


@pytest.mark.parametrize("workload", ["ping-pong", "bulk-send"])
@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("rounds", [10, 11, 12])
def test_too_few_generations_to_know_how_far_a_lane_is_from_its_figure_shut_the_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], workload: str, runs: int, rounds: int
) -> None:
    """Of three or four rounds a generation nothing tells how they scatter, and three do not tell how they lie apart."""
    plan = structs.replace(PLAN, workload=workload)
    sides = [
        [
            written(tmp_path, f"{name}{run}", [(plan, few_generations(plan, factor, rounds))])[run % 2]
            for run in range(runs)
        ]
        for name, factor in (("base", 1.0), ("slow", 3.0))
    ]
    with pytest.raises(
        RecordingError, match=r"2 lanes of .*slow.* could not be tested.*measure longer: 10 rounds and 4 generations"
    ):
        compare(*sides, as_json=False, fail_if_slower_percent=5.0)
    said = capsys.readouterr().out
    assert f"Too little measured to test it: TCP, {workload} 128 B" in said
    assert "No lane is" not in said and "Not ruled out" not in said
    assert "unknown  measure longer" in said and "no difference seen" not in said
    with pytest.raises(RecordingError):
        compare(*sides, as_json=True, fail_if_slower_percent=5.0)
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert [len(line["gate"][key]) for key in ("slower", "not_ruled_out", "untested")] == [0, 0, 2]
    for one in line["differences"]:
        verdict = one["verdict"]
        assert (verdict["ci_low"], verdict["ci_high"], verdict["conclusive"]) == (None, None, False)


def few_generations(plan: Plan, factor: float, rounds: int) -> list[Round]:
    """Two or three of them, of four or five rounds."""
    made = (make_round(plan, number, (12_000 * factor, 18_000 * factor)) for number in range(rounds))
    return [structs.replace(one, generation=1 + number // 4) for number, one in enumerate(made)]


def test_a_plan_of_which_one_side_has_a_single_round_shuts_the_gate(tmp_path: Path) -> None:
    """It has no figure at all; that of the other plan must not speak for it."""
    rounds, slow = ([make_round(PLAN, number, (factor,) * 2) for number in range(20)] for factor in (12_000, 36_000))
    small = structs.replace(PLAN, size_bytes=64)
    base = written(tmp_path, "base", [(small, rounds), (PLAN, rounds)])[1]
    new = written(tmp_path, "new", [(small, slow[:1]), (PLAN, rounds)])[1]
    with pytest.raises(RecordingError, match=r"2 lanes of .*new\.json could not be tested"):
        compare([base, new], (), as_json=False, fail_if_slower_percent=5.0)


@pytest.mark.parametrize("kinds", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("long_rounds", [0, 5, 20])
def test_rounds_too_short_for_a_median_are_tested_by_their_means(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kinds: tuple[int, int], long_rounds: int
) -> None:
    paths = (
        slow_run(tmp_path, "a", 1.0, long_rounds=20)[kinds[0]],
        slow_run(tmp_path, "b", 3.0, long_rounds=long_rounds)[kinds[1]],
    )
    assert compare(paths, (), as_json=False, fail_if_slower_percent=5.0) == SLOWER
    assert "Slower by more than 5 %: UDS, ping-pong 128 B" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [True, False])
def test_when_nothing_can_be_tested_it_fails_after_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    paths = (slow_run(tmp_path, "a", 1.0, rounds=9)[0], slow_run(tmp_path, "b", 3.0, rounds=9)[1])
    with pytest.raises(RecordingError, match=r"2 lanes of .*b\.json could not be tested.*measure longer: 10 rounds"):
        compare(paths, (), as_json=as_json, fail_if_slower_percent=5.0)
    said = capsys.readouterr().out
    assert "op_mean_ns" in said if as_json else "UDS" in said
    assert "surely slower" not in said
    assert compare(paths, (), as_json=as_json, fail_if_slower_percent=None) == 0
