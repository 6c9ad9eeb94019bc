"""The rows that the dashboard keeps: private, there after a kill, ten runs at most, and never one that is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from udstui.errors import RecordingError
from udstui.recording import kept_runs
from udstui.recording.kept_runs import keep, kept_folder, last_kept
from udstui.tui.kept_rows import KeptRows


@pytest.fixture(autouse=True)
def state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))


def named(number: int, size: int = 10_000) -> Path:
    place = kept_folder()
    assert place
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"run-20260101-0000{number:02d}-abcdef.csv"
    path.write_bytes(b"x" * size)
    path.with_suffix(".json").write_text("{}")
    return path


def test_rows_are_there_at_once_and_private() -> None:
    place = kept_folder()
    with KeptRows(place) as rows:
        rows.add("one\n")
        path = last_kept()
        assert path == rows.path
        assert path.read_text().endswith("one\n")
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.exists()
    assert rows.tell(lambda: "{}") == ""
    assert path.with_suffix(".json").read_text() == "{}"


def test_a_run_without_a_round_leaves_nothing() -> None:
    with KeptRows(kept_folder()):
        pass
    with pytest.raises(RecordingError, match="no run was kept"):
        last_kept()


def test_ten_runs_are_kept_and_the_oldest_go_first() -> None:
    old = [named(number) for number in range(12)]
    path, file = keep(old[0].parent)
    file.close()
    assert [each.exists() for each in old] == [False] * 3 + [True] * 9
    assert not old[0].with_suffix(".json").exists()
    assert path.exists()


@pytest.mark.parametrize("newest", ["20991231-235959", "99999999-999999"])
def test_a_clock_that_was_set_back_hides_no_run_behind_older_ones(newest: str) -> None:
    old = named(1).rename(named(2).with_name(f"run-{newest}-000000.csv"))
    for _ in range(3):
        with KeptRows(old.parent) as rows:
            rows.add("one\n")
        assert last_kept() == rows.path or newest.startswith("9999")


def test_two_dashboards_may_make_room_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    old = [named(number) for number in range(12)]
    old[5].unlink()
    seen = sorted(old, reverse=True)
    monkeypatch.setattr(kept_runs, "_newest_first", lambda _: iter(seen))
    path, file = keep(old[0].parent)
    file.close()
    assert path.exists() and not old[0].exists()


def test_what_another_user_put_there_is_neither_replayed_nor_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, link = named(1), named(2)
    link.unlink()
    link.symlink_to(ours)
    assert last_kept() == ours, "a link is none of ours"
    monkeypatch.setattr("os.geteuid", lambda: 54321)
    with pytest.raises(RecordingError, match="no run was kept"):
        last_kept()


def test_a_dashboard_that_was_killed_before_its_first_round_hides_no_run() -> None:
    ours = named(1)
    keep(ours.parent)[1].close()
    with KeptRows(ours.parent) as nothing_yet:
        assert nothing_yet.path != last_kept() == ours


def test_a_file_that_a_user_put_there_is_neither_replayed_nor_removed() -> None:
    newest, theirs = named(12), named(11).rename(named(11).with_name("run-before-the-update.csv"))
    assert last_kept() == newest
    for number in range(12):
        named(number)
    keep(theirs.parent)[1].close()
    assert theirs.exists()


def test_large_runs_go_sooner_but_the_newest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_runs, "MOST_BYTES", 100)
    old = [named(1, 60), named(2, 60)]
    keep(old[0].parent)[1].close()
    assert [each.exists() for each in old] == [False, True]


def test_what_stands_beside_the_rows_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_runs, "MOST_BYTES", 200)
    old = [named(1, 60), named(2, 60)]
    old[1].with_suffix(".json").write_text("x" * 100)
    keep(old[0].parent)[1].close()
    assert [each.exists() for each in old] == [False, True]


def test_a_run_that_is_written_stays() -> None:
    with KeptRows(kept_folder()) as rows:
        rows.add("one\n")
        assert rows.path
        for number in range(12):
            named(number).rename(rows.path.with_name(f"run-29990101-0000{number:02d}-abcdef.csv"))
        keep(rows.path.parent)[1].close()
        assert rows.path.exists()


def test_rows_that_cannot_be_kept_wait_for_an_export_and_say_so(folder: Path) -> None:
    (folder / "udstui").write_text("a file in the way")
    with KeptRows(kept_folder()) as rows:
        assert "press e before q" in rows.problem
        rows.add("one\n")
        assert rows.path is None
