from __future__ import annotations

from msgspec import structs

from tests.earlier import HERE, found
from udstui.plan import Plan
from udstui.results.earlier import Here
from udstui.text.history import history_text


def test_runs_and_what_is_expected_of_the_next() -> None:
    runs = [found(1.6), found(1.61), found(1.62), found(1.2, Plan(size_bytes=4096))]
    lines = history_text([*runs, found(9.0, here=Here("other", "1.0", HERE.host))], HERE, 1).splitlines()
    assert lines[0].split() == ["when", "lanes", "ratio", "95", "%", "CI", "in", "the", "run", "rounds", "plan"]
    assert lines[4].endswith("UDS : TCP  p50  1.200x      1.188 to 1.212      50  run --size 4K")
    assert "*" in lines[5] and lines[6].startswith("* of another machine")
    assert lines[8:10] == [
        "Expected of the next run on this machine, 19 times of 20:",
        "UDS : TCP  p50  1.561x to 1.660x  3 runs  run",
    ]
    assert lines[-1] == "Passed over: 1 line torn, or of another version"


def test_a_run_of_several_plans_is_not_several_runs() -> None:
    session = [structs.replace(found(1.6, Plan(interval_ns=number * 10**8)), run_id="r-session") for number in (1, 2)]
    assert "Expected" not in history_text([*session, found(1.61)], HERE, 0)
    assert "  3 runs  " in history_text([*session, found(1.61), found(1.62)], HERE, 0)


def test_too_few_runs_say_how_many_it_takes() -> None:
    assert history_text([found(1.6)], HERE, 0).endswith("what to expect of the next (run --repeat)")
    assert history_text([], HERE, 0).startswith("No run has left a line yet")


def test_what_a_file_holds_moves_no_cursor() -> None:
    said = history_text([structs.replace(found(1.6), at="\x1b[2Jx")], HERE, 0)
    assert "\x1b" not in said
