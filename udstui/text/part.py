"""What there is to tell of one segment or experiment: a terminal, a page and Markdown put its pieces together."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from udstui.plan import Plan
from udstui.results.lane_figures import LaneFigures
from udstui.results.segment import main_metric
from udstui.stats.metrics import METRICS, Metric
from udstui.stats.verdict import Verdict
from udstui.text.columns import columns


class Part(Struct, frozen=True, kw_only=True):
    heading: str
    answers: Sequence[str]
    """Sentences, the most important first."""
    settings: str
    """The plan as a sentence."""
    command: str
    """What measures it again."""
    table: Sequence[Sequence[str]]
    """The header first."""
    text_columns: int = 1
    """Columns from the left that are words; the others are figures."""
    caveats: Sequence[str] = ()
    notes: Sequence[str] = ()
    """How to read what is particular to it."""


def in_terminal(part: Part, *, align: str = "<>", picture: str = "") -> str:
    """As a command prints it."""
    lines = [part.settings, "", *columns(part.table, align), *part.notes, ""]
    return "\n".join([*lines, *([picture, ""] if picture else []), *part.answers, *part.caveats])


def known(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those by metrics that this version knows."""
    return [verdict for verdict in verdicts if verdict.metric in METRICS]


def against(verdicts: Sequence[Verdict], baseline: str) -> Verdict | None:
    """The first lane against this one, by what is compared."""
    return next((one for one in known(verdicts) if one.baseline == baseline), None)


def metric_of(plan: Plan, lanes: Sequence[LaneFigures], verdicts: Sequence[Verdict]) -> Metric:
    """What the lanes are compared by; of one lane alone the workload's metric, as far as that is known."""
    if found := known(verdicts):
        return METRICS[found[0].metric]
    main = main_metric(plan)
    is_known = not main.stand_in or any(lane.figure(main) is not None for lane in lanes)
    return main if is_known else METRICS[main.stand_in]


def cores_of(lanes: Sequence[LaneFigures]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where both sides ran, client first; empty where that is not known."""
    known_of = [(lane.client_cores or (), lane.server_cores or ()) for lane in lanes]
    return max(known_of, key=lambda cores: (bool(cores[0]), bool(cores[1])), default=((), ()))
