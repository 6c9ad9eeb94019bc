"""What a terminal without anything but ASCII is sent."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from udstui.tui.ascii import spelt


@pytest.mark.parametrize("text", ["🔎 search", "12.0 µs · ▊▎ ● ± 1", "╭─╮│╰╯"])
def test_it_is_ascii_and_as_wide(text: str) -> None:
    assert spelt(text).isascii()
    assert cell_len(spelt(text)) == cell_len(text)
