"""The rows of the settings: what is typed, what is told, and what no plan may have."""

from __future__ import annotations

import pytest
from msgspec.structs import fields, replace

from udstui.errors import UsageError
from udstui.plan import Plan
from udstui.settings import SETTINGS, Setting, setting_named
from udstui.settings.of_plan import check_settings, usual_plan
from udstui.workloads import WORKLOADS

ROWS = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.id)


def test_every_field_of_a_plan_has_a_row() -> None:
    assert {setting.name for setting in SETTINGS} == {field.name for field in fields(Plan)}


@ROWS
def test_help_tells_the_value_that_a_plan_has_where_nothing_is_asked_for(setting: Setting) -> None:
    if not setting.default:
        assert setting.parse(setting.usual or next(iter(setting.choices()))) == getattr(Plan(), setting.name)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_plan_with_nothing_else_asked_for_is_sound(workload: str) -> None:
    check_settings(usual_plan(workload))


@ROWS
def test_what_is_shown_can_be_typed(setting: Setting) -> None:
    value = getattr(Plan(), setting.name)
    values = setting.values or ((value,) if not setting.several else value)
    for value in values:
        assert setting.parse(setting.format(value)) == value
        assert not setting.choices or setting.explain(value)


@pytest.mark.parametrize(
    "change",
    [
        {"transports": ()},
        {"transports": ("uds",) * 5},
        {"transports": ("pigeon",)},
        {"transports": ("uds:2",)},
        {"transports": ("tcp:",)},
        {"transports": ("uds+fortran",)},
        {"runtime": "fortran"},
        {"workload": "carry"},
        {"size_bytes": 0},
        {"size_bytes": -1},
        {"size_bytes": 64 * 2**20 + 1},
        {"server": "elsewhere"},
        {"cores": "many"},
        {"cores": "0"},
        {"wait": "sleep"},
        {"connections": 0},
        {"connections": 4097},
        {"interval_ns": 0},
        {"interval_ns": 10**10},
        {"warmup_ns": -1},
        {"warmup_ns": 10**12},
    ],
)
def test_a_plan_out_of_range_is_refused_with_a_remedy(change: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        check_settings(replace(Plan(), **change))
    assert caught.value.remedy


def test_no_warm_up_can_be_asked_for() -> None:
    warmup = setting_named("warmup_ns")
    assert warmup.parse("0s") == 0
    assert warmup.format(0) == "0s"


@pytest.mark.parametrize(
    ("typed", "lane"), [("uds+python", "uds+python"), ("uds:///x", "unix:/x"), ("tcp://[::1]:80", "tcp:[::1]:80")]
)
def test_a_lane_is_a_transport_in_a_runtime_or_an_address(typed: str, lane: str) -> None:
    assert setting_named("transports").parse(typed) == lane
