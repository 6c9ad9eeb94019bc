from __future__ import annotations

import pytest

from udstui.experiments.progress import Progress
from udstui.text.experiments import progress_words


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(2, 195, "64 B", 52.0), "round 3 of 195, 64 B, 00:52 left"),
        (Progress(7, None, "http", 5.2), "round 8, http, 00:05 left"),
        (Progress(27, None, "", 2.0), "round 28, 00:02 left"),
        (Progress(27, None, "", None), "round 28"),
    ],
)
def test_how_far_it_is(progress: Progress, words: str) -> None:
    assert progress_words(progress) == words
