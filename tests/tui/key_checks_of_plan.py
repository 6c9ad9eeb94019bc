"""What the keys that change the plan have to do."""

from __future__ import annotations

from tests.tui.driving import change, figures, settle
from tests.tui.stage import CHECKS, Stage, checks
from udstui.settings import setting_named
from udstui.tui.screens.choice import ChoiceScreen
from udstui.tui.screens.size import SizeScreen
from udstui.tui.screens.transports import TransportsScreen

__all__ = ["CHECKS"]


@checks("workload")
async def workload(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-workload") == "w bulk-send"
    assert stage.text("#setting-size") == "[ s ] 512 KiB"
    assert figures(stage.app) == ["– ", "– "]


@checks("size.halve")
async def halve(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-size") == "[ s ] 64 B"


@checks("size.double")
async def double(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-size") == "[ s ] 256 B"


@checks("size.type")
async def type_size(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, SizeScreen)
    await stage.pilot.press(*"3K", "enter")
    await settle(stage.app)
    assert stage.text("#setting-size") == "[ s ] 3 KiB"


@checks("transports")
async def transports(stage: Stage) -> None:
    await stage.act()
    assert isinstance(stage.app.screen, TransportsScreen)
    await stage.pilot.press("escape")


async def goes_through(stage: Stage, setting: str, values: list[str]) -> None:
    for value in values:
        await stage.act()
        assert f"{setting}: {value}" in stage.text(f"#setting-{setting}")
        assert stage.text("#notice") == f"{setting}: {value}: {setting_named(setting).explain(value)}"


@checks("runtime")
async def runtime(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-runtime") == "i python"
    assert stage.text("#notice") == f"runtime: python: {setting_named('runtime').explain('python')}"


@checks("server")
async def server(stage: Stage) -> None:
    await goes_through(stage, "server", ["thread", "process"])


@checks("cores")
async def cores(stage: Stage) -> None:
    await goes_through(stage, "cores", ["same", "split", "free", "auto"])


@checks("wait")
async def wait(stage: Stage) -> None:
    await goes_through(stage, "wait", ["spin", "poll", "block"])


@checks("connections")
async def connections(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-connections") == "n ×4"


@checks("rate")
async def rate(stage: Stage) -> None:
    await stage.act()
    assert stage.text("#setting-rate") == "m 1.00 k/s"


@checks("more")
async def more(stage: Stage) -> None:
    change(stage.app.session, workload="connect")
    await stage.act()
    await stage.pilot.press("enter", "down", "enter")
    await settle(stage.app)
    assert stage.text("#setting-more") == "k close: rst"
    assert stage.text("#notice") == f"close: rst: {setting_named('close').explain('rst')}"
    await stage.pilot.click("#setting-more")
    assert isinstance(stage.app.screen, ChoiceScreen)
    await stage.pilot.press("escape")
