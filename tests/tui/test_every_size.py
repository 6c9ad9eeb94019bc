"""Tabs and the presenter's view at five sizes, with boxes and with nothing but ASCII; dialogs at two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.scripted import HOST, FakeProbe, make_round
from tests.tui.driving import settle
from udstui.plan import Plan
from udstui.results.lane_figures import lane_figures
from udstui.results.segment import Segment
from udstui.text.answer_under_panels import answer_of
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live
from udstui.tui.tabs import TABS
from udstui.tui.widgets.lane_panel import PanelView
from udstui.tui.widgets.presenter import Presenter, Told, picture

SIZES = ((200, 60), (120, 40), (100, 30), (80, 24), (60, 20))


@pytest.mark.parametrize(("terminal", "sizes"), [("xterm-256color", SIZES), ("linux", SIZES[3:4])])
async def test_nothing_is_cut_and_nothing_overlaps(
    *, probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch, terminal: str, sizes: Sequence[tuple[int, int]]
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("TERM", terminal)
    app = UdstuiApp(Live(probe, Plan(), HOST))
    async with app.run_test(size=SIZES[0]) as pilot:
        await probe.give(12)
        for width, height in sizes:
            await pilot.resize_terminal(width, height)
            for number, tab in enumerate(TABS, start=1):
                await pilot.press(str(number))
                await settle(app)
                lines = shown(app)
                assert len(lines) == height
                assert isinstance(app.race.tabs.active, tab)
                panels = [panel.region for panel in app.race.children if panel.display and panel.region.area]
                assert all(app.screen.region.contains_region(region) for region in panels)
                assert not any(one.overlaps(other) for one, other in itertools.combinations(panels, 2))
                assert app.race.tabs.active.region.height >= 5
                if terminal == "linux":
                    assert all(line.isascii() for line in lines), [line for line in lines if not line.isascii()]
            every = [each.label(short=width < 80) for each in app.race.tabs.every]
            assert any(all(title in line for title in every) for line in shown(app)), "all titles in one line"


@pytest.mark.parametrize("terminal", ["xterm-256color", "linux"])
async def test_the_presenters_view_at_every_size(
    probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch, terminal: str
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("TERM", terminal)
    app = UdstuiApp(Live(probe, Plan(), HOST))
    async with app.run_test(size=SIZES[0]) as pilot:
        await probe.give(12)
        await pilot.press("x")
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await settle(app)
            lines = shown(app)
            assert "leaves this view" in lines[-1]
            assert "UDS is 1.5" in lines[-2]
            assert 0.3 < rows_of_digits(app.race.query_one(Presenter)._lines, lane=2) / height < 0.38, (
                "about a third of the screen"
            )
            assert "UDS" in lines[1] and "TCP" in lines[1]


def rows_of_digits(lines: Sequence[Sequence[tuple[str, str, str]]], lane: int) -> float:
    """How high the large digits of a lane are. (The ratio has the color of the one that is ahead.)"""
    rows = ["".join(text for text, style, _ in line if style == f"lane-{lane}") for line in lines]
    return sum(1.0 if "█" in row else 0.5 for row in rows if set(row) & set("█▀▄"))


@pytest.mark.parametrize("size", [*SIZES, (120, 24), (80, 50)])
@pytest.mark.parametrize(("lanes", "least"), [(1, 0.3), (2, 0.3), (3, 0.25), (4, 0.25)])
def test_the_digits_of_every_lane_are_as_high_and_hide_nothing(lanes: int, least: float, size: tuple[int, int]) -> None:
    labels, (width, height) = ("UDS", "TCP", "pipe", "TCP6")[:lanes], size
    views = [PanelView(figure, "µs", ("round trip, p50", "p50")) for figure in ("12.1", "1.84", "24.0", "128")]
    segment = Segment(Plan(transports=("uds", "tcp", "pipe", "tcp6")[:lanes]))
    for number in range(24):
        segment.add(make_round(segment.plan, number))
    answer = answer_of(segment, [lane_figures(segment, lane) for lane in range(lanes)], segment.verdicts())
    without = picture(Told(labels, views[:lanes]), width, height - 1).rows()
    every = {rows_of_digits(without, lane) for lane in range(1, lanes + 1)}
    assert len(every) == 1 and least <= every.pop() / height < 0.38
    lines = picture(Told(labels, views[:lanes], answer, ["in a sentence"]), width, height - 1).rows()
    text = ["".join(run for run, _, _ in line) for line in lines]
    for before, after in zip(without, text, strict=True):
        said = "".join(run for run, _, _ in before)
        assert all(one in (other, " ") for one, other in zip(said, after, strict=True)), "the ratio hides a lane"
    assert all(any(label in line for line in text) for label in labels)
    assert "in a sentence" in text[-2]


def shown(app: UdstuiApp) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def test_a_terminal_that_is_too_small_at_first(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(app)
        assert any("here it has 40x10" in line for line in shown(app))
        await pilot.resize_terminal(120, 40)
        await probe.give()
        assert any("1 Timeline" in line for line in shown(app))


async def test_a_terminal_that_becomes_too_small_shows_nothing_else(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give(2)
        await pilot.press("x")
        app.tell("the probe is gone", "error")
        await pilot.resize_terminal(50, 12)
        await settle(app)
        assert " ".join(" ".join(shown(app)).split()) == "udstui needs 60x20; here it has 50x12. q quits"


@pytest.mark.parametrize("key", ["t", "s", "k", "e", "a"])
@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_every_dialog_tells_the_key_that_leaves_it(
    app: UdstuiApp, probe: FakeProbe, key: str, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await probe.give(2)
        await pilot.press(key)
        await settle(app)
        told = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "· esc leaves" in told or "· esc closes" in told
        await pilot.press("escape")
        await settle(app)
        assert app.screen is app.race
