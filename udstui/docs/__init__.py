"""Help topics: a Markdown file each, shipped with the package, and the JSON Schemas of the files that udstui writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from udstui.errors import unknown_choice
from udstui.units import shown

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SETTINGS, _ABOUT_SETTINGS = "settings", "Settings: the options of a plan, and what each choice means"
_ENDING = ".md"


def topics() -> dict[str, str]:
    """Each topic by its name, with what it is about."""
    names = sorted(entry.name for entry in _folder().iterdir() if entry.name.endswith(_ENDING))
    return {name.removesuffix(_ENDING): _heading(name) for name in names}


def all_topics() -> dict[str, str]:
    """The same with that which has no file: it is made of the settings (text.help_topic)."""
    return dict(sorted({**topics(), SETTINGS: _ABOUT_SETTINGS}.items()))


def schemas() -> list[str]:
    """The names of the JSON Schemas, like `run.schema.json`."""
    return sorted(entry.name for entry in _folder().iterdir() if entry.name.endswith(".schema.json"))


def read_topic(name: str) -> str:
    """The Markdown of a topic, or a JSON Schema. Raises UsageError for a name that is neither."""
    if name in topics():
        return (_folder() / f"{name}{_ENDING}").read_text(encoding="utf-8")
    if name in schemas():
        return (_folder() / name).read_text(encoding="utf-8")
    raise unknown_choice(f"there is no topic {shown(name)}", name, all_topics())


def _heading(file: str) -> str:
    return (_folder() / file).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _folder() -> Traversable:
    from importlib.resources import files  # slow to import

    return files("udstui.docs")
