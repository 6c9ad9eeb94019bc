"""The answer in large digits: the ratio, its interval, whether it is sure, and where to look for why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from textual.content import Content

from udstui.text.answer_under_panels import SURE, Answer, Fact
from udstui.tui.drawing import LARGE_ROWS, large
from udstui.tui.widgets.lines_panel import Line, LinesPanel

_SCALES = (1.25, 2.0, 5.0, 10.0, 100.0)
"""The ends of the bar, and their inverses: few, so that it does not twitch."""
_RATIO_COLUMNS = 5
_FEWEST_BESIDE = 12


def answer_lines(answer: Answer | None, width: int, height: int) -> list[Line]:
    """The lines of a panel of this size, each in a place that no figure moves; the last ones are left out."""
    if answer is None:
        return [[("–", "figure"), ("  nothing to compare yet", "quiet")]]
    is_sure = answer.state == SURE
    lines = _head(answer, width, height, style="figure" if is_sure else "quiet")
    lines.append([(_state(answer, width), "text" if is_sure else "quiet")])
    lines.append([(interval_bar(answer, width), "bars" if is_sure else "quiet")])
    return [*lines, *_facts(answer, width, height - len(lines))][:height]


def _head(answer: Answer, width: int, height: int, *, style: str) -> list[Line]:
    """The ratio, and what it is of."""
    if answer.state == SURE:
        more = "carries more" if answer.metric.better_is_more else "is faster"
        words = [f"{answer.better} {more}", f"than {answer.worse}"]
    else:
        words = [f"{answer.better} over {answer.worse}", "so far"]
    if height <= LARGE_ROWS:
        said = " ".join(filter(None, [*words, _beside(answer)[-1]]))
        return [[(answer.ratio, style), (f"  {said}"[: max(0, width - len(answer.ratio))], "text")]]
    rows = large(answer.ratio)
    if width - len(rows[0]) - 2 < _FEWEST_BESIDE:  # one close to 1 has many digits
        blank = " " * len(answer.ratio)
        rows = (answer.ratio, blank, blank)
    beside = max(0, width - len(rows[0]) - 2)
    words.append(next((said for said in _beside(answer) if len(said) <= beside), ""))
    styles = ("text", "text", "quiet") if answer.state == SURE else ("quiet",) * LARGE_ROWS
    return [
        [(row, style), ("  ", "text"), (word[:beside], style_of)]
        for row, word, style_of in zip(rows, words, styles, strict=True)
    ]


def _state(answer: Answer, width: int) -> str:
    """The sentence below the panels says the whole of it."""
    words = answer.state_words
    return next((said for said in (words, words.rpartition(", ")[0]) if said and len(said) <= width), answer.state)


def _beside(answer: Answer) -> list[str]:
    """What the better lane saves, and before that the ratio of the figures in the panels where it is another one."""
    saves = answer.saves if answer.state == SURE else ""
    if not answer.all_operations:
        return [saves]
    every = f"over all operations {answer.all_operations}"
    return [*([f"{saves} · round by round; {every}"] if saves else []), every, f"over all {answer.all_operations}"]


def _facts(answer: Answer, width: int, rows: int) -> list[Line]:
    """Each metric in a place of its own, grey while it is unsure; the first is the one that the large digits tell."""
    every = _in_lines(answer.facts, width)
    return every if len(every) <= rows else _in_lines(answer.facts[1:], width)[: max(0, rows)]


def _in_lines(facts: Sequence[Fact], width: int) -> list[Line]:
    lines: list[list[tuple[str, str]]] = []
    room = 0
    for fact in facts:
        columns = len(fact.name) + 1 + _RATIO_COLUMNS
        if columns > room or not lines:
            lines.append([])
            room = width
        lines[-1].append((f"{fact.name} {fact.ratio:<{_RATIO_COLUMNS}}  ", "text" if fact.is_sure else "quiet"))
        room -= columns + 2
    return list(lines)


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
        self._why = ""

    def show(self, answer: Answer | None, why: str) -> None:
        """`why` names the tab that explains the difference; empty where there is none."""
        self.answer = answer
        if why != self._why:
            self._why, self.border_subtitle = why, Content(why)
        ahead = answer.better_lane if answer and answer.state == SURE else None
        for lane in range(4):
            self.set_class(lane == ahead, f"lane-{lane + 1}")
        self.show_lines(partial(answer_lines, answer))
