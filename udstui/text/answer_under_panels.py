"""The sentence under the panels: which lane is ahead, by how much, and whether that is sure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.results.lane_figures import LaneFigures
from udstui.results.segment import Segment
from udstui.stats.metrics import MEDIAN, METRICS, P99, THROUGHPUT, Metric, metric_named
from udstui.stats.verdict import FEWEST_ROUNDS, Verdict
from udstui.text.ranks import Rank, in_order
from udstui.text.verdict_sentence import claim_of, from_the_better, on_this_machine
from udstui.transports import lane_label
from udstui.units import describe_range, describe_ratio

TOO_EARLY, NOT_SURE, SURE = "too early", "not sure yet", "sure"
_FOLLOWS = 1.02
"""How far the ratio taken round by round may be from that of the figures in the panels before it is said."""


class Fact(Struct, frozen=True):
    """The ratio in one metric, the better lane of the answer over the other."""

    name: str
    ratio: str
    is_sure: bool


class Answer(Struct, frozen=True):
    """The first lane against its strongest rival. Figures are turned so that the ratio is 1 or more."""

    verdict: Verdict
    """As it was found."""
    seen: Verdict
    """As the better lane sees it."""
    better: str
    worse: str
    better_lane: int
    """Its index."""
    metric: Metric
    state: str
    """TOO_EARLY, NOT_SURE or SURE."""
    ratio: str
    """`1.55x`; `–` while nothing is known."""
    saves: str
    """`saves 4.31 µs`: the difference of the figures that the panels show."""
    all_operations: str
    """The ratio of those figures, where it is not that of the rounds; empty where one follows from the other."""
    facts: tuple[Fact, ...]
    doubt: str
    """Why it is not sure, where the state is NOT_SURE."""
    machine: tuple[str, ...] = ()
    """`1.61 to 1.85 in 9 runs on this machine`; empty where too few are known."""

    @property
    def interval(self) -> str:
        """`1.54 to 1.56`; empty without one."""
        low, high = self.seen.ci_low, self.seen.ci_high
        if low is None or high is None:
            return ""
        return describe_range(low, high, None if self.state == SURE else 2)

    def claim(self, *, with_label: bool = False) -> str:
        """`UDS is 1.55x faster than TCP at the median`; it says so where the figures would give another ratio."""
        claim = claim_of(self.metric, self.better, self.worse, self.ratio, with_label=with_label)
        return f"{claim} round by round" if self.all_operations else claim

    @property
    def rounds_so_far(self) -> str:
        """`6 of 10 rounds`; of more, as long as they are of too few and too short generations for an interval."""
        if self.seen.rounds < FEWEST_ROUNDS:
            return f"{self.seen.rounds} of {FEWEST_ROUNDS} rounds"
        return f"{self.seen.rounds} rounds, no interval yet"

    @property
    def state_words(self) -> str:
        """`too early: 6 of 10 rounds`, `not sure yet: the rounds scatter too much`, `sure: 95 % CI 1.54 to 1.56`."""
        if self.state == TOO_EARLY:
            return f"too early: {self.rounds_so_far}"
        return f"not sure yet: {self.doubt}" if self.state == NOT_SURE else f"sure: 95 % CI {self.interval}"


def answer_of(segment: Segment, figures: Sequence[LaneFigures], verdicts: Sequence[Verdict]) -> Answer | None:
    """What to say of a segment with these figures of its lanes; None with one lane, or before its first round."""
    if not verdicts or not segment.rounds:
        return None
    metric = metric_named(verdicts[0].metric)
    names = [lane.transport for lane in figures]
    order = in_order(figures, metric)
    rival = names[order[1] if order[0] == 0 else order[0]]
    about = [verdict for verdict in verdicts if verdict.baseline == rival]
    main = about[0]
    seen = from_the_better(main)
    is_turned = seen is not main
    digits = None if main.conclusive else 2
    better_lane, worse_lane = names.index(seen.candidate), names.index(seen.baseline)
    ours, theirs = figures[better_lane].figure(metric), figures[worse_lane].figure(metric)
    return Answer(
        verdict=main,
        seen=seen,
        better=lane_label(seen.candidate),
        worse=lane_label(seen.baseline),
        better_lane=better_lane,
        metric=metric,
        state=SURE if main.conclusive else NOT_SURE if seen.ci_low is not None else TOO_EARLY,
        ratio=describe_ratio(seen.ratio, digits),
        saves=_saves(metric, ours, theirs),
        all_operations=_beside(metric, seen.ratio, ours, theirs),
        facts=_facts(about, metric, figures[better_lane], figures[worse_lane], is_turned=is_turned),
        doubt=_doubt(figures[better_lane]),
        machine=on_this_machine(seen, digits),
    )


def _doubt(better: LaneFigures) -> str:
    """No lane wins by leaving clients without an answer, however little the rounds scatter."""
    if better.clients and better.clients.without_answer:
        return f"some clients of {lane_label(better.transport)} had no answer"
    return "the rounds scatter too much"


def answer_wordings(answer: Answer, ranks: Sequence[Rank]) -> list[str]:
    """The answer as a line, then shorter and shorter; of more than two lanes every other one is in it."""
    said = _said(answer)
    if len(ranks) > 2:
        named, *every = _others(answer, ranks)
        return [*dict.fromkeys(f"{text} · {named}" for text in said), *every]
    facts = [f"{fact.name} {fact.ratio}" for fact in answer.facts[1:] if fact.is_sure]
    return list(dict.fromkeys([" · ".join([said[0], *facts]), *said]))


def _said(answer: Answer) -> list[str]:
    """The state in a sentence, then in shorter ones."""
    so_far = f"{answer.better} {answer.ratio}{' round by round' if answer.all_operations else ''}"
    rounds = f"{answer.seen.rounds} round{'s' * (answer.seen.rounds != 1)}"
    if answer.state == TOO_EARLY:
        known = "" if answer.ratio == "–" else f" ({so_far} so far)"
        return [f"Too early: {answer.rounds_so_far}{known}"]
    if answer.state == NOT_SURE:
        said = f"Not sure yet: {answer.doubt}"
        return [
            f"{said} ({so_far}, {_intervals(answer)}, {rounds})",
            f"{said} ({so_far})",
            f"Not sure yet ({so_far})",
        ]
    saves = f", {answer.saves}" if answer.saves else ""
    every = f", {answer.all_operations} over all operations" if answer.all_operations else ""
    short = answer.claim()
    return [
        f"{answer.claim(with_label=True)}{saves} ({_intervals(answer)}, {rounds}{every})",
        f"{short}{saves} ({_intervals(answer)}{every})",
        *_with_machine(answer, short),
        f"{short}{saves} (95 % CI {answer.interval}{every})",
        f"{short}{saves} ({answer.interval})",
        f"{short}{saves}",
        short,
        so_far,
    ]


def _with_machine(answer: Answer, short: str) -> list[str]:
    """What the next run will say is worth more than what is saved, which stands beside it."""
    intervals = _intervals(answer)
    return [f"{short} ({intervals})", f"{short} ({intervals.removeprefix('95 % CI ')})"] if answer.machine else []


def _intervals(answer: Answer) -> str:
    """`95 % CI 1.54 to 1.56`, with that of several runs on this machine behind it where it is known."""
    where = " in this run" if answer.machine else ""
    return ", ".join([f"95 % CI {answer.interval}{where}", *answer.machine])


def _saves(metric: Metric, ours: float | None, theirs: float | None) -> str:
    """What the better lane gains; where its figure over all operations is no better, nothing."""
    if ours is None or theirs is None or (ours <= theirs if metric.better_is_more else ours >= theirs):
        return ""
    return f"{'gains' if metric.better_is_more else 'saves'} {metric.describe(abs(theirs - ours))}"


def _beside(metric: Metric, ratio: float | None, ours: float | None, theirs: float | None) -> str:
    of_figures = _ratio(metric, ours, theirs)
    if not ratio or not of_figures:
        return ""
    return "" if 1 / _FOLLOWS < of_figures / ratio < _FOLLOWS else describe_ratio(of_figures)


def _ratio(metric: Metric, ours: float | None, theirs: float | None) -> float | None:
    """How many times better our figure is than theirs."""
    if not ours or not theirs:
        return None
    return ours / theirs if metric.better_is_more else theirs / ours


def _facts(
    verdicts: Sequence[Verdict], main: Metric, ours: LaneFigures, theirs: LaneFigures, *, is_turned: bool
) -> tuple[Fact, ...]:
    """One for each metric that is told: first the one that is compared, then in the order of the registry.

    The usual ones have their places also where rounds are too short to know them: there the figures of the two lanes
    are compared, which makes nothing sure. Nor is sure what the figures of the two lanes have the other way round.
    """
    found = []
    by_name = {verdict.metric: verdict for verdict in verdicts}
    usual = {metric.name for metric in (MEDIAN, P99, THROUGHPUT) if metric.stand_in != main.name}
    told = [metric for metric in METRICS.values() if metric.name in usual | set(by_name) and metric is not main]
    for metric in (main, *told):
        verdict = by_name.get(metric.name)
        of_figures = ratio = _ratio(metric, ours.figure(metric), theirs.figure(metric))
        if verdict and verdict.ratio:
            ratio = 1 / verdict.ratio if is_turned else verdict.ratio
        # Of the first one the answer says itself that it is round by round.
        is_contrary = metric is not main and ratio and of_figures and (ratio - 1) * (of_figures - 1) < 0
        name = f"send {metric.short}" if metric.is_duration and not main.is_duration else metric.short
        found.append(Fact(name, describe_ratio(ratio), bool(verdict and verdict.conclusive and not is_contrary)))
    return tuple(found)


def _others(answer: Answer, ranks: Sequence[Rank]) -> tuple[str, str, str]:
    """The lanes that the claim does not name, or all where they are behind another one; then, shorter, all in order."""
    first, *behind = sorted(ranks, key=lambda rank: rank.place)
    left = (rank for rank in behind if rank.label not in (answer.better, answer.worse))
    every = ", ".join(f"{rank.label} {rank.wordings[-1]}" for rank in behind)
    named = " · ".join(f"{rank.label} {rank.wordings[-1]}" for rank in left)
    whole = f"{first.label} {first.wordings[0]}, {every}"
    is_of_another = answer.all_operations and first.label != answer.better
    return whole if is_of_another else named, whole, f"{first.label}, {every}"
