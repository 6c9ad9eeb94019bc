from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import connected, serving
from tests.services.speaking import serve
from udstui.transports import Transport
from udstui.transports.address import Address


@pytest.fixture
def address(transport: Transport, folder: Path) -> Iterator[Address]:
    with serving(transport, folder, serve) as found:
        yield found


@pytest.fixture
def client(transport: Transport, address: Address) -> Iterator[socket.socket]:
    with connected(transport, address) as found:
        yield found
