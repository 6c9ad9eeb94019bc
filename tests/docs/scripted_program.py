"""The program with rounds from a script in place of a probe: `python -m tests.docs.scripted_program run ...`."""

from __future__ import annotations

from typing import Any
from unittest import mock

from tests.scripted import Script
from udstui.cli import main


class Probe(Script):
    """Its operations take long, so that a few rounds fill the time that was asked for."""

    def __init__(self) -> None:
        super().__init__(lambda _: (600_000, 900_000, 1_200_000, 1_500_000))

    async def __aenter__(self) -> Probe:
        return self

    async def __aexit__(self, *error: object) -> None: ...


def done(*_: Any, **__: Any) -> int:
    """In place of what goes on until somebody ends it."""
    return 0


PATCHES = {
    "udstui.commands.measure.Probe": Probe,
    "udstui.tui.start.dashboard": done,
    "udstui.tui.start.replay": done,
    "udstui.commands.serve.serve": done,
}

if __name__ == "__main__":
    for name, instead in PATCHES.items():
        mock.patch(name, instead).start()
    main()
