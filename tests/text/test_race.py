from __future__ import annotations

import pytest

from udstui.experiments.until import Ending
from udstui.text.race import ending_sentence


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        (Ending(2.0, 1.62, True), "Ended because the ratio is known to within 1.6 %, less than 2 %"),
        (Ending(2.0, 1.9961, True), "Ended because the ratio is known to within 1.996 %, less than 2 %"),
        (Ending(0.1, 0.31, False), "Ended before the ratio was known to within 0.1 %: it is known to within 0.3 %"),
        (
            Ending(2.0, 1.9, False),
            "Ended before it was sure that the ratio is known to within 2 %: it seems known to within 1.9 % so far",
        ),
        (Ending(None, 1.9, True), "Ended because it is sure which lane is better"),
        (Ending(None, None, False), "Ended with the duration: it is not sure yet which lane is better"),
        (Ending(2.0, None, False), "Ended with the duration: there is no interval to be narrower than 2 %"),
    ],
)
def test_which_of_the_two_ended_it(ending: Ending, sentence: str) -> None:
    assert ending_sentence(ending) == sentence
