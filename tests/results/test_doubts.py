from __future__ import annotations

import pytest

from udstui.results import doubts
from udstui.results.doubts import _Times


@pytest.mark.parametrize("at_once", [1, 3, 7, 100])
def test_of_very_many_rounds_it_is_known_about_when_each_began(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(doubts, "_MOST_TIMES", 10)
    times = _Times()
    for begin in range(0, 100, at_once):
        began_ns = range(1000 + begin, 1000 + min(100, begin + at_once))
        times.add_all(len(began_ns), began_ns.__getitem__)
    assert [times.at(index) for index in range(100)] == [1000 + index // 16 * 16 for index in range(100)]
