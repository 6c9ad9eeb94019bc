"""Layers as text: how much of the gain survives, in a sentence, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from udstui.experiments.layers import KINDS, Layer, Layers, adds
from udstui.plan import Plan
from udstui.results.lane_figures import compared_figure
from udstui.runtimes import RUNTIMES
from udstui.stats.estimate import Estimate
from udstui.stats.verdict import Verdict
from udstui.text.caveats import caveats_at
from udstui.text.columns import GAP, columns, width_of
from udstui.text.experiments import Words
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration

_DOUBT = " (not sure yet)"
_NAME_WIDTH = max(len(kind.name) for kind in KINDS)
_OF_THE_RATIO = ("wide", "wild-round")
"""Caveats of what the interval beside the ratio says already."""


LayerTold = tuple[str, Sequence[str], Sequence[Verdict | None], Sequence[Estimate | None]]
"""A layer's name, the figure of every lane, the verdicts on the first with each other, and what it adds to each."""


def layers_answer(layers: Layers) -> str:
    return layers_sentence(layers.layers()) or "too little of the layers is known to compare them"


def layers_report(layers: Layers) -> str:
    """What the layers say, their settings, the table, and whose code is in each."""
    found, plan = layers.layers(), layers.plan
    settings = plan_sentence(plan, without=("workload", "runtime"))
    lines = [*filter(None, [layers_sentence(found)]), settings, "", *layers_table(found, plan), ""]
    return "\n".join([*lines, *layers_notes(found), *_caveats(found)])


def layers_notes(layers: Sequence[Layer]) -> list[str]:
    """Whose code is timed in each layer, but for those that could not be measured."""
    return columns([[layer.kind.name, _whose(layer)] for layer in layers if layer.segment or not layer.problem], "<")


def _whose(layer: Layer) -> str:
    return layer.kind.about.format(runtime=in_words(layer.plan.runtime))


def in_words(runtime: str) -> str:
    """What a runtime is called in a sentence."""
    return "C" if runtime == "native" else RUNTIMES.named(runtime).label


def _caveats(layers: Sequence[Layer]) -> list[str]:
    return caveats_at(
        (layer.kind.name, [caveat for caveat in layer.segment.caveats() if caveat.code not in _OF_THE_RATIO])
        for layer in layers
        if layer.segment
    )


def layers_table(layers: Sequence[Layer], plan: Plan, width: int | None = None) -> list[str]:
    """A line a layer: each lane's median, how the first compares with every other, and what the layer adds to each.

    A layer that could not be measured, or not to its end, says why instead, or in the next line.
    What is wider than `width` is told more shortly: first what the layers add is dropped, then the ratio to the first
    stands behind each median, without its interval.
    """
    full = _full_rows(layers, plan)
    tables = [columns(rows) for rows in (full, [row[: 2 * len(plan.transports)] for row in full], _short(full, layers))]
    header, *lines = next((rows for rows in tables if width is None or width_of(rows[0]) <= width), tables[-1])
    return [header, *(told for layer, line in zip(layers, lines, strict=True) for told in _with_problem(layer, line))]


def _with_problem(layer: Layer, line: str) -> list[str]:
    if not layer.problem:
        return [line]
    if layer.segment:
        return [line, f"{' ' * _NAME_WIDTH}{GAP}ended early: {layer.problem}"]
    return [f"{layer.kind.name:<{_NAME_WIDTH}}{GAP}left out: {layer.problem}"]


def _full_rows(layers: Sequence[Layer], plan: Plan) -> list[list[str]]:
    lanes = range(len(plan.transports))
    told = (
        (
            layer.kind.name,
            [describe_duration(compared_figure(layer.segment, lane)) if layer.segment else "–" for lane in lanes],
            [layer.segment.verdict(lane) if layer.segment else None for lane in lanes[1:]],
            added,
        )
        for layer, added in zip(layers, adds(layers), strict=True)
    )
    return layer_rows(plan.lane_names(), told)


def layer_rows(names: Sequence[str], told: Iterable[LayerTold]) -> list[list[str]]:
    """The header, then a row a layer: figures of the lanes, ratios of the first to each other, what the layer adds."""
    labels = [lane_label(name) for name in names]
    ratios = (f"{labels[0]} : {label}" for label in labels[1:])
    return [
        ["layer", *labels, *ratios, *(f"adds to {label}" for label in labels)],
        *(
            [name, *figures, *map(ratio_in_brackets, verdicts), *map(added_time, added)]
            for name, figures, verdicts, added in told
        ),
    ]


def _short(full: Sequence[Sequence[str]], layers: Sequence[Layer]) -> list[list[str]]:
    """Each lane's figure, with the ratio of the first behind that of each other."""
    header, *rows = ([*row[: len(row) // 3 + 1]] for row in full)
    for row, layer in zip(rows, layers, strict=True):
        for lane in range(1, len(row) - 1):
            verdict = layer.segment.verdict(lane) if layer.segment else None
            if verdict and verdict.ratio is not None:
                row[1 + lane] += f" {verdict.ratio:.2f}x"
    return [header, *rows]


def layers_sentence(layers: Sequence[Layer]) -> str:
    """`UDS is 1.55x faster than TCP in C, 1.38x in Python, 1.03x under Python's http.server`; see layers_wordings."""
    return next(iter(layers_wordings(layers)), "")


def layers_wordings(layers: Sequence[Layer]) -> list[str]:
    """How much faster the first lane is than the second in each layer: as a sentence, then shorter and shorter.

    Nothing until two layers are known. First the doubts become signs, then names stand for where it is.
    """
    known = [
        (layer, verdict)
        for layer in layers
        if layer.segment and (verdict := layer.segment.verdict()) and verdict.ratio is not None
    ]
    if len(known) < 2:
        return []
    whole = claims([(layer.kind.where, verdict) for layer, verdict in known])
    short = " · ".join(
        f"{layer.kind.name} {verdict.ratio:.2f}x{'' if verdict.conclusive else '?'}" for layer, verdict in known
    )
    return [whole, whole.replace(_DOUBT, " (?)"), short]


def claims(known: Sequence[tuple[str, Verdict]]) -> str:
    """`UDS is 1.55x faster than TCP in C, 1.38x in Python, 1.02x slower under rpc`, each with where it is so.

    The direction is said where it changes.
    """
    pair = known[0][1]
    than = lane_label(pair.baseline)
    said: list[str] = []
    before = ""
    for where, verdict in known:
        ratio = verdict.ratio or 1.0
        direction = "faster" if ratio >= 1 else "slower"
        words = [
            f"{max(ratio, 1 / ratio):.2f}x",
            direction if direction != before else "",
            "" if said else f"than {than}",
        ]
        said.append(" ".join(filter(None, [*words, where])) + ("" if verdict.conclusive else _DOUBT))
        before = direction
    return f"{lane_label(pair.candidate)} is {', '.join(said)}"


def ratio_in_brackets(verdict: Verdict | None) -> str:
    """`1.47x (1.44 to 1.50)`."""
    if verdict is None or verdict.ratio is None:
        return "–"
    if verdict.ci_low is None or verdict.ci_high is None:
        return f"{verdict.ratio:.2f}x"
    return f"{verdict.ratio:.2f}x ({verdict.ci_low:.2f} to {verdict.ci_high:.2f})"


def added_time(value: Estimate | None) -> str:
    if value is None:
        return "–"
    return (
        f"{'+' if value.ns > 0 else ''}{describe_duration(value.ns)}".replace("-", "−")
        if value.is_known
        else "not known"
    )


WORDS = Words(layers_answer, layers_report)
