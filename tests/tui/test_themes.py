"""Every built-in theme can be read, the lanes can be told apart by everybody, and the chosen theme is remembered."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem, ColorType
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, change, settle, text_of
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live

ANSI_THEMES = sorted(name for name in BUILTIN_THEMES if "ansi" in name)
THEMES = sorted(set(BUILTIN_THEMES) - set(ANSI_THEMES))
"""Those whose contrast can be known: the others have the colours that the user has given to the terminal."""
LINES = frozenset(" ─│╭╮╰╯┌┐└┘├┤┬┴┼╶╴╷╵━╸╺▁▂▃▄▅▆▇█▌▀")
"""What is drawn and not read. (Bars and frames have the colour of the figure, which is tested as text.)"""
READABLE, LARGE_TEXT = 4.5, 3.0
"""Contrast of body text, and the least that anything may have (WCAG 2.2, 1.4.3 and 1.4.11)."""


def luminance(color: Color) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [part / 255 for part in color.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """WCAG 2.2, contrast ratio: 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def texts(app: UdstuiApp, selector: str = "Screen") -> Iterator[tuple[str, float]]:
    """What can be read on the screen (in these widgets), and its contrast, as it reaches the terminal."""
    strips = app.screen._compositor.render_strips()
    for widget in [app.race] if selector == "Screen" else list(app.race.query(selector)):
        x, y, width, height = widget.region
        for strip in strips[y : y + height]:
            for segment in strip.crop(x, x + width):
                style = segment.style
                if style and style.color and style.bgcolor and not set(segment.text) <= LINES:
                    yield segment.text, contrast(truecolor(style.color), truecolor(style.bgcolor))


def truecolor(color: RichColor) -> Color:
    assert color.type is ColorType.TRUECOLOR
    return Color.from_rich_color(color)


BODY = (
    "LanePanel", "#verdict", "#notice", "#state", "#name", "SettingButton", "#host", "#progress", ".legend",
    "KeysFooter", "TabBar",
)  # fmt: skip


async def test_every_theme_can_be_read(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        await probe.give(24)
        change(app.session, transports=("uds", "tcp", "uds", "tcp"))
        await app.race.show_plan()
        await probe.give(14)
        faint: list[str] = []
        for theme in THEMES:
            app.theme = theme
            app.tell("something happened")
            await settle(app)
            faint += [f"{theme}: {text!r} {ratio:.2f}" for text, ratio in texts(app) if ratio < LARGE_TEXT]
            for selector in BODY:
                found = list(texts(app, selector))
                assert found, selector
                faint += [f"{theme} {selector}: {text!r} {ratio:.2f}" for text, ratio in found if ratio < READABLE]
        assert not set(faint)


async def test_a_theme_of_the_terminals_own_colours_leaves_text_and_background_to_it(
    app: UdstuiApp, probe: FakeProbe
) -> None:
    async with app.run_test(size=SIZE):
        await probe.give(24)
        for theme in ANSI_THEMES:
            app.theme = theme
            await settle(app)
            x, y, width, _ = app.race.query_one("#verdict").region
            strip = app.screen._compositor.render_strips()[y].crop(x, x + width)
            assert "UDS is 1.50x faster" in strip.text
            colors = [color for part in strip if part.style for color in (part.style.color, part.style.bgcolor)]
            assert all(color is None or color.type is ColorType.DEFAULT for color in colors), theme


DEFICIENCIES = {
    # Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "nobody's": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}


def seen(color: Color, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """The colour as it is seen, in CIE L*a*b* (D65)."""
    parts = [part / 255 for part in color.rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (sum(weight * part for weight, part in zip(row, linear, strict=True)) for row in matrix)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (math.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("matrix", DEFICIENCIES.values(), ids=DEFICIENCIES.keys())
def test_the_lanes_stay_apart_for_everybody(app: UdstuiApp, matrix: tuple[tuple[float, ...], ...]) -> None:
    """A difference of 2.3 can just be seen (CIE 1976); the two lanes that everything is about are far from that."""
    for theme in BUILTIN_THEMES:
        app.theme = theme
        variables = app.get_css_variables()
        lanes = [seen(Color.parse(variables[f"lane-{lane}"]), matrix) for lane in range(1, 5)]
        assert math.dist(lanes[0], lanes[1]) > 40, theme
        for one, other in itertools.combinations(lanes, 2):
            assert math.dist(one, other) > 8, theme


def test_the_lanes_stay_apart_where_there_are_16_colours(
    probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And from the text and what is behind it: no two of them are a cyan and a brighter one."""
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")
    monkeypatch.setenv("HOME", str(folder))
    app = UdstuiApp(Live(probe, Plan(), HOST))
    grey = {0, 7}
    for theme in THEMES:
        app.theme = theme
        variables = app.get_css_variables()
        lanes = [RichColor.parse(variables[f"lane-{lane}"]).downgrade(ColorSystem.STANDARD) for lane in range(1, 5)]
        hues = [(color.number or 0) % 8 for color in lanes]  # 8 to 15 are the bright ones of 0 to 7
        assert len(set(hues)) == 4, theme
        assert not grey & set(hues), theme


async def test_without_colours_names_tell_the_lanes_apart(
    probe: FakeProbe, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("HOME", str(folder))
    app = UdstuiApp(Live(probe, Plan(), HOST))
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(24)
        for tab in "12":
            await pilot.press(tab)
            await settle(app)
            strips = app.screen._compositor.render_strips()
            styles = [segment.style for strip in strips for segment in strip if segment.style]
            colors = [truecolor(color) for style in styles for color in (style.color, style.bgcolor) if color]
            assert all(len(set(color.rgb)) == 1 for color in colors)  # greys
            x, y, width, height = app.race.tabs.active.region
            shown = "\n".join(strip.crop(x, x + width).text for strip in strips[y : y + height])
            assert shown.count("UDS") >= 2  # in the legend and at the line
            assert shown.count("TCP") >= 2
            assert "━●━ UDS" in shown  # a sign of another kind for each
            assert "━■━ TCP" in shown


async def test_the_chosen_theme_is_remembered(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE):
        await probe.give()
        app.theme = "nord"
        await settle(app)
    again = UdstuiApp(Live(FakeProbe(), Plan(), HOST))
    async with again.run_test(size=SIZE):
        assert again.theme == "nord"


async def test_a_theme_that_cannot_be_remembered_is_said_so_and_used(
    app: UdstuiApp, probe: FakeProbe, folder: Path
) -> None:
    (folder / ".local").write_text("in the way")
    async with app.run_test(size=SIZE):
        await probe.give()
        app.theme = "nord"
        await settle(app)
        assert text_of(app, "#notice").startswith(f"cannot remember the theme in {folder}/.local/state/udstui/theme: ")
        assert app.session.run.log[-1].kind == "error"
        assert app.theme == "nord"


@pytest.mark.parametrize("content", ["no-such-theme", "", "\0", "x" * 10_000])
async def test_a_theme_that_is_not_known_is_passed_over(app: UdstuiApp, folder: Path, content: str) -> None:
    path = folder / ".local/state/udstui/theme"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    async with app.run_test(size=SIZE):
        assert app.theme == "textual-dark"
