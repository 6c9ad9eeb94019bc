"""Editing a plan by keys and dialogs, without a screen."""

from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.tui import plan_editor
from udstui.tui.plan_editor import PlanEditor


def test_a_workload_comes_with_the_size_that_it_had_last() -> None:
    editor = PlanEditor(Plan(size_bytes=64))
    editor.choose("workload", "bulk-send")
    assert editor.plan.size_bytes == 512 * 1024
    editor.double_size()
    editor.choose("workload", "ping-pong")
    assert editor.plan.size_bytes == 64
    editor.choose("workload", "bulk-send")
    assert editor.plan.size_bytes == 1024**2


def test_a_workload_that_is_measured_in_between_takes_no_size_along() -> None:
    editor = PlanEditor(Plan())
    editor.choose("workload", "bulk-send")
    editor.change(workload="ping-pong")
    assert editor.plan.size_bytes == 512 * 1024
    editor.choose("workload", "bulk-send")
    editor.choose("workload", "ping-pong")
    assert editor.plan == Plan()


def test_lanes_that_carry_less_do_not_shrink_what_is_remembered() -> None:
    editor = PlanEditor(Plan(transports=("udp",)))
    editor.choose("workload", "bulk-send")
    assert editor.plan.size_bytes == 65507
    editor.choose("workload", "ping-pong")
    editor.change(transports=("uds",))
    editor.choose("workload", "bulk-send")
    assert editor.plan.size_bytes == 512 * 1024


def test_what_cannot_be_measured_changes_nothing() -> None:
    editor = PlanEditor(Plan(transports=("udp", "uds")))
    for change in ({"size_bytes": 2**20}, {"workload": "http"}, {"cores": "0,4711"}, {"connections": 0}):
        with pytest.raises(UsageError):
            editor.change(**change)
    assert editor.plan == Plan(transports=("udp", "uds"))


def test_choices_that_cannot_be_measured_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_editor, "available_cores", lambda: (3,))
    editor = PlanEditor(Plan(transports=("udp",), cores="same"))
    assert editor.next_choice("cores")
    assert editor.plan.cores == "free"
    editor.choose("workload", "bulk-send")
    assert editor.next_choice("workload")
    assert editor.plan.workload == "one-way"  # connect is left out too


def test_a_value_that_is_no_choice_is_followed_by_the_first() -> None:
    editor = PlanEditor(Plan(connections=7))
    assert editor.next_choice("connections")
    assert editor.plan.connections == 1


def test_a_rate_goes_through_its_choices_and_a_workload_that_knows_none_says_so() -> None:
    editor = PlanEditor(Plan())
    assert editor.next_choice("rate_per_s") and editor.plan.rate_per_s == 1000
    assert editor.next_choice("rate_per_s", -1) and editor.plan.rate_per_s == 0
    editor.choose("workload", "bulk-send")
    before = editor.plan
    with pytest.raises(UsageError, match="bulk-send knows no --rate"):
        editor.next_choice("rate_per_s")
    assert editor.plan == before
