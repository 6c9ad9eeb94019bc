"""Clients of what udstui serves that do not do what they should."""

from __future__ import annotations

import contextlib
import functools
import re
import socket
import time
from collections.abc import Iterator

import psutil

from tests.faults.fault import NO_HANG_S, Fault, Running, Scene
from tests.helpers import receive_exactly
from udstui.transports import dial
from udstui.transports.address import Address, parse_address

_CALL = b'{"jsonrpc": "2.0", "id": 1, "method": "Greeter.Greet", "params": ["another"]}'
REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_CALL),
    _CALL,
)
ANSWER = b"Hello, another"
_MOST_GROWTH_BYTES = 100 * 1024**2


@contextlib.contextmanager
def serving(scene: Scene, service: str) -> Iterator[tuple[Running, list[Address]]]:
    """`udstui serve`, on UDS and TCP, which is well and has said nothing amiss when it is told to leave."""
    server = scene.start("serve", service, "--listen", f"unix:{scene.folder}/s.sock", "--listen", "tcp:127.0.0.1:0")
    addresses = [parse_address(server.wait_for_output(rf"listens on ({scheme}:\S+)")[1]) for scheme in ("unix", "tcp")]
    yield server, addresses
    for address in addresses:
        is_answered(service, address)
    server.process.terminate()
    assert server.ends() == 0
    usual = re.compile(
        r"(unix|tcp):\S+: (pid \d+ uid \d+|\S+) connected|udstui: every user of this machine can call .*"
    )
    complaints = [line for line in server.stderr.splitlines() if not usual.fullmatch(line)]
    assert not complaints, complaints[:5]


def is_answered(service: str, address: Address) -> None:
    """An honest client is, at once."""
    request, answer = (REQUEST, ANSWER) if service == "rpc" else (b"hello", b"hello")
    with dial(address, NO_HANG_S) as client:
        client.settimeout(NO_HANG_S)
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        assert answer in receive_exactly(client, 2**16)


def client_closes_at_each_byte(service: str, scene: Scene) -> None:
    with serving(scene, service) as (_, addresses):
        for address in addresses:
            for count in range(len(REQUEST) + 1):
                with dial(address, NO_HANG_S) as client:
                    client.sendall(REQUEST[:count])
    scene.notes.append(f"the next client was served after {len(addresses) * (len(REQUEST) + 1)} of them")


def clients_stall_at_each_byte(scene: Scene) -> None:
    """All of them at once, and nobody else has to wait for them."""
    with serving(scene, "rpc") as (_, addresses), contextlib.ExitStack() as opened:
        for address in addresses:
            for count in range(len(REQUEST)):
                opened.enter_context(dial(address, NO_HANG_S)).sendall(REQUEST[:count])
            is_answered("rpc", address)
    scene.notes.append(f"others were served while {len(addresses) * len(REQUEST)} stalled")


def a_stalled_request_is_given_up(scene: Scene) -> None:
    """Begun and not finished within ten seconds: the connection is closed, and its thread free again."""
    with serving(scene, "rpc") as (_, addresses), contextlib.ExitStack() as opened:
        stalled = []
        for address in addresses:
            for count in (1, 10, len(REQUEST) - 1):
                stalled.append(opened.enter_context(dial(address, NO_HANG_S)))
                stalled[-1].sendall(REQUEST[:count])
        began_s = time.monotonic()
        for client in stalled:
            client.settimeout(15)
            assert receive_exactly(client, 2**16) == b""
        scene.notes.append(f"closed after {time.monotonic() - began_s:.0f} s")


ENDLESS = {
    "a request line": (b"", b"x" * 2**16),
    "a header": (b"POST / HTTP/1.1\r\na: ", b"x" * 2**16),
    "headers": (b"POST / HTTP/1.1\r\n", b"a: b\r\n" * 2**13),
    "a body": (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999\r\n\r\n", b"x" * 2**16),
    "a chunked body": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 2**13),
    "requests whose answers are not read": (b"", REQUEST * 500),
    "zeros": (b"", bytes(2**16)),
}


def client_pours(service: str, scene: Scene) -> None:
    """Data without end, and no answer is read: it is cut off, or not read any more, and nothing grows."""
    seen = []
    with serving(scene, service) as (server, addresses):
        before = psutil.Process(server.pid).memory_info().rss
        for address in addresses:
            for head, more in ENDLESS.values():
                with dial(address, NO_HANG_S) as client:
                    seen.append(_pour(client, head, more))
                is_answered(service, address)
        growth = psutil.Process(server.pid).memory_info().rss - before
    assert growth < _MOST_GROWTH_BYTES, growth
    cut = seen.count("cut off")
    scene.notes.append(f"{cut} cut off, {len(seen) - cut} not read any more, {growth / 1024**2:.0f} MiB gained")


def _pour(client: socket.socket, head: bytes, more: bytes) -> str:
    """Send until that is not taken any more; tell how it ended."""
    client.settimeout(0.2)
    give_up = time.monotonic() + NO_HANG_S
    try:
        client.sendall(head)
        while time.monotonic() < give_up:
            client.sendall(more)
    except TimeoutError:
        return "not read"
    except OSError:
        return "cut off"
    raise AssertionError(f"it reads and reads: {head!r}")


FAULTS = (
    *(
        Fault(
            "a client closes at each byte", f"serve {service}", functools.partial(client_closes_at_each_byte, service)
        )
        for service in ("echo", "rpc")
    ),
    Fault("clients stall at each byte", "serve rpc", clients_stall_at_each_byte),
    Fault("requests that are never finished", "serve rpc", a_stalled_request_is_given_up, quick=False),
    *(
        Fault("a client sends without end", f"serve {service}", functools.partial(client_pours, service), quick=False)
        for service in ("echo", "rpc")
    ),
)
