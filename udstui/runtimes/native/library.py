"""Finds and loads the built library, or says why there is none.

The build hook runs this file too, so it imports the standard library only.
"""

from __future__ import annotations

import ctypes
import functools
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent
FILE_NAME = "_loops.so"
"""What the build hook makes of the C files beside this file."""
_REMEDY = "install a C compiler, and udstui again"


class Library:
    """The loaded library. Its functions are called by the modules binding and rows only."""

    def __init__(self, functions: ctypes.CDLL) -> None:
        self.functions = functions


def load() -> Library | None:
    """The library, or None where there is none that can be used; never raises. Later calls return the same."""
    found = _found()
    return found if isinstance(found, Library) else None


def why_not() -> str:
    """One sentence on why load() returns None, with the remedy; nothing when there is a library."""
    found = _found()
    return "" if isinstance(found, Library) else found


@functools.cache
def _found() -> Library | str:
    return load_from(FOLDER / FILE_NAME)


def load_from(path: Path) -> Library | str:
    """The library at that path, or the sentence that says why it cannot be used."""
    try:
        if any(parent.is_file() for parent in path.parents):
            return "the native loops cannot be loaded from an archive; install udstui"
        if not path.exists():
            return f"the native loops are not built; {_REMEDY}"
        functions = ctypes.CDLL(str(path))
        functions.udstui_fingerprint.restype = ctypes.c_uint32
        built_from = functions.udstui_fingerprint()
        sources = fingerprint()
    except OSError as error:
        return f"the native loops cannot be loaded: {error}; {_REMEDY}"
    except AttributeError:
        built_from, sources = 0, 1
    if built_from != sources:
        return f"the native loops are of another build of udstui; {_REMEDY}"
    return Library(functions)


def sources() -> list[Path]:
    """The files that are compiled, in the order of their names."""
    return sorted(FOLDER.glob("*.c"))


def fingerprint() -> int:
    """Tells one state of the C files from another; the library carries that of the files it was built from."""
    checksum = 0
    for path in [*sources(), *sorted(FOLDER.glob("*.h"))]:
        checksum = zlib.crc32(path.read_bytes(), checksum)
    return checksum
