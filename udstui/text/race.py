"""A race as text: the table of its segment, and what ended it."""

from __future__ import annotations

from udstui.experiments.race import Race
from udstui.experiments.until import Ending
from udstui.text.segment import table
from udstui.text.verdict import verdict_line


def race_answer(race: Race) -> str:
    return verdict_line(race.segment.verdicts())


def race_report(race: Race) -> str:
    return "\n".join([table(race.segment), *race_aside(race)])


def race_aside(race: Race) -> list[str]:
    """What became of the wish to end early; nothing where there was none."""
    ending = race.ending()
    return [ending_sentence(ending)] if ending else []


def ending_sentence(ending: Ending) -> str:
    """Which of the two ended the run: enough certainty, or the end of its time."""
    wanted, reached = ending.until_percent, ending.half_width_percent
    if reached is None:
        return f"Ended with the duration: there is no interval to be narrower than {wanted:g} %"
    # As many digits as it takes to tell the two apart.
    digits = next((digits for digits in range(1, 6) if f"{reached:.{digits}f}" != f"{wanted:.{digits}f}"), 6)
    known = f"known to within {reached:.{digits}f} %"
    if ending.is_reached:
        return f"Ended because the ratio is {known}, less than {wanted:g} %"
    if reached < wanted:
        return f"Ended before it was sure that the ratio is known to within {wanted:g} %: it seems {known} so far"
    return f"Ended before the ratio was known to within {wanted:g} %: it is {known}"
