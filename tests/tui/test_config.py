"""The user's own keys: they work, they are shown, and a file that is wrong is said to be so, with the usual keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, settle, text_of
from udstui.errors import UdstuiError
from udstui.tui.app import UdstuiApp
from udstui.tui.config import config_path, read_keymap
from udstui.tui.widgets.help_panel import HelpPanel


@pytest.fixture
def config(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the dashboard of these tests reads its keys."""
    monkeypatch.setenv("HOME", str(folder))
    path = folder / ".config/udstui/config.toml"
    path.parent.mkdir(parents=True)
    return path


async def test_the_users_keys_work_and_are_shown(app: UdstuiApp, probe: FakeProbe, config: Path) -> None:
    config.write_text('[keys]\nworkload = "j"\n"size.double" = "ctrl+b, f5"\nserver="N"\n')
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press("w")
        assert app.session.plan.workload == "ping-pong"
        await pilot.press("f5", "ctrl+b", "N")
        assert app.session.plan.size_bytes == 512
        assert app.session.plan.server == "thread"
        await pilot.press("j")
        assert text_of(app, "#setting-workload") == "j bulk-send"
        assert text_of(app, "#setting-size").startswith("[ s ^b ")
        assert text_of(app, "#setting-server").startswith("N ")
        await pilot.press("question_mark")
        await settle(app)
        lines = [str(line.content).split() for line in app.race.query_one(HelpPanel).query(Static)]
        assert ["j", "Workload"] in lines
        assert ["^b", "Double", "the", "size"] in lines


WRONG = {
    "an unknown name": ('[keys]\nworkloud = "x"', "config.toml (did you mean 'workload'?)"),
    "a key that another has": ('[keys]\nworkload = "s"', "'s' is there more than once, or reserved"),
    "twice the same": ('[keys]\nworkload = "j"\nwait = "j"', "'j' is there more than once, or reserved"),
    "a tab's key": ('[keys]\nworkload = "1"', "'1' is there more than once, or reserved"),
    "the way out": ('[keys]\nworkload = "ctrl+c"', "'ctrl+c' is there more than once, or reserved"),
    "not TOML": ("[keys\nworkload", "is not TOML: "),
    "not text": (b"\xff\xfe", "is not TOML: "),
    "a table too deep": ("x=" + "[" * 5000, "is not TOML: "),
    "no table": ("keys = 3", "keys is not a table"),
    "a number": ("[keys]\nworkload = 3", 'the keys of workload are not spelled like "w" or "ctrl+w,f2"'),
    "a list": ('[keys]\nworkload = ["x"]', 'the keys of workload are not spelled like "w" or "ctrl+w,f2"'),
    "nothing": ('[keys]\nworkload = ""', 'the keys of workload are not spelled like "w" or "ctrl+w,f2"'),
    "spaces": ('[keys]\nworkload = "x y"', 'the keys of workload are not spelled like "w" or "ctrl+w,f2"'),
    "no key": ('[keys]\nworkload = "nosuchkey"', "no key is called 'nosuchkey'"),
    "no key but a modifier": ('[keys]\nworkload = "ctrl+nosuchkey"', "no key is called 'ctrl+nosuchkey'"),
    "to the next control": ('[keys]\nworkload = "tab"', "'tab' is there more than once, or reserved"),
    "what a terminal sends for tab": ('[keys]\nworkload = "ctrl+i"', "'ctrl+i' is there more than once, or reserved"),
    "to choose": ('[keys]\nworkload = "f5, enter"', "'enter' is there more than once, or reserved"),
    "up": ('[keys]\nworkload = "up"', "'up' is there more than once, or reserved"),
    "down": ('[keys]\nworkload = "down"', "'down' is there more than once, or reserved"),
    "out of a dialog": ('[keys]\nworkload = "escape"', "'escape' is there more than once, or reserved"),
    "a key of the replay": ('[keys]\nfaster = "z"', "'z' is there more than once, or reserved"),
    "a bracket": ('[keys]\n"size.halve" = "["', 'the keys of size.halve are not spelled like "w" or "ctrl+w,f2"'),
}


