"""Which room may import which: the house has one way in, and no room knows those that are built on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import udstui
from udstui.docs import read_topic

PACKAGE = Path(udstui.__file__).parent
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"plain"}),
    frozenset({"errors", "host"}),
    frozenset({"units", "registry", "lane_name"}),
    frozenset({"plan", "measured"}),
    frozenset({"children", "transports", "docs"}),
    frozenset({"runtimes"}),
    frozenset({"services"}),
    frozenset({"workloads", "targets"}),
    frozenset({"settings"}),
    frozenset({"stats"}),
    frozenset({"serving", "results"}),
    frozenset({"experiments"}),
    frozenset({"probe", "recording"}),
    frozenset({"text"}),
    frozenset({"report"}),
    frozenset({"commands", "tui"}),
    frozenset({"cli_sharing", "cli_serving", "cli_load"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""A room imports from the floors below its own, and from its own room: never from beside, never from above."""
SCREEN_ONLY = frozenset({"textual", "rich"})
"""Libraries of the dashboard."""
RICH_ELSEWHERE = frozenset({"text/columns.py", "commands/help.py"})
"""The width of a character in cells is Rich's to know, and how Markdown looks in a terminal."""


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """The modules that a file imports, at its top or inside a function."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
ROOMS = {room_of(path) for path in FILES}


def test_a_room_imports_only_from_the_floors_below() -> None:
    wrong = []
    for path in FILES:
        room = room_of(path)
        found = {name.split(".")[1] for name in imports_of(path) if name.startswith("udstui.")} - {"__version__", room}
        wrong += [(str(path), other) for other in found if floor_of(other) >= floor_of(room)]
    assert not wrong


def test_nothing_but_the_dashboard_imports_what_draws_it() -> None:
    wrong = []
    for path in (path for path in FILES if room_of(path) != "tui"):
        libraries = {name.split(".")[0] for name in imports_of(path)} & SCREEN_ONLY
        if str(path.relative_to(PACKAGE)) in RICH_ELSEWHERE:
            libraries -= {"rich"}
        wrong += [(str(path), library) for library in libraries]
    assert not wrong


def test_no_module_of_tests_imports_another() -> None:
    """What several need is in a module of its own, beside them or above."""
    files = Path(__file__).parent.rglob("test_*.py")
    assert not [(path.name, name) for path in files for name in imports_of(path) if re.match(r"tests\..*\btest_", name)]


def test_every_room_has_its_floor() -> None:
    assert ROOMS - frozenset().union(*FLOORS) == set()


def test_every_room_is_on_the_page_that_a_newcomer_reads_first() -> None:
    page = read_topic("design")
    assert not [room for room in ROOMS if not re.search(rf"`{room}(/|\.py)`", page)]
