"""What pyproject.toml says of the packages that udstui needs, and of their lowest versions, is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_lowest_versions_are_those_that_are_tried() -> None:
    allowed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lowest = dict(re.match(r"([a-z]+)>=([0-9.]+)", text).groups() for text in allowed)  # type: ignore[union-attr,misc]
    tried = dict(
        re.findall(r"^([a-z]+)==([0-9.]+)$", (ROOT / "tests/constraints-lowest.txt").read_text(), re.MULTILINE)
    )
    assert lowest.keys() == tried.keys()
    for name, version in tried.items():
        assert re.fullmatch(rf"{re.escape(lowest[name])}(\.0)*", version)


def test_what_is_installed_with_it_is_imported_by_it() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    source = "\n".join(path.read_text() for path in (ROOT / "udstui").rglob("*.py"))
    for text in needed:
        name = re.match(r"[a-z]+", text)[0]  # type: ignore[index]
        assert re.search(rf"^\s*(import|from) {name}\b", source, re.MULTILINE), name
