from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from tests.records import HOST, PLAN, side, steady_run, written
from tests.scripted import make_round
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.results.comparison import compare_runs
from udstui.text.compare import comparison_text
from udstui.text.compare_warnings import comparison_warnings


def text_of(baseline: Path, candidate: Path, percent: float | None = None) -> str:
    comparison = compare_runs(side(baseline), side(candidate), percent)
    return comparison_text(comparison, comparison_warnings(comparison))


def warnings_of(baseline: Path, candidate: Path) -> list[str]:
    return [one.text for one in comparison_warnings(compare_runs(side(baseline), side(candidate)))]


def test_an_interval_that_tells_nothing_is_not_spelled_out(tmp_path: Path) -> None:
    """Two halves that have nothing in common are as good as two rounds."""
    medians_ns = [12_000 * (1 if number < 10 else 100) for number in range(20)]
    rounds = [make_round(PLAN, number, medians_ns=(median, median)) for number, median in enumerate(medians_ns)]
    text = text_of(steady_run(tmp_path, "steady")[1], written(tmp_path, "unsteady", [(PLAN, rounds)])[1])
    line = next(line for line in text.splitlines() if line.startswith("UDS"))
    assert line.endswith("x  wider than 10x  measure longer")


def test_what_is_surely_slower_is_called_so_however_little_is_known_of_how_much(tmp_path: Path) -> None:
    medians_ns = [12_000 * 10**4 * (1 if number % 6 < 3 else 5) for number in range(24)]
    rounds = [make_round(PLAN, number, medians_ns=(median, median)) for number, median in enumerate(medians_ns)]
    text = text_of(steady_run(tmp_path, "a")[1], written(tmp_path, "wild", [(PLAN, rounds)])[1], 5.0)
    line = next(line for line in text.splitlines() if line.startswith("UDS"))
    assert line.endswith("x  wider than 10x  worse")
    assert "Slower by more than 5 %: UDS, ping-pong 128 B" in text


def test_what_one_run_alone_has_and_what_it_was_doubted_for_is_told(tmp_path: Path) -> None:
    plans = (replace(PLAN, size_bytes=64), replace(PLAN, transports=("uds", "tcp", "tcp6"), interval_ns=10**7))
    rounds = [(plan, [make_round(plan, number, steal_percent=7.0) for number in range(20)]) for plan in plans]
    ours, theirs = steady_run(tmp_path, "a"), written(tmp_path, "more", rounds)
    differ = [
        "the plans differ: interval 50ms and 10ms",
        "only B has TCP6 in ping-pong 128 B; it is not compared",
        "only B has ping-pong 64 B; it is not compared",
    ]
    doubted = "B, ping-pong 128 B: the hypervisor gave 7.0 % of the CPU to others"
    assert warnings_of(ours[1], theirs[1]) == [*differ, doubted]
    not_told = "A and B are CSV files, which do not tell the host: whether both are of the same is not known"
    assert warnings_of(ours[0], theirs[0]) == [*differ, not_told, doubted]
    not_told = "A is a CSV file, which does not tell the host: whether both are of the same is not known"
    assert warnings_of(*ours) == [not_told]


def test_what_a_file_of_the_first_version_does_not_tell_is_not_told_to_differ(tmp_path: Path) -> None:
    plan = Plan(transports=("uds", "tcp", "uds"), runtime="python", interval_ns=10**7)
    old = Path(__file__).parents[1] / "recording" / "data" / "run-0.1.csv"
    assert not any("differ" in text for text in warnings_of(old, steady_run(tmp_path, "now", plan=plan)[0]))


def test_segments_that_are_taken_together_are_told(tmp_path: Path) -> None:
    rounds = [make_round(PLAN, number) for number in range(20)]
    twice = written(tmp_path, "twice", [(PLAN, rounds), (PLAN, rounds)])[1]
    told = warnings_of(twice, steady_run(tmp_path, "once")[1])
    assert told == ["A has 2 segments of ping-pong 128 B, which are taken together"]


def test_plans_and_hosts_that_differ_are_told(tmp_path: Path) -> None:
    plan, host = replace(PLAN, size_bytes=256), replace(HOST, kernel="Linux 7.0")
    one, other = steady_run(tmp_path, "a")[1], steady_run(tmp_path, "b", plan=plan, host=host)[1]
    assert warnings_of(one, other) == [
        "the plans differ: size 128 and 256",
        "the hosts differ: kernel Linux 6.18 and Linux 7.0",
    ]
    assert "Warning: the plans differ" in text_of(one, other)


def test_a_lane_whose_socket_was_set_otherwise_is_told(tmp_path: Path) -> None:
    """On one machine, bbr or cubic makes a factor of five in bulk-send, and the buffer of a Unix socket a third."""
    paths = []
    for control, buffer_bytes in (("bbr", 212_992), ("cubic", 1024**2)):
        uds = SocketSettings(buffer_bytes, 131_072, None)
        tcp = SocketSettings(4 * buffer_bytes, 131_072, True, control)
        first = make_round(PLAN)
        intervals = [replace(each, client_socket=one) for each, one in zip(first.intervals, (uds, tcp), strict=True)]
        round_ = replace(first, intervals=tuple(intervals))
        paths.append(written(tmp_path, control, [(PLAN, [round_] * 12)])[1])
    told = [warning for warning in warnings_of(*paths) if " has " in warning]
    assert told == [
        "UDS has SO_SNDBUF 208 KiB in A and 1 MiB in B on the client's end",
        "TCP has congestion control bbr in A and cubic in B on the client's end",
    ]
    assert not any(" has " in warning for warning in warnings_of(paths[0], paths[0]))


def test_the_table(tmp_path: Path) -> None:
    one, other = steady_run(tmp_path, "a"), steady_run(tmp_path, "b", factor=1.2)
    lines = text_of(one[0], other[1]).splitlines()
    assert lines[0].split() == ["A", str(one[0])]
    assert lines[1].split() == ["B", str(other[1])]
    table = [line.split() for line in lines[3:10]]
    assert table[0] == ["A", "B", "B", "against", "A", "95", "%", "CI"]
    assert table[1][:6] == ["UDS", "ping-pong", "128", "B", "p50", "12.0"]
    assert table[4][-1] == "worse"


def test_what_may_still_be_slower_is_named(tmp_path: Path) -> None:
    one, other = steady_run(tmp_path, "a")[1], steady_run(tmp_path, "b", factor=1.05)[1]
    assert "Not ruled out that it is slower by more than 5 %: TCP, ping-pong 128 B" in text_of(one, other, 5.0)
