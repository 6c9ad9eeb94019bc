from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.serving import serving
from tests.helpers import udstui


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of one `udstui serve rpc` for all tests here."""
    with tempfile.TemporaryDirectory(prefix="udt-", dir="/tmp") as folder:
        with serving("rpc", "--listen", f"unix:{folder}/r.sock", "--quiet") as running:
            yield str(running.addresses[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Greeter.Greet", "Ann"), "Hello, Ann\n"),
        (("Arith.Multiply", "6", "7"), "42\n"),
        (("Arith.Multiply", "-6", "0.5"), "-3.0\n"),
        (("Echo.Echo", '"7"'), "7\n"),
        (("Echo.Echo", "--help"), "--help\n"),
        (("Echo.Echo", "-hello"), "-hello\n"),
        (("Echo.Echo", "--timeout"), "--timeout\n"),
        (("--timeout", "4s", "Echo.Echo", "--"), "--\n"),
        (("--timeout=4s", "Arith.Multiply", "-5", "-5"), "25\n"),
        (("Echo.Echo", "ünï çødé"), "ünï çødé\n"),
    ],
)
def test_call_prints_the_result(server: str, words: tuple[str, ...], said: str) -> None:
    done = udstui("call", server, *words)
    assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Greeter.Gret", "Ann"), "Method not found (-32601)"),
        (("Greeter.Greet",), "the argument 'name' is missing"),
        (("Greeter.Greet", "7"), "name: Expected `str`, got `int`"),
        (("Arith.Multiply", "1e308", "10"), "the product is too large"),
        (
            ("--path", "/nowhere", "Echo.Echo", "x"),
            "r.sock: the server answered 404 Not Found: POST to / or /echo; ask for another path",
        ),
    ],
)
def test_a_call_that_fails_says_why_in_one_line(server: str, words: tuple[str, ...], says: str) -> None:
    done = udstui("call", server, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert done.stderr.count("rpc.discover") <= 1


def test_a_call_to_what_is_no_rpc_server_says_so(folder: Path) -> None:
    with serving("echo", "--listen", f"unix:{folder}/e.sock"):
        done = udstui("call", f"unix:{folder}/e.sock", "a")
    assert done.returncode == 1
    assert "e.sock is an echo server, and call needs a JSON-RPC server over HTTP" in done.stderr
