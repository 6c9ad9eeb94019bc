"""What every key has to do, whichever way it is made to; whatever it does, it is seen on the screen."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from textual.app import App
from textual.command import CommandPalette

from tests.tui.driving import change, dialog_text, figures, until
from tests.tui.key_checks_of_plan import CHECKS  # with what those have to do that change the plan
from tests.tui.stage import Stage, checks
from udstui.tui.screens.caveats import CaveatsScreen
from udstui.tui.screens.export import ExportScreen
from udstui.tui.widgets.help_panel import HelpPanel

__all__ = ["CHECKS"]


@checks("help")
async def help_panel(stage: Stage) -> None:
    await stage.act()
    assert stage.app.race.query(HelpPanel)
    await stage.act()
    assert not stage.app.race.query(HelpPanel)


@checks("quit")
async def quit_(stage: Stage) -> None:
    await stage.press()
    await until(stage.pilot, lambda: not stage.app.is_running, "the end")
    assert stage.app.return_code == 0


@checks("pause")
async def pause(stage: Stage) -> None:
    await stage.act()
    assert "⏸ pausing" in stage.text("#state")
    await stage.act()
    assert "● measuring" in stage.text("#state")


@checks("experiment")
async def experiment(stage: Stage) -> None:
    await stage.pilot.press("3")
    await stage.act()
    assert stage.text("#notice").startswith("sweep: round 1 of ")
    await stage.act()
    assert stage.text("#notice") == "stopped the sweep; the race goes on"


@checks("freeze")
async def freeze(stage: Stage) -> None:
    before = figures(stage.app)
    await stage.act()
    await stage.probe.give(2, medians_ns=(1_000, 2_000))
    assert "❄ frozen: 2 rounds not shown" in stage.text("#state")
    assert figures(stage.app) == before
    await stage.act()
    assert "● measuring" in stage.text("#state")
    assert figures(stage.app) != before


@checks("take_back")
async def take_back(stage: Stage) -> None:
    await stage.pilot.press("right_square_bracket")
    await stage.act()
    assert stage.text("#setting-size") == "[ s ] 128 B"
    assert stage.text("#notice").startswith("took back the last change; segment ")


@checks("segment")
async def segment(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#notice") == "a new segment: statistics start anew"
    assert figures(stage.app) == ["– ", "– "]
    assert stage.app.session.run.log[-1].text == "statistics started anew"


@checks("export")
async def export(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, ExportScreen)
    assert dialog_text(stage.app, "#paths").endswith(".json")
    await stage.pilot.press("escape")


@checks("command")
async def copy_command(stage: Stage) -> None:
    change(stage.app.session, size_bytes=4096)
    await stage.act()
    assert stage.app.clipboard == "udstui run --size 4K"
    assert stage.text("#notice").startswith("sent to the terminal")
    assert "by hand: udstui run --size 4K" in stage.text("#notice")
    await stage.pilot.press("escape")


@checks("layers")
async def layers(stage: Stage) -> None:
    change(stage.app.session, workload="rpc")
    await stage.act()
    await until(stage.pilot, lambda: stage.active_tab == "layers", "the tab")
    assert stage.text("#notice").startswith("layers: round 1, native, ")
    await stage.pilot.press("g")
    assert stage.text("#notice") == "stopped the layers; the race goes on"


@checks("picture")
async def picture(stage: Stage) -> None:
    await stage.act()
    path = Path(stage.text("#notice").removeprefix("saved "))
    assert path.read_text().startswith("<svg")
    path.unlink()


@checks("maximize")
async def maximize(stage: Stage) -> None:
    await stage.act()
    assert stage.app.race.tabs.active.region.height > 30
    await stage.act()
    assert stage.app.race.tabs.active.region.height < 30


@checks("zoom.out")
async def zoom_out(stage: Stage) -> None:
    for window in ("last 10 min", "whole run", "whole run"):
        await stage.act()
        assert stage.text("#notice") == f"timeline: {window}"
    await stage.pilot.press("plus", "plus")


@checks("zoom.in")
async def zoom_in(stage: Stage) -> None:
    for window in ("10 s", "10 s"):
        await stage.act()
        assert stage.text("#notice") == f"timeline: last {window}"
    await stage.pilot.press("minus")


@checks("present")
async def present(stage: Stage) -> None:
    await stage.act()
    shown = stage.app.race.query_one("#presenter")
    assert shown.display
    assert "█" in "".join(shown.render_line(y).text for y in range(shown.size.height))
    await stage.act()
    assert not shown.display


@checks("segment.before")
async def segment_before(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#timeline .legend").startswith("segment ")
    for _ in range(3):
        await stage.pilot.press("greater_than_sign")


@checks("segment.after")
async def segment_after(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#notice").startswith("no segment is looked at")


@checks("sweep.view")
async def sweep_view(stage: Stage) -> None:
    await stage.act()
    await until(stage.pilot, lambda: stage.active_tab == "sweep", "the tab")


@checks("distribution")
async def distribution(stage: Stage) -> None:
    await stage.probe.give()
    for view in ("round trip at each percentile", "share of round trips by duration"):
        await stage.act()
        await until(stage.pilot, lambda: stage.active_tab == "distribution", "the tab")
        await until(stage.pilot, lambda view=view: view in stage.text("#distribution .legend"), view)  # type: ignore[misc]


@checks("caveats")
async def caveats(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, CaveatsScreen)
    await stage.pilot.press("escape")
    assert stage.app.screen is stage.app.race


@checks("all")
async def all_of_it(stage: Stage) -> None:
    await stage.act()
    await until(stage.pilot, lambda: isinstance(stage.app.screen, CommandPalette), "the palette")
    await stage.pilot.press("escape")
    await until(stage.pilot, lambda: stage.app.screen is stage.app.race, "the race")


@checks("suspend")
async def suspend(stage: Stage) -> None:
    """The terminal itself is suspended in the tests under end_to_end."""
    with patch.object(App, "action_suspend_process") as suspended:
        await stage.act()
    suspended.assert_called_once()
