"""A race as text: the table of its segment, and what ended it."""

from __future__ import annotations

from collections.abc import Sequence

from udstui.experiments.race import Race
from udstui.experiments.until import Ending
from udstui.recording.run_json import RunRecord, last_segment
from udstui.results.lane_figures import compared_figure
from udstui.text import segment_table
from udstui.text.caveats import caveats_at
from udstui.text.part import Part, in_terminal
from udstui.text.plan import plan_sentence
from udstui.text.verdict_sentence import first_of_each, verdict_sentence
from udstui.transports import lane_label


def part_of(run: RunRecord) -> Part:
    """Its last segment; of a race without a dashboard the only one."""
    return segment_table.part_of(last_segment(run), run.host)


def report(run: RunRecord) -> str:
    return "\n".join([in_terminal(part_of(run)), *aside(run.ending)])


def aside(ending: Ending | None) -> list[str]:
    """What became of the wish to end early; nothing where there was none."""
    return [ending_sentence(ending)] if ending else []


def ending_sentence(ending: Ending) -> str:
    """Which of the two ended the run: enough certainty, or the end of its time."""
    wanted, reached = ending.until_percent, ending.half_width_percent
    if wanted is None:
        how = "because it is sure" if ending.is_reached else "with the duration: it is not sure yet"
        return f"Ended {how} which lane is better"
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


def repeated_plan(race: Race) -> str:
    """What every one of several races measures."""
    segment = race.segment
    return plan_sentence(segment.plan, segment.client_cores, segment.server_cores)


def repeated_line(race: Race, number: int, times: int) -> str:
    """`2 of 9: UDS is 1.63x faster than TCP …`, and on lines of their own what else there is to say."""
    segment = race.segment
    sentences = [verdict_sentence(one, segment.metric) for one in first_of_each(segment.verdicts())]
    first, *others = sentences or [_figure(race)]
    beginning = f"{number:{len(str(times))}} of {times}: "
    lines = [f"{beginning}{first}", *(f"{'':{len(beginning)}}{line}" for line in (*others, *aside(race.ending())))]
    return "\n".join(lines)


def repeated_caveats(races: Sequence[Race]) -> list[str]:
    """Each caveat once, with the runs that it is of."""
    found = ((f"{number}", race.segment.caveats()) for number, race in enumerate(races, start=1))
    return caveats_at(found, begins="Caveat of run")


def _figure(race: Race) -> str:
    """Of one lane, which there is nothing to compare with."""
    segment, metric = race.segment, race.segment.metric
    (lane,) = segment.plan.lanes()
    return f"{lane_label(lane)} {metric.short} {metric.describe(compared_figure(segment, 0))} ({segment.rounds} rounds)"
