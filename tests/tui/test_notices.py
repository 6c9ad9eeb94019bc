"""What is said below the verdict: whole, and what has a remedy until it is answered, whatever comes meanwhile."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, change, settle, text_of, until
from udstui.errors import ProbeError, UsageError
from udstui.tui import words
from udstui.tui.app import UdstuiApp
from udstui.tui.race_loop import MOST_FAILURES

PROBLEM = "no place for the rows on this disk, whatever its name may be; set TMPDIR to a folder that you may write to"
CLOSES = " · esc closes this"


def seen(app: UdstuiApp) -> str:
    """All words on the screen, in one line."""
    return " ".join(" ".join(strip.text for strip in app.screen._compositor.render_strips()).split())


async def test_a_message_with_a_remedy_is_whole_until_escape(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await probe.give(1)
        app.tell(PROBLEM, "error")
        await settle(app)
        line = app.race.query_one("#notice")
        assert line.region.height == 3
        await probe.give(2)
        assert text_of(app, "#notice") == PROBLEM + CLOSES
        assert app.session.run.log[-1].text == PROBLEM
        await pilot.press("escape")
        await settle(app)
        assert text_of(app, "#notice") == "no caveats"
        assert line.region.height == 1


@pytest.mark.parametrize("kind", ["error", ""])
async def test_a_message_of_many_lines_is_whole_too(app: UdstuiApp, probe: FakeProbe, kind: str) -> None:
    async with app.run_test(size=(60, 20)):
        await probe.give(1)
        text = f"{PROBLEM}; {PROBLEM}; {PROBLEM}; and this is the end"
        app.tell(text, kind)
        await settle(app)
        assert text in seen(app)


@pytest.mark.parametrize("text", [words.took_back(12), words.NOTHING_TO_TAKE_BACK, words.NEW_SEGMENT])
async def test_answers_to_common_keys_move_nothing(app: UdstuiApp, probe: FakeProbe, text: str) -> None:
    async with app.run_test(size=(60, 20)):
        await probe.give(1)
        app.tell(text)
        await settle(app)
        assert text in seen(app)
        assert app.race.query_one("#notice").region.height == 1


async def test_what_comes_meanwhile_stands_below_what_waits_for_an_answer(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2)
        app.tell(PROBLEM, "error")
        await probe.fail(ProbeError("the probe was killed by signal 9"))
        await probe.give(1)
        again = "the probe was killed by signal 9; started again"
        assert text_of(app, "#notice").splitlines() == [PROBLEM + CLOSES, again]
        assert app.session.run.log[-1].text == again
        await pilot.press("right_square_bracket")
        await probe.give(2)
        assert text_of(app, "#notice") == PROBLEM + CLOSES, "nor do the user's other keys answer it"
        await pilot.press("space", "escape")
        assert PROBLEM not in text_of(app, "#notice")


async def test_what_was_said_before_does_not_stand_below_it(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        for _ in range(MOST_FAILURES):
            await probe.fail(ProbeError("the probe was killed by signal 9"))
        await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
        gave_up = "the probe was killed by signal 9; failed 5 times in a row, space tries again"
        assert text_of(app, "#notice") == gave_up + CLOSES


async def test_of_several_the_newest_is_answered_first(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        for text in ("first", "second", "first"):
            app.tell(text, "error")
        told = []
        for _ in range(3):
            told.append(text_of(app, "#notice").removesuffix(CLOSES))
            await pilot.press("escape")
        assert told == ["first", "second", "no caveats"]


async def test_a_refusal_goes_with_the_next_change(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        change(app.session, size_bytes=1024**2)
        await probe.give(2)
        await pilot.press("4", "g")
        assert "choose at most 64 KiB" in text_of(app, "#notice")
        await probe.give(1)
        assert "choose at most 64 KiB" in text_of(app, "#notice")
        await pilot.press("left_square_bracket")
        assert "choose at most" not in text_of(app, "#notice")


async def test_why_it_is_paused_is_said_until_rounds_come_again(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(1)
        for problem in ("core 7 is not there", "core 6 is not there"):
            await probe.fail(UsageError(problem, "choose from 0, 1"))
            await until(pilot, lambda: "⏸ paused" in text_of(app, "#state"), "the pause")
            assert problem in text_of(app, "#notice")
            await pilot.press("space")
            await probe.asked()
        await probe.give(1)
        assert text_of(app, "#notice") == "no caveats"


async def test_the_presenters_view_shows_what_waits_for_an_answer(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await probe.give(2)
        await pilot.press("x")
        app.tell("only for a while")
        await settle(app)
        assert "only for a while" not in seen(app)
        app.tell(PROBLEM, "error")
        await settle(app)
        assert PROBLEM + CLOSES in seen(app)
        assert "x or a click leaves" in seen(app)
        await pilot.press("escape")
        await settle(app)
        assert "TMPDIR" not in seen(app)
        assert app.race.query_one("#presenter").display


async def test_what_was_said_is_not_among_the_caveats(app: UdstuiApp, probe: FakeProbe) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await probe.give(2, steal_percent=3.0)
        app.tell(PROBLEM, "error")
        app.tell("saved here")
        await pilot.press("a")
        texts = [str(static.content) for static in app.screen.query("#caveats Static").results(Static)]
        assert texts[:4] == ["Said last", PROBLEM, "saved here", "Caveats"]
        assert texts[4].startswith("▲ the hypervisor")
        assert app.screen.query_one(".dialog").border_title == "Messages and caveats"
        await pilot.press("escape", "escape")
        app.tell("")
        await pilot.press("a")
        texts = [str(static.content) for static in app.screen.query("#caveats Static").results(Static)]
        assert texts[0].startswith("▲ the hypervisor")