@pytest.mark.parametrize(("content", "problem"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_with_a_file(config: Path, content: str | bytes, problem: str) -> None:
    config.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UdstuiError) as raised:
        read_keymap(config)
    assert "~/.config/udstui/config.toml" in raised.value.what
    assert problem in raised.value.what
    assert raised.value.remedy == "the usual keys are used"


@pytest.mark.parametrize("wrong", ["an unknown name", "a key that another has", "not TOML", "a number"])
async def test_a_wrong_file_is_said_so_and_the_usual_keys_stay(
    app: UdstuiApp, probe: FakeProbe, config: Path, wrong: str
) -> None:
    content, problem = WRONG[wrong]
    config.write_text(str(content))
    await is_said(app, probe, config, problem)


async def is_said(app: UdstuiApp, probe: FakeProbe, config: Path, problem: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        said = text_of(app, "#notice")
        assert "~/.config/udstui/config.toml" in said
        assert problem in said
        assert said.startswith("the usual keys are used: ")
        assert ("error", said.removesuffix(" · esc closes this")) in [
            (entry.kind, entry.text) for entry in app.session.run.log
        ]
        await probe.give()
        await pilot.press("w")
        assert text_of(app, "#setting-workload") == "w bulk-send"
        await pilot.press("7")
        await settle(app)
        assert problem in text_of(app, "#log-lines")


async def test_what_is_done_about_a_wrong_file_can_be_read_in_80_columns(
    app: UdstuiApp, probe: FakeProbe, config: Path
) -> None:
    config.write_text('[keys]\nworkloud = "x"')
    async with app.run_test(size=(80, 24)) as pilot:
        said = text_of(app, "#notice")
        room = app.race.query_one("#notice").content_size.width
        assert said[:room].startswith("the usual keys are used: unknown key name 'workloud', in ~/.config")
        await pilot.press("a")
        await settle(app)
        assert said.removesuffix(" · esc closes this") in {str(one.content) for one in app.screen.query(Static)}


@pytest.mark.parametrize(
    "key", ["f5", "ctrl+b", "N", "full_stop", "left_square_bracket", "minus", "shift+f2", "pageup"]
)
def test_a_key_that_there_is_may_be_chosen(config: Path, key: str) -> None:
    config.write_text(f'[keys]\nworkload = "{key}"\n"size.halve" = "f9"\n"zoom.out" = "f10"')
    assert read_keymap(config)["workload"] == key


async def test_a_folder_in_its_place(app: UdstuiApp, probe: FakeProbe, config: Path) -> None:
    config.mkdir()
    await is_said(app, probe, config, "cannot read")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read(app: UdstuiApp, probe: FakeProbe, config: Path) -> None:
    config.write_text("")
    config.chmod(0)
    await is_said(app, probe, config, "Permission denied")


async def test_a_loop_of_links_cannot_be_read(app: UdstuiApp, probe: FakeProbe, config: Path) -> None:
    config.symlink_to(config)
    await is_said(app, probe, config, "Too many levels of symbolic links")


def test_a_pipe_in_its_place_does_not_hold_the_dashboard_up(config: Path) -> None:
    os.mkfifo(config)
    with pytest.raises(UdstuiError, match="is no file"):
        read_keymap(config)


@pytest.mark.parametrize("content", ["", "# nothing yet", "[keys]", "[other]\nthing = 1"])
def test_nothing_said_is_nothing_changed(config: Path, content: str) -> None:
    config.write_text(content)
    assert read_keymap(config) == {}


def test_no_file_and_no_home(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_keymap(config) == {}
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    path = config_path()
    assert path is None or path.is_absolute()
    assert read_keymap(None) == {}
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    assert config_path() == Path("/somewhere/udstui/config.toml")


async def test_keys_that_change_places_do_not_clash(app: UdstuiApp, probe: FakeProbe, config: Path) -> None:
    config.write_text('[keys]\nworkload = "b"\nwait = "w"')
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press("w")
        assert app.session.plan.wait == "spin"
        await pilot.press("b")
        assert app.session.plan.workload == "bulk-send"
