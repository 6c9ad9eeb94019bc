"""The answer in large digits: the ratio, its interval, whether it is sure, and where to look for why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from udstui.text.answer_under_panels import SURE, Answer
from udstui.tui.drawing import LARGE_ROWS, large
from udstui.tui.widgets.lines_panel import Line, LinesPanel

_SCALES = (1.25, 2.0, 5.0, 10.0, 100.0)
"""The ends of the bar, and their inverses: few, so that it does not twitch."""
_RATIO_COLUMNS = 6
_FEWEST_BESIDE = 12


def answer_lines(answer: Answer | None, why: str, width: int, height: int) -> list[Line]:
    """The lines of a panel of this size; what does not fit is left out, the least important first."""
    if answer is None:
        return [[("–", "figure"), ("  nothing to compare yet", "quiet")]]
    is_sure = answer.state == SURE
    lines = _head(answer, width, height, style="figure" if is_sure else "quiet")
    spare = height - len(lines)
    facts = _facts(answer, width)
    rest = {
        0: [(_state(answer, width), "text" if is_sure else "quiet")],
        1: [(interval_bar(answer, width), "bars" if is_sure else "quiet")],
        8: [(_beside(answer.all_operations, width), "quiet")] if answer.all_operations else [],
        9: [(why, "quiet")] if why else [],
    } | {2 + number: fact for number, fact in enumerate(facts)}
    by_importance = (0, 1, 8, 9, *range(2, 2 + len(facts)))
    kept = [key for key in by_importance if rest[key]][: max(0, spare)]
    return [*lines, *(rest[key] for key in sorted(kept))][:height]


def _head(answer: Answer, width: int, height: int, *, style: str) -> list[Line]:
    """The ratio, and what it is of."""
    if answer.state == SURE:
        more = "carries more" if answer.metric.better_is_more else "is faster"
        words = [f"{answer.better} {more}", f"than {answer.worse}", answer.saves]
    else:
        words = [f"{answer.better} over {answer.worse}", "so far", ""]
    rows = large(answer.ratio)
    beside = width - len(rows[0]) - 2
    if height <= LARGE_ROWS or beside < _FEWEST_BESIDE:
        return [
            [(answer.ratio, style), (f"  {' '.join(filter(None, words))}"[: max(0, width - len(answer.ratio))], "text")]
        ]
    styles = ("text", "text", "quiet") if answer.state == SURE else ("quiet",) * LARGE_ROWS
    return [
        [(row, style), ("  ", "text"), (word[:beside], style_of)]
        for row, word, style_of in zip(rows, words, styles, strict=True)
    ]


def _state(answer: Answer, width: int) -> str:
    """The sentence below the panels says the whole of it."""
    words = answer.state_words
    return next((said for said in (words, words.rpartition(", ")[0]) if said and len(said) <= width), answer.state)


def _beside(all_operations: str, width: int) -> str:
    """The ratio of the figures beside it, where that is another one."""
    wordings = [f"round by round; over all operations {all_operations}", f"over all operations {all_operations}"]
    return next((words for words in wordings if len(words) <= width), f"over all {all_operations}")


def _facts(answer: Answer, width: int) -> Sequence[Line]:
    """Each metric in a place of its own, grey while it is unsure; the places do not depend on the figures."""
    lines: list[list[tuple[str, str]]] = []
    room = 0
    for fact in answer.facts:
        cell = f"{fact.name} {fact.ratio:<{_RATIO_COLUMNS}}"
        if len(cell) + 2 > room or not lines:
            lines.append([])
            room = width + 2
        lines[-1].append((f"{cell}  ", "text" if fact.is_sure else "quiet"))
        room -= len(cell) + 2
    return lines


def interval_bar(answer: Answer, width: int) -> str:
    """`0.5 ───────1──────━◆━── 2`: the interval on a logarithmic scale, 1 being where no lane is better."""
    ratio = answer.seen.ratio or 1.0
    low, high = answer.seen.ci_low or ratio, answer.seen.ci_high or ratio
    if answer.seen.is_vague:
        low = high = ratio
    reach = max(1 / low, high, ratio)
    end = next((scale for scale in _SCALES if reach <= scale), _SCALES[-1])
    left, right = f"{1 / end:g} ", f" {end:g}"
    columns = width - len(left) - len(right)
    if columns < 9:
        return ""

    def column(value: float) -> int:
        share = (math.log(min(end, max(1 / end, value))) / math.log(end) + 1) / 2
        return round(share * (columns - 1))

    cells = ["─"] * columns
    for at in range(column(low), column(high) + 1):
        cells[at] = "━"
    cells[column(1.0)] = "1"
    if answer.ratio != "–":
        cells[column(ratio)] = "◆"
    return f"{left}{''.join(cells)}{right}"


class AnswerPanel(LinesPanel):
    def __init__(self) -> None:
        super().__init__("Answer", id="answer")
        self.answer: Answer | None = None

    def show(self, answer: Answer | None, why: str) -> None:
        """`why` names the tab that explains the difference; empty where there is none."""
        self.answer = answer
        ahead = answer.better_lane if answer and answer.state == SURE else None
        for lane in range(4):
            self.set_class(lane == ahead, f"lane-{lane + 1}")
        self.show_lines(partial(answer_lines, answer, why))
