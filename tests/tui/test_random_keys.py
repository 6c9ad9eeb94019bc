"""Whatever keys are pressed, the figures on the screen that follow from one another do."""

from __future__ import annotations

import itertools
import re
from random import Random

from textual.pilot import Pilot

from tests.scripted import FakeProbe
from tests.tui.driving import settle, text_of, until
from udstui.text.answer_under_panels import SURE
from udstui.tui.app import UdstuiApp
from udstui.tui.key import all_keys
from udstui.tui.keys import GROUPS
from udstui.tui.widgets.answer_panel import AnswerPanel
from udstui.tui.widgets.lane_panel import LanePanel, PanelView

STEPS = 500
NOT_PRESSED = {"quit", "suspend", "picture"}
"""They leave, or write files."""
LANES = (("uds", "tcp"), ("tcp", "uds", "tcp", "uds"), ("uds", "uds+python", "tcp"), ("tcp",))
SIZES = ((80, 24), (60, 20), (120, 40))
_FACTORS = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "B/s": 1, "kB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9}
_ROUNDING = 1.011
"""Each figure has three digits."""


def value(view: PanelView) -> float:
    return float(view.figure) * _FACTORS[view.unit]


def percentiles(view: PanelView) -> list[float]:
    """As far as they are known, in the order of their names."""
    told = dict(re.findall(r"(p90|p99|p99\.9|max) +([\d.]+ \S+)", "  ".join(text for _, text in view.texts[0])))
    known = [told[name].split() for name in ("p90", "p99", "p99.9", "max") if name in told]
    return [float(figure) * _FACTORS[unit] for figure, unit in known]


def check(app: UdstuiApp) -> None:
    """What is on the screen with the race, where it is not frozen."""
    panels, session = list(app.race.query(LanePanel)), app.session
    assert len(panels) == len(session.plan.transports)
    number = session.segment.number or len(session.run.segments) + 1
    assert f"segment {number} · round {session.segment.rounds}".endswith(text_of(app, "#progress"))
    views = [panel.view for panel in panels]
    answer = app.race.query_one(AnswerPanel).answer
    if not session.segment.rounds:
        assert {view.figure for view in views} == {"–"}
        assert answer is None
        return
    is_more = session.segment.metric.better_is_more
    for view in views:
        middle = [] if is_more else [value(view)]
        order = [*middle, *percentiles(view)]
        assert all(low <= high * _ROUNDING for low, high in itertools.pairwise(order)), order
    if answer is None:
        assert len(views) == 1
        return
    check_answer(app, views)


def check_answer(app: UdstuiApp, views: list[PanelView]) -> None:
    answer, is_more = app.race.query_one(AnswerPanel).answer, app.session.segment.metric.better_is_more
    assert answer
    assert answer.seen.rounds == app.session.segment.rounds
    values = [value(view) for view in views]
    best = max(values) if is_more else min(values)
    first = [lane for lane, view in enumerate(views) if view.ranks[0].partition(" ")[0] in ("fastest", "most")]
    assert len(first) == 1
    assert max(values[first[0]] / best, best / values[first[0]]) < _ROUNDING
    for at, view in zip(values, views, strict=True):
        if view.ranks[-1].endswith("%"):
            percent = float(view.ranks[-1].strip("+− %"))
            assert abs(percent - 100 * abs(at / best - 1)) < 100 * (at / best * _ROUNDING**2 - at / best) + 1
    labels = [panel.label for panel in app.race.query(LanePanel)]
    better, worse = values[answer.better_lane], values[labels.index(answer.worse)]
    of_figures = better / worse if is_more else worse / better
    apart = float(answer.ratio[:-1]) / of_figures
    assert answer.all_operations or 1 / 1.05 < apart < 1.05, "the ratio follows from the figures, or it is said why not"
    if answer.state == SURE:
        assert answer.seen.ci_low and answer.seen.ci_low > 1
        assert answer.ratio in text_of(app, "#verdict") or len(values) > 2


def check_differences(app: UdstuiApp, views: list[PanelView]) -> None:
    """The Distribution has the same figures as the panels."""
    told = re.search(r"− .* p50 +([+−])([\d.]+) (\S+)", text_of(app, "#differences"))
    if told and len(views) == 2:
        sign, figure, unit = told.groups()
        first, second = map(value, views)
        difference = float(f"{sign}{figure}".replace("−", "-")) * _FACTORS[unit]
        assert abs(difference - (second - first)) < (_ROUNDING - 1) * (first + second)


async def check_all_is_drawn(app: UdstuiApp, probe: FakeProbe, pilot: Pilot[None]) -> None:
    """When it pauses, the tab shows what the panels show."""
    if probe.is_asked:
        await probe.answer()
    await until(pilot, lambda: not app.state.is_asking, "the pause")
    if app.state.waiting_rounds is None:
        await until(pilot, lambda: app.race._drawn_s == app.session.elapsed_s, "the drawing at the pause")
        await settle(app)
        check(app)
        if app.race.tabs.active is app.tab("distribution") and not app.session.segment.metric.better_is_more:
            check_differences(app, [panel.view for panel in app.race.query(LanePanel)])


async def test_figures_follow_from_one_another_whatever_is_pressed(app: UdstuiApp, probe: FakeProbe) -> None:
    random = Random(18)
    keys = [key.keys.split(",")[0] for key in all_keys(GROUPS) if key.id not in NOT_PRESSED]
    keys += ["W", "C", "B", "V", "N", "I", *"12345678", "tab", "left", "down", "enter"]
    async with app.run_test(size=SIZES[0]) as pilot:
        await probe.give(2)
        for step in range(STEPS):
            if app.screen is not app.race:
                await pilot.press("escape")
            elif app.state.is_paused:
                await check_all_is_drawn(app, probe, pilot)
                await pilot.press("space")
            elif step % 2 and probe.is_asked:
                slow = random.choice((1, 1, 1, 5))
                await probe.give(1, medians_ns=[slow * random.uniform(8_000, 40_000) for _ in range(4)])
            elif step % 50 == 10:
                lanes = random.choice(LANES)
                await app.attempt(lambda lanes=lanes: app.session.editor.choose("transports", lanes))  # type: ignore[misc]
            elif step % 50 == 20:
                await pilot.resize_terminal(*random.choice(SIZES))
            else:
                await pilot.press(random.choice(keys))
            if app.screen is app.race and app.state.waiting_rounds is None and step % 10 == 0:
                await settle(app)
                check(app)
