from __future__ import annotations

from pathlib import Path

import pytest

from udstui.probe import connecting
from udstui.probe.connecting import connected_too_slowly


@pytest.mark.parametrize(("content", "told"), [("16\n", "16"), (None, "unknown")])
def test_clients_that_cannot_connect_are_told_of_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, told: str
) -> None:
    path = tmp_path / "somaxconn"
    if content:
        path.write_text(content)
    monkeypatch.setattr(connecting, "_MOST_WAITING", path)
    assert str(connected_too_slowly(3, 8)) == (
        "only 3 of 8 clients were connected within 10.0 s; "
        f"does the server accept them, and is net.core.somaxconn ({told}) large enough?"
    )
