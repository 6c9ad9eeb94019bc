"""Help topics in the dashboard."""

from __future__ import annotations

import pytest
from textual.widgets import Markdown, OptionList

from tests.scripted import FakeProbe
from tests.tui.driving import SIZE, settle, until
from udstui.docs import SETTINGS, all_topics
from udstui.text.help_topic import help_topic
from udstui.tui.app import UdstuiApp
from udstui.tui.screens.topic import TopicScreen


@pytest.mark.parametrize("size", [SIZE, (60, 20)])
async def test_a_topic_is_chosen_from_the_help_and_read(
    app: UdstuiApp, probe: FakeProbe, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await probe.give()
        await pilot.press("question_mark", "enter")
        await until(pilot, lambda: bool(app.screen.query(OptionList)), "the topics")
        assert app.screen.query_one(OptionList).option_count == len(all_topics())
        await pilot.press(*["down" for _ in range(list(all_topics()).index(SETTINGS))], "enter")
        await until(pilot, lambda: isinstance(app.screen, TopicScreen), "the topic")
        assert app.screen.query_one(Markdown).source == help_topic(SETTINGS)
        await probe.give()  # measuring goes on
        await pilot.press("down", "escape", "question_mark")
        await settle(app)
        assert app.screen is app.race
