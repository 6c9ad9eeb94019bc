"""What may be typed into the dialogs, good and bad: nothing crashes, nothing is lost, and a sentence says why."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList

from tests.scripted import HOST, FakeProbe
from tests.tui.driving import SIZE, change, dialog_text, settle, text_of, until
from udstui.plan import Plan
from udstui.tui.app import UdstuiApp
from udstui.tui.live import Live
from udstui.tui.screens.export import ExportScreen
from udstui.tui.screens.size import SizeScreen, SizeValidator
from udstui.units import LARGEST_SIZE_BYTES, parse_size

NO_SIZE = "is not a size; write 128, 64K or 16M"
OUT_OF_RANGE = "is out of range; choose 1 to 64M"
WRONG_SIZES = {
    "": NO_SIZE,
    "   ": NO_SIZE,
    "٣": NO_SIZE,  # a digit, but not one of ours
    "９": NO_SIZE,
    "²": NO_SIZE,
    "-1": NO_SIZE,
    "+1": NO_SIZE,
    "1e9": NO_SIZE,
    "1.5K": NO_SIZE,
    "0x10": NO_SIZE,
    "1_000": NO_SIZE,
    "12 12": NO_SIZE,
    "K": NO_SIZE,
    "[red]": NO_SIZE,
    "1" * 5000: NO_SIZE,
    "0": OUT_OF_RANGE,
    "000": OUT_OF_RANGE,
    "65M": OUT_OF_RANGE,
    "1G": OUT_OF_RANGE,
    "67108865": OUT_OF_RANGE,
}
RIGHT_SIZES = {"1": 1, " 3 ": 3, "007": 7, "64 KiB": 65536, "64kb": 65536, "64M": LARGEST_SIZE_BYTES}


async def test_a_wrong_size_is_explained_as_it_is_typed(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press("s")
        field = app.screen.query_one(Input)
        for text, problem in WRONG_SIZES.items():
            field.value = text
            await settle(app)
            assert dialog_text(app, "#problem").endswith(problem), text
            assert field.has_class("-invalid"), text
            await pilot.press("enter")
            assert isinstance(app.screen, SizeScreen), text
            set_button = app.screen.query_one("#set", Button)
            assert set_button.region.bottom <= SIZE[1]
        field.value = "12"
        await settle(app)
        assert dialog_text(app, "#problem") == ""
        await pilot.press("escape")
        assert app.session.plan == Plan()


async def test_a_size_is_set(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        for text, size_bytes in RIGHT_SIZES.items():
            await pilot.press("s")
            app.screen.query_one(Input).value = text
            await settle(app)
            await pilot.press("enter")
            assert app.session.plan.size_bytes == size_bytes


@pytest.mark.parametrize("size", [(60, 20), SIZE])
async def test_the_ladder_is_shown_and_chosen_from(app: UdstuiApp, probe: FakeProbe, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await probe.give()
        await pilot.press("s")
        ladder = app.screen.query_one(OptionList)
        assert [str(ladder.get_option_at_index(at).prompt) for at in (0, 7, 26)] == ["1 B", "128 B", "64 MiB"]
        assert ladder.highlighted == 7
        await pilot.press("down", "down")
        assert app.screen.query_one(Input).value == "512"
        await pilot.press("up", "enter")
        assert app.session.plan.size_bytes == 256
        await pilot.press("s", *"100K")
        await settle(app)
        ladder = app.screen.query_one(OptionList)
        assert ladder.highlighted == 16  # 64 KiB: the one below
        await pilot.click(OptionList, offset=(3, 15 - ladder.scroll_offset.y))
        assert app.screen is app.race
        assert app.session.plan.size_bytes == 32 * 1024
        await pilot.press("s", *["up"] * 30)
        assert app.screen.query_one(Input).value == "1"
        await pilot.press(*["down"] * 30, "enter")
        assert app.session.plan.size_bytes == LARGEST_SIZE_BYTES


async def test_the_ladder_ends_where_the_lanes_do(probe: FakeProbe) -> None:
    app = UdstuiApp(Live(probe, Plan(transports=("udp", "uds")), HOST))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("s", *["down"] * 30, "enter")
        assert app.session.plan.size_bytes == 32 * 1024


async def test_a_size_that_a_lane_cannot_carry_is_refused_with_its_limit(probe: FakeProbe) -> None:
    app = UdstuiApp(Live(probe, Plan(transports=("udp", "uds")), HOST))
    async with app.run_test(size=SIZE) as pilot:
        await probe.give()
        await pilot.press("s", *"64K", "enter")
        await settle(app)
        assert "UDP carries at most 65507 bytes" in dialog_text(app, "#problem")
        assert app.session.plan.size_bytes == 128


async def test_the_limit_of_datagrams_is_stated_where_a_size_is_chosen(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        change(app.session, transports=("uds", "udp"))
        await pilot.press("s")
        assert dialog_text(app, ".limit") == "UDP: up to 63.97 KiB in a packet"
        await pilot.press(*"64M", "enter")
        assert "udp" in dialog_text(app, "#problem").lower()
        assert isinstance(app.screen, SizeScreen)
        await pilot.press("escape")
        assert app.session.plan.size_bytes == 128


@given(st.text() | st.from_regex(r"[0-9 ]{1,20}[kKmMgGiIbB ]{0,4}", fullmatch=True))
def test_any_text_is_a_size_or_is_explained(text: str) -> None:
    result = SizeValidator(Plan()).validate(text)
    if result.is_valid:
        assert 1 <= parse_size(text) <= LARGEST_SIZE_BYTES
    else:
        (problem,) = result.failure_descriptions
        assert problem.endswith((NO_SIZE, OUT_OF_RANGE))
        assert len(problem) < 160


async def export_as(app: UdstuiApp, pilot: Pilot[None], name: str) -> None:
    """Type the name and press enter; wait until it is exported or the dialog says why not."""
    if app.screen is app.race:
        await pilot.press("e")
    app.screen.query_one(Input).value = name
    await settle(app)
    before = dialog_text(app, "#problem")
    await pilot.press("enter")

    def is_over() -> bool:
        return app.screen is app.race or dialog_text(app, "#problem") != before

    await until(pilot, is_over, "the export")
    await settle(app)  # a button may have come up, and has no place yet


GOOD_NAMES = {
    "plain": "plain",
    "with spaces in it": "with spaces in it",
    "mäßig-雪-🙂": "mäßig-雪-🙂",
    'it\'s "quoted"': 'it\'s "quoted"',
    "; rm -rf * $(x) `y`": "; rm -rf * $(x) `y`",
    "[red]markup": "[red]markup",
    "-n": "-n",
    "given.csv": "given",
    "given.json": "given",
    "two.dots": "two.dots",
    "sub/inside": "sub/inside",
    "./sub/../here": "here",
    "~/at-home": "at-home",
    "  trimmed  ": "trimmed",
}


async def test_an_export_has_the_name_that_was_typed(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    (folder / "sub").mkdir()
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        for typed, name in GOOD_NAMES.items():
            await export_as(app, pilot, typed)
            assert app.screen is app.race, typed
            said = text_of(app, "#notice")
            assert said.startswith(f"exported {folder}"), said
            for suffix in (".csv", ".json"):
                path = folder / f"{name}{suffix}"
                assert path.stat().st_size > 100
                path.unlink()
        assert not [path for path in folder.iterdir() if path.suffix in (".csv", ".json", ".part")]


BAD_NAMES = {
    "": "that is not a file name",
    "   ": "that is not a file name",
    ".": "that is not a file name",
    "sub/": "that is not a file name",
    "/": "that is not a file name",
    "\0": "that is not a file name",
    "..": "that is not a file name",
    "missing/run": "No such file or directory",
    "file/run": "Not a directory",
    "x" * 300: "File name too long",
    "y/" * 3000 + "run": "File name too long",
    "/proc/run": "No such file or directory",
    "~nobody-of-this-name/run": "No such file or directory",
    "\ud800": "not a file name",
}


async def test_a_name_that_cannot_be_is_explained_and_nothing_is_lost(
    app: UdstuiApp, probe: FakeProbe, folder: Path
) -> None:
    (folder / "sub").mkdir()
    (folder / "file").write_text("mine")
    before = sorted(folder.iterdir())
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(3)
        for name, problem in BAD_NAMES.items():
            await export_as(app, pilot, name)
            assert isinstance(app.screen, ExportScreen), name[:50]
            assert problem in dialog_text(app, "#problem"), name[:50]
            buttons = [button.region for button in app.screen.query(Button) if button.display]
            assert all(region.height and region.bottom <= SIZE[1] for region in buttons), name[:50]
            await pilot.press("escape")
        assert app.session.segment.rounds >= 3
        await export_as(app, pilot, "good")
        assert (folder / "good.csv").read_text().count("\n") >= 1 + 2 * 3
    (folder / "good.csv").unlink()
    (folder / "good.json").unlink()
    assert sorted(folder.iterdir()) == before


async def test_a_folder_of_that_name_is_not_overwritten(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    (folder / "run.csv").mkdir()
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        await export_as(app, pilot, "run")
        await pilot.click("#overwrite")
        await until(pilot, lambda: "Is a directory" in dialog_text(app, "#problem"), "the refusal")
        assert (folder / "run.csv").is_dir()
        assert not (folder / "run.json").exists()


class _NoRoom(str):
    """A report that is larger than what is left on the disk."""

    def encode(self, *_: object) -> bytes:  # type: ignore[override]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_full_disk_loses_nothing(app: UdstuiApp, probe: FakeProbe, folder: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        with patch("udstui.tui.session.to_json", return_value=_NoRoom("")):
            await export_as(app, pilot, "run")
        assert isinstance(app.screen, ExportScreen)
        assert "No space left on device" in dialog_text(app, "#problem")
        assert not (folder / "run.json").exists()
        await settle(app)
        assert await pilot.click("#overwrite")  # the first of the two files is there now
        await until(pilot, lambda: app.screen is app.race, "the export")
        assert (folder / "run.json").exists()


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_long_path_leaves_the_buttons_in_view(
    app: UdstuiApp, probe: FakeProbe, folder: Path, size: tuple[int, int]
) -> None:
    deep = "/".join(["a folder with a rather long name"] * 12)
    async with app.run_test(size=size) as pilot:
        await probe.give(2)
        await export_as(app, pilot, f"{folder}/{deep}/run")
        for button in ("#export", "#cancel"):
            region = app.screen.query_one(button).region
            assert region.height == 1
            assert region.bottom < size[1]
        await settle(app)
        assert await pilot.click("#cancel")
        await settle(app)
        assert app.screen is app.race
