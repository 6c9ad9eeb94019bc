"""The JSON Schemas of udstui/docs, made from the records; `python -m tests.docs.schemas` writes them anew."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

import udstui.docs
from udstui.recording.anatomy_json import AnatomyRecord
from udstui.recording.compare_json import ComparisonRecord
from udstui.recording.layers_json import LayersRecord
from udstui.recording.load_json import LoadRecord
from udstui.recording.round_json import RoundRecord
from udstui.recording.run_json import RunRecord
from udstui.recording.sweep_json import SweepRecord
from udstui.results.earlier import FoundRun

FOLDER = Path(udstui.docs.__file__).parent
RECORDS: dict[str, type[Struct]] = {
    "run": RunRecord,
    "round": RoundRecord,
    "sweep": SweepRecord,
    "anatomy": AnatomyRecord,
    "layers": LayersRecord,
    "load": LoadRecord,
    "compare": ComparisonRecord,
    "history": FoundRun,
}


def main() -> None:
    for name in RECORDS:
        path(name).write_text(schema_text(name))


def path(name: str) -> Path:
    return FOLDER / f"{name}.schema.json"


def schema_text(name: str) -> str:
    """The schema of a record and of all that it holds, with what their docstrings say of the fields."""
    record = RECORDS[name]
    (schema,), parts = msgspec.json.schema_components([record], ref_template="#/$defs/{name}")
    for part, described in parts.items():
        _describe(described, _class_named(part))
        described["additionalProperties"] = True  # a later version may add to it
    number = msgspec.structs.fields(record)[0].default
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": number, **schema, "$defs": parts}
    whole["$defs"][record.__name__]["properties"]["schema"] = {"const": number}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _class_named(name: str) -> type[Struct]:
    """The record, wherever it is defined."""
    found = {kind for kind in _subclasses(Struct) if kind.__name__ == name and kind.__module__.startswith("udstui.")}
    assert len(found) == 1, f"several records are called {name}: {found}"
    return found.pop()


def _subclasses(kind: type) -> set[type]:
    return {kind}.union(*(_subclasses(each) for each in kind.__subclasses__()))


def _describe(schema: dict[str, Any], kind: type[Struct]) -> None:
    """Add the docstrings of fields: one stands behind the field, or behind the last of several that it is about."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    undescribed: list[str] = []
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            undescribed.append(node.target.id)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and undescribed:
            field = schema["properties"].get(undescribed[-1])
            if field is not None:
                field["description"] = inspect.cleandoc(str(node.value.value)).replace("\n", " ")
            undescribed.clear()


if __name__ == "__main__":
    sys.exit(main())
