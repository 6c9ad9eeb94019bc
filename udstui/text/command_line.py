"""A plan as the command that measures it."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from udstui.plan import Plan
from udstui.settings import SETTINGS, TARGETS
from udstui.settings.of_plan import usual_plan
from udstui.settings.setting import Setting
from udstui.workloads import takes_size


def command_line(plan: Plan, command: str = "run", *more: str, without: Collection[str] = ()) -> str:
    """The shortest: what has its default value is left out, and so are the fields that the command does without."""
    usual = usual_plan(plan.workload)
    words = ["udstui", command, *more]
    if not takes_size(plan):
        without = {*without, "size_bytes"}
    for setting in SETTINGS:
        if setting.name in without:
            continue
        value = getattr(plan, setting.name)
        if value != getattr(Plan() if setting.name == "workload" else usual, setting.name):
            words += _words(setting, plan)
    return shlex.join(words)


def _words(setting: Setting, plan: Plan) -> list[str]:
    if not setting.several:
        return [setting.option, setting.format(getattr(plan, setting.name))]
    return [
        word
        for text, lane in zip(plan.transports, plan.lanes(), strict=True)
        for word in (TARGETS.option if lane.is_target else setting.option, text)
    ]
