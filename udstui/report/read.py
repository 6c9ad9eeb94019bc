"""What a recorded file holds, whichever kind it is, and what lies beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from udstui.errors import RecordingError
from udstui.experiments import EXPERIMENTS
from udstui.plain import plain
from udstui.recording import round_json
from udstui.recording.experiments import format_of
from udstui.recording.json_file import Record
from udstui.recording.read import Tell, is_json, opened, read_record_of, telling, untold
from udstui.recording.read_csv import read_many
from udstui.recording.read_json import decode_run, decoded, read_text, schema_of, segments_of
from udstui.recording.run_json import RunRecord, SegmentRecord
from udstui.report.segments import Curves, Gathered
from udstui.stats.verdict import Verdict
from udstui.units import shown

KINDS = "CSV or JSON"
_LARGEST = 1e305
"""A little less than floats hold, and more than any end of an interval is told as."""


class Found(Struct, frozen=True):
    path: str
    """As it was given, made harmless."""
    told: Record | None
    """None from a CSV file without the JSON beside it."""
    experiment: str = ""
    """Its name, where this was found by one that finds more than a run holds."""
    segments: Sequence[SegmentRecord] = ()
    """Of a run, oldest first; without its JSON their figures are estimates between known percentiles."""
    curves: Mapping[int, Curves] = {}
    """Of a run, by segment, the figures of its rounds; none from JSON without the CSV beside it."""


def read_found(path: Path, tell: Tell = untold) -> Found:
    """Raises RecordingError when the file cannot be read, or is none of udstui's that this version knows."""
    with opened(path, KINDS) as file:
        if is_json(file):
            return found_in(_result_in(read_text(file, path), path), path, tell)
        gathered = Gathered(telling(read_many(file, path, KINDS), file, path, tell))
    told = read_record_of(gathered.rounds_of, path)
    segments = _named(segments_of(told)) if told else gathered.records()
    return Found(plain(str(path)), told, segments=segments, curves=gathered.curves)


def found_in(text: bytes, path: Path, tell: Tell = untold) -> Found:
    """What is in a JSON file of this path. Raises RecordingError as read_found() does."""
    name, schema = plain(str(path)), schema_of(text, path)
    if not _is_within(decoded(text, object, path)):
        raise RecordingError(f"{path} has a number beyond all that is measured", "was it edited?")
    what = schema.partition("/")[0].removeprefix("udstui.")
    if what == "run":
        run = decode_run(text, path)
        return Found(name, run, segments=_named(segments_of(run)), curves=_curves_beside(path, run, tell))
    if what not in EXPERIMENTS:
        remedy = f"give the file of a run, or of {', '.join(EXPERIMENTS[1:])}"
        raise RecordingError(f"{path} has schema {shown(schema)}, of which no report is made", remedy)
    kind = format_of(what)
    if kind.schema != schema:
        raise RecordingError(
            f"{path} has schema {shown(schema)}, this udstui reads {kind.schema}", "use a newer udstui"
        )
    return Found(name, decoded(text, kind.record, path), what)


def _result_in(text: bytes, path: Path) -> bytes:
    """JSON as it is; of the lines of `--jsonl` the last one, which tells what was found."""
    signature = round_json.SIGNATURE.encode()
    last = text.rstrip().rpartition(b"\n")[2] if text.startswith(signature) else text
    if last.startswith(signature):
        raise RecordingError(
            f"{path} has no last line with a result", "was it stopped by force? its CSV has the rounds"
        )
    return last


def _is_within(value: object) -> bool:
    """Whether every number in this can be calculated with: JSON knows larger ones, which nothing measures."""
    left = [value]  # not by recursion: what msgspec can still decode may be nested too deeply for that
    while left:
        match left.pop():
            case dict() as fields:
                left += fields.values()
            case list() as items:
                left += items
            case float() as number if not abs(number) < _LARGEST:
                return False
            case int() as number if not abs(number) < 2**63:
                return False
    return True


def _named(segments: Sequence[SegmentRecord]) -> list[SegmentRecord]:
    """With lanes called as this version calls them: the first one wrote `uds#2`."""
    return [_with_names(segment) for segment in segments]


def _with_names(segment: SegmentRecord) -> SegmentRecord:
    names = dict(zip((lane.transport for lane in segment.lanes), segment.plan.lane_names(), strict=False))

    def named(verdict: Verdict) -> Verdict:
        candidate, baseline = (names.get(lane, lane) for lane in (verdict.candidate, verdict.baseline))
        return replace(verdict, candidate=candidate, baseline=baseline)

    return replace(
        segment,
        lanes=[replace(lane, transport=names.get(lane.transport, lane.transport)) for lane in segment.lanes],
        verdict=segment.verdict and named(segment.verdict),
        verdicts=[named(verdict) for verdict in segment.verdicts],
    )


def _curves_beside(json: Path, run: RunRecord, tell: Tell) -> Mapping[int, Curves]:
    """The rounds of the CSV file that was written beside the JSON of a run."""
    path = json.with_suffix(".csv")
    with contextlib.suppress(RecordingError):
        if path != json and path.is_file():
            with opened(path, KINDS) as file:
                gathered = Gathered(telling(read_many(file, path), file, path, tell))
            told = {segment.segment: segment.lanes[0].rounds for segment in segments_of(run)}
            return gathered.curves if told == gathered.rounds_of else {}
    return {}
