"""The registry of services."""

from __future__ import annotations

import pytest

from udstui.errors import UsageError
from udstui.services import service_named


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="choose from echo, sink, packets, rpc"):
        service_named("telepathy")
