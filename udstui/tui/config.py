"""The user's own keys, and the theme that was chosen last.

Keys are read from `config.toml`, which udstui never writes:

    [keys]
    workload = "x"
    "size.double" = "greater_than_sign"

The theme is remembered in a file of its own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections import Counter
from pathlib import Path

import platformdirs
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from udstui.errors import UdstuiError, nearest, reason
from udstui.tui.key import all_keys
from udstui.tui.keys import GROUPS, REPLAY_GROUPS

_LARGEST_BYTES = 2**16
_RESERVED = {"ctrl+q", "ctrl+c", *"123456789"}
_OF_THE_SCREENS = {"tab", "shift+tab", "enter", "up", "down", "escape"} | {"ctrl+i", "ctrl+m", "return"}
"""To move about and to choose; the last three are what a terminal sends for tab and enter."""
_KEY = re.compile(r"(?:(?:ctrl|shift|alt)\+)*[a-z0-9_]+|[A-Z]", re.ASCII)


def config_path() -> Path | None:
    """Where the keys are read from; None where no folder of the user's is known."""
    return _place(platformdirs.user_config_path("udstui"), "config.toml")


def read_keymap(path: Path | None) -> dict[str, str]:
    """The keys that the user chose, by the id of the binding; empty without a file.

    Raises UdstuiError for a file that cannot be read, for unknown ids, and for keys that clash; then the defaults
    should stay.
    """
    if path is None:
        return {}
    remedy = "the usual keys are used"
    try:
        text = _read(path)
        import tomllib  # most users have no such file

        found = tomllib.loads(text).get("keys", {})
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UdstuiError(f"cannot read {tilde(path)}: {reason(error)}", remedy) from error
    except (ValueError, RecursionError) as error:  # not all that tomllib raises is its own TOMLDecodeError
        raise UdstuiError(f"{tilde(path)} is not TOML: {error}", remedy) from error
    problem = _problem(found)
    if problem:
        raise UdstuiError(f"{problem}, in {tilde(path)}{_meant(found)}", remedy)
    return dict(found)


def tilde(path: Path) -> str:
    """The path with ~ for the home folder, as room is short where it is shown."""
    home = os.environ.get("HOME", "")
    return f"~/{path.relative_to(home)}" if Path(home).is_absolute() and path.is_relative_to(home) else str(path)


def _read(path: Path) -> str:
    """The start of a file. A pipe that nobody writes to would hold us up, so what is no file is an OSError."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    with path.open("rb") as file:
        return file.read(_LARGEST_BYTES).decode()


def _problem(found: object) -> str:
    """What is wrong with a table of keys; empty if nothing is."""
    if not isinstance(found, dict):
        return "keys is not a table"
    faces = _faces()
    for name, keys in found.items():
        if not any(name in usual for usual in faces):
            return f"unknown key name {name!r}"
        if not isinstance(keys, str) or not all(_KEY.fullmatch(key.strip()) for key in keys.split(",")):
            return f'the keys of {name} are not spelled like "w" or "ctrl+w,f2"'
        unknown = [key.strip() for key in keys.split(",") if not _is_known(key.strip())]
        if unknown:
            return f"no key is called {unknown[0]!r}"
    for usual in faces:
        own = {name: keys for name, keys in found.items() if name in usual}
        chosen = [key.strip() for keys in (usual | own).values() for key in keys.split(",")]
        reserved = _RESERVED | _OF_THE_SCREENS
        clashing = [key for key, count in Counter(chosen).items() if count > 1 or key in reserved]
        if clashing:
            return f"{clashing[0]!r} is there more than once, or reserved"
    return ""


def _faces() -> list[dict[str, str]]:
    """The usual keys by their names: of the dashboard, and of a replay."""
    return [{key.id: key.keys for key in all_keys(groups)} for groups in (GROUPS, REPLAY_GROUPS)]


def _meant(found: object) -> str:
    """` (did you mean 'workload'?)` for the first name that is almost one."""
    known = set().union(*_faces())
    near = (
        filter(None, (nearest(name, known) for name in found if name not in known)) if isinstance(found, dict) else ()
    )
    return next((f" (did you mean {name!r}?)" for name in near), "")


def _is_known(key: str) -> bool:
    """Whether Textual has a key of this name."""
    name = key.rpartition("+")[2]
    named = {known.value for known in Keys} | set(KEY_NAME_REPLACEMENTS.values())
    return name in named or key_to_character(name) is not None


def read_theme() -> str | None:
    path = _theme_path()
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path is not None:
            return _read(path).strip()
    return None


def remember_theme(name: str) -> None:
    """Raises UdstuiError when it cannot be remembered; it is used all the same."""
    path = _theme_path()
    if path is None:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
    except OSError as error:
        raise UdstuiError(f"cannot remember the theme in {path}: {reason(error)}") from error


def _theme_path() -> Path | None:
    return _place(platformdirs.user_state_path("udstui"), "theme")


def _place(folder: Path, name: str) -> Path | None:
    return folder / name if folder.is_absolute() else None
