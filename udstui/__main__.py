"""Where the program begins: the `udstui` command, and `python -m udstui`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """udstui.cli's main; Ctrl-C while that is imported is no reason for a traceback."""
    gc.disable()  # nothing that an import makes is waste
    try:
        from udstui.cli import main as begin
    except KeyboardInterrupt:
        sys.exit(130)
    gc.freeze()
    gc.enable()
    begin()


if __name__ == "__main__":
    main()
