"""What commands print: results on stdout, or a sentence why not, and never twice; progress on stderr."""

from __future__ import annotations

import contextlib
import os
import select
import sys

from udstui.errors import RecordingError, reason

_printing = False


def print_out(text: str) -> None:
    """Write to stdout. Raises RecordingError when that cannot be, and BrokenPipeError when nobody reads any more."""
    global _printing  # noqa: PLW0603 - there is one stdout
    _printing = True
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:  # nobody reads any more: nobody needs to be told
        drop_out()
        raise
    except OSError as error:
        drop_out()
        raise RecordingError(f"cannot write to stdout: {reason(error)}", "send it elsewhere") from error
    finally:
        _printing = False


def is_held_up() -> bool:
    """Whether print_out() waits for a reader that does not read."""
    return _printing and not select.select([], [sys.stdout], [], 0)[1]


def drop_out() -> None:
    """What stdout did not take is not tried again."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class ProgressLine:
    """One line on stderr that is written over and over, and gone at the end; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.show("")

    def show(self, text: str) -> None:
        # A terminal that takes nothing (ctrl+s) would hold up the measuring, and one that is gone takes nothing ever.
        with contextlib.suppress(OSError):
            if self._is_shown and select.select([], [sys.stderr], [], 0)[1]:
                print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
