"""Pages of the web that are open in a browser on this machine, and others who send what is nearly HTTP."""

from __future__ import annotations

import re
import socket
from functools import partial

from tests.faults.fault import NO_HANG_S, Fault, Running, Scene

_CALL = b'{"jsonrpc":"2.0","id":1,"method":"Arith.Multiply","params":[1,3]}'
_FIELDS = ("Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(_CALL)}")
_PAGES = {
    "a foreign Origin": ((*_FIELDS, "Origin: https://example.com"), 403),
    "a foreign Origin with text": (
        (_FIELDS[0], "Content-Type: text/plain", _FIELDS[2], "Origin: https://example.com"),
        403,
    ),
    "an Origin that is none": ((*_FIELDS, "Origin: null"), 403),
    "an Origin that begins like ours": ((*_FIELDS, "Origin: http://localhost.example.com"), 403),
    "a foreign Host (DNS rebinding)": (("Host: example.com", *_FIELDS[1:]), 421),
    "text, as a form sends it": ((_FIELDS[0], "Content-Type: text/plain", _FIELDS[2]), 415),
    "no type at all": ((_FIELDS[0], _FIELDS[2]), 415),
    "a page of this machine": ((*_FIELDS, "Origin: http://localhost:8080"), 200),
    "no page": (_FIELDS, 200),
}
_SMUGGLED = {
    "Transfer-Encoding with a space": "Transfer-Encoding : chunked",
    "a folded Transfer-Encoding": "Transfer-Encoding:\r\n chunked",
    "both lengths": "Transfer-Encoding: chunked",
    "two lengths": "Content-Length: 5",
    "two Hosts": "Host: localhost",
    "a field without a name": ": value",
    "a NUL": "X: \0",
    "a bare CR": "X: a\rTransfer-Encoding: chunked",
}
"""Fields that two readers of one connection may understand differently, beside those of a good request."""


def _serving(scene: Scene) -> tuple[Running, int]:
    server = scene.start("serve", "rpc", "--quiet", "--listen", "tcp:127.0.0.1:0")
    return server, int(server.wait_for_output(r"listens on tcp:127\.0\.0\.1:(\d+)")[1])


def _asked(port: int, request: bytes) -> bytes:
    """All that comes back until the server has no more to say, or for a moment."""
    with socket.create_connection(("127.0.0.1", port), NO_HANG_S) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while piece := client.recv(2**16):
            answer += piece
    return bytes(answer)


def _request(fields: tuple[str, ...]) -> bytes:
    return ("\r\n".join(("POST / HTTP/1.1", *fields)) + "\r\n\r\n").encode("latin-1") + _CALL


def page(fields: tuple[str, ...], status: int, scene: Scene) -> None:
    server, port = _serving(scene)
    answer = _asked(port, _request(fields))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert (b'"result":3' in answer) == (status == 200), answer
    scene.notes.append(answer.splitlines()[0].decode())
    _is_well(server, port)


def smuggled(field: str, scene: Scene) -> None:
    """One answer, and then the end: what comes behind it is nobody's request."""
    server, port = _serving(scene)
    answer = _asked(port, _request((*_FIELDS, field)) + _request(_FIELDS))
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"400"], answer
    scene.notes.append(answer.splitlines()[0].decode())
    _is_well(server, port)


def _is_well(server: Running, port: int) -> None:
    assert b'"result":3' in _asked(port, _request(_FIELDS))
    server.process.terminate()
    assert server.ends() == 0
    assert not server.stderr or "every user of this machine" in server.stderr


FAULTS = (
    *(
        Fault(name, "serve rpc", partial(page, fields, status), quick="foreign Origin with" in name)
        for name, (fields, status) in _PAGES.items()
    ),
    *(
        Fault(f"a request with {name}", "serve rpc", partial(smuggled, field), quick=name == "both lengths")
        for name, field in _SMUGGLED.items()
    ),
)
