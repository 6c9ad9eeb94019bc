"""Layers as text: how much of the gain survives, in a sentence, and a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from udstui.experiments.layers import KINDS
from udstui.plan import Plan
from udstui.recording.layers_json import LayerRecord, LayersRecord
from udstui.runtimes import RUNTIMES
from udstui.stats.estimate import Estimate
from udstui.stats.verdict import Verdict
from udstui.text.caveats import caveats_at
from udstui.text.columns import columns, width_of
from udstui.text.command_line import command_line
from udstui.text.part import Part, against, known, metric_of
from udstui.text.plan import plan_sentence
from udstui.transports import lane_label
from udstui.units import describe_duration, describe_range, describe_ratio

_DOUBT = " (not sure yet)"
_SIGN = " · ?: not sure yet"
_WHERE = {kind.name: kind.where for kind in KINDS}
_OF_THE_RATIO = ("wide", "wild-round")
"""Caveats of what the interval beside the ratio says already."""
_TOO_LITTLE = "Too little of the layers is known to compare them"


def part_of(found: LayersRecord) -> Part:
    caveats = (
        (layer.layer, [caveat for caveat in layer.caveats if caveat.code not in _OF_THE_RATIO])
        for layer in found.layers
    )
    return Part(
        heading="Layers: the same race in every runtime, then under protocols",
        answers=[next(iter(layers_wordings(found.layers)), _TOO_LITTLE)],
        settings=plan_sentence(found.plan, without=("workload", "runtime")),
        command=command_line(found.plan, "layers", without=("workload", "runtime")),
        table=_rows(found.layers, found.plan),
        caveats=caveats_at(caveats),
        notes=[
            *left_out(found.left_out, found.layers),
            *map(": ".join, whose_code(found.plan, [layer.layer for layer in found.layers])),
            *([] if found.is_complete else ["It was stopped before its end."]),
        ],
    )


def report(found: LayersRecord) -> str:
    """What the layers say, their settings, the table, and whose code is in each."""
    part = part_of(found)
    whose = columns(whose_code(found.plan, [layer.layer for layer in found.layers]), "<")
    table = [*layers_table(found.layers, found.plan), *left_out(found.left_out, found.layers)]
    return "\n".join([*part.answers, part.settings, "", *table, "", *whose, *part.caveats])


def whose_code(plan: Plan, layers: Collection[str]) -> list[list[str]]:
    """The name of each of these layers, and whose code is timed in it, as far as this version knows them."""
    return [
        [kind.name, kind.about.format(runtime=_in_words(kind.runtime or plan.runtime))]
        for kind in KINDS
        if kind.name in layers
    ]


def _in_words(runtime: str) -> str:
    """What a runtime is called in a sentence."""
    return "C" if runtime == "native" else RUNTIMES.named(runtime).label


def left_out(why: Mapping[str, str], layers: Sequence[LayerRecord]) -> list[str]:
    """A line for each layer that could not be measured, or not to its end."""
    measured = {layer.layer for layer in layers}
    return [
        f"{'Ended early' if name in measured else 'Left out'}: {name}, because {text}" for name, text in why.items()
    ]


def layers_table(layers: Sequence[LayerRecord], plan: Plan, width: int | None = None) -> list[str]:
    """A line a layer: each lane's median, how the first compares with every other, and what the layer adds to each.

    What is wider than `width` is told more shortly: first what the layers add is dropped, then the ratio to the first
    stands behind each median, without its interval, and at last the medians alone.
    """
    full, lanes = _rows(layers, plan), len(plan.transports)
    shorter = [row[: 2 * lanes] for row in full], _short(full, layers), [row[: 1 + lanes] for row in full]
    tables = [columns(rows) for rows in (full, *shorter)]
    return next((rows for rows in tables if width is None or width_of(rows[0]) <= width), tables[-1])


def _rows(layers: Sequence[LayerRecord], plan: Plan) -> list[list[str]]:
    """The header, then a row a layer: figures of the lanes, ratios of the first to each other, what the layer adds."""
    labels = [lane_label(name) for name in plan.lane_names()]
    ratios = (f"{labels[0]} : {label}" for label in labels[1:])
    return [
        ["layer", *labels, *ratios, *(f"adds to {label}" for label in labels)],
        *(_row(layer, plan.lane_names()) for layer in layers),
    ]


def _row(layer: LayerRecord, names: Sequence[str]) -> list[str]:
    metric = metric_of(layer.plan, layer.lanes, layer.verdicts)
    figures = [metric.describe(lane.figure(metric)) for lane in layer.lanes]
    ratios = [_ratio_in_brackets(against(layer.verdicts, name)) for name in names[1:]]
    return [layer.layer, *figures, *ratios, *map(_added_time, layer.adds)]


def _short(full: Sequence[Sequence[str]], layers: Sequence[LayerRecord]) -> list[list[str]]:
    """Each lane's figure, with the ratio of the first behind that of each other."""
    header, *rows = ([*row[: len(row) // 3 + 1]] for row in full)
    for row, layer in zip(rows, layers, strict=True):
        for lane, figures in enumerate(layer.lanes[1:], start=2):
            verdict = against(layer.verdicts, figures.transport)
            if verdict and verdict.ratio is not None:
                row[lane] += f" {describe_ratio(verdict.ratio)}"
    return [header, *rows]


def layers_wordings(layers: Sequence[LayerRecord]) -> list[str]:
    """How much faster the first lane is than the second in each layer: as a sentence, then shorter and shorter.

    Nothing until two layers are known. First the doubts become signs, then names stand for where it is; of many layers
    at last the first one alone, and how far the others reach, once more with names.
    """
    firsts = [(layer.layer, verdict) for layer in layers for verdict in known(layer.verdicts)[:1] if verdict.ratio]
    if len(firsts) < 2:
        return []
    claims = [(_WHERE.get(name, f"under {name}"), verdict) for name, verdict in firsts]
    whole = _claims(claims)
    named = [f"{name} {describe_ratio(one.ratio)}{'' if one.conclusive else '?'}" for name, one in firsts]
    short = " · ".join(named)
    least, most = (pick(range(len(firsts)), key=lambda at: firsts[at][1].ratio or 1.0) for pick in (min, max))
    low, high = (
        f"{describe_ratio(claims[at][1].ratio)} {claims[at][0]}{'' if claims[at][1].conclusive else ' (?)'}"
        for at in (least, most)
    )
    brief = f"{_claims(claims[:1])}; from {low} to {high}".replace(_DOUBT, " (?)")
    last = f"{named[0]}; from {named[least]} to {named[most]}"
    told = [whole, whole.replace(_DOUBT, " (?)"), short, *(one for one in (brief, last) if len(one) < len(short))]
    explained = [f"{one}{_SIGN}" if "?" in one else one for one in told]
    return [*explained, *(one for one in told[-1:] if "?" in one)]


def _claims(known: Sequence[tuple[str, Verdict]]) -> str:
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
            describe_ratio(max(ratio, 1 / ratio)),
            direction if direction != before else "",
            "" if said else f"than {than}",
        ]
        said.append(" ".join(filter(None, [*words, where])) + ("" if verdict.conclusive else _DOUBT))
        before = direction
    return f"{lane_label(pair.candidate)} is {', '.join(said)}"


def _ratio_in_brackets(verdict: Verdict | None) -> str:
    """`1.47x (1.44 to 1.50)`."""
    if verdict is None or verdict.ratio is None:
        return "–"
    if verdict.ci_low is None or verdict.ci_high is None:
        return describe_ratio(verdict.ratio)
    return f"{describe_ratio(verdict.ratio)} ({describe_range(verdict.ci_low, verdict.ci_high)})"


def _added_time(value: Estimate | None) -> str:
    if value is None:
        return "–"
    return (
        f"{'+' if value.ns > 0 else ''}{describe_duration(value.ns)}".replace("-", "−")
        if value.is_known
        else "not known"
    )
