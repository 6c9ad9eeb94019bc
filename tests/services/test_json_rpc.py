"""JSON-RPC 2.0: every example of the specification (jsonrpc.org/specification, section 7), and what it leaves open."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from udstui.services.json_rpc import INTERNAL_ERROR, INVALID_PARAMS, MOST_IN_A_BATCH, Methods, RpcError

METHODS = Methods()


@METHODS.method("subtract")
def subtract(minuend: int, subtrahend: int) -> int:
    return minuend - subtrahend


@METHODS.method("sum")
def add_up(first: int, second: int, third: int) -> int:
    return first + second + third


@METHODS.method("get_data")
def get_data() -> list[Any]:
    return ["hello", 5]


@METHODS.method("update")
def update(a: int, b: int, c: int, d: int, e: int) -> None:
    """A notification in the specification's examples."""


@METHODS.method("notify_hello")
def notify_hello(number: int) -> None:
    """Likewise."""


@METHODS.method("notify_sum")
def notify_sum(a: int, b: int, c: int) -> None:
    """Likewise."""


@METHODS.method("greet")
def greet(name: str = "you") -> str:
    """Says hello."""
    return f"Hello, {name}"


@METHODS.method("fail")
def fail() -> None:
    raise KeyError("lost")


@METHODS.method("refuse")
def refuse() -> None:
    raise RpcError(-32000, "not today", {"until": "tomorrow"})


@METHODS.method("no_json")
def no_json() -> Any:
    return object()


INVALID = {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": None}


def answer(text: str) -> Any:
    found = METHODS.answer(text.encode())
    return None if found is None else json.loads(found)


def without_data(found: Any) -> Any:
    """The specification's examples have none; it allows it."""
    if isinstance(found, list):
        return [without_data(one) for one in found]
    if isinstance(found, dict) and "error" in found:
        return found | {"error": {key: value for key, value in found["error"].items() if key != "data"}}
    return found


EXAMPLES = [
    ('{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
     {"jsonrpc": "2.0", "result": 19, "id": 1}),
    ('{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
     {"jsonrpc": "2.0", "result": -19, "id": 2}),
    ('{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
     {"jsonrpc": "2.0", "result": 19, "id": 3}),
    ('{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
     {"jsonrpc": "2.0", "result": 19, "id": 4}),
    ('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', None),
    ('{"jsonrpc": "2.0", "method": "foobar"}', None),
    ('{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
     {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}),
    ('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
     {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": None}),
    ('{"jsonrpc": "2.0", "method": 1, "params": "bar"}', INVALID),
    ('[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]',
     {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": None}),
    ("[]", INVALID),
    ("[1]", [INVALID]),
    ("[1,2,3]", [INVALID, INVALID, INVALID]),
    ('''[
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]''',
     [{"jsonrpc": "2.0", "result": 7, "id": "1"},
      {"jsonrpc": "2.0", "result": 19, "id": "2"},
      INVALID,
      {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
      {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}]),
    ('[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]}, '
     '{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]', None),
]  # fmt: skip


@pytest.mark.parametrize(("request_text", "expected"), EXAMPLES)
def test_every_example_of_the_specification(request_text: str, expected: Any) -> None:
    assert without_data(answer(request_text)) == expected


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ("[1]", "'subtrahend' is missing"),
        ("[1,2,3]", "takes at most 2 arguments"),
        ('["a",2]', "minuend: Expected `int`, got `str`"),
        ('{"minuend":1}', "'subtrahend' is missing"),
        ('{"minuend":1,"subtrahend":2,"x":2}', "no argument 'x'"),
        ("[true,2]", "minuend: Expected `int`, got `bool`"),
    ],
)
def test_wrong_arguments_are_named(params: str, says: str) -> None:
    found = answer(f'{{"jsonrpc":"2.0","method":"subtract","params":{params},"id":7}}')
    assert found["id"] == 7
    assert found["error"]["code"] == INVALID_PARAMS
    assert says in found["error"]["data"]


@pytest.mark.parametrize(
    "request_text",
    [
        '{"method":"sum","id":1}',
        '{"jsonrpc":"1.0","method":"sum","id":1}',
        '{"jsonrpc":"2.0","method":"sum","params":1,"id":1}',
        '{"jsonrpc":"2.0","method":"sum","params":null,"id":1}',
        '{"jsonrpc":"2.0","id":1}',
        '{"jsonrpc":"2.0","method":"sum","id":true}',
        '{"jsonrpc":"2.0","method":"sum","id":[1]}',
        '"sum"',
        "null",
    ],
)
def test_what_is_no_request_is_said_to_be_none(request_text: str) -> None:
    assert answer(request_text)["error"]["code"] == -32600


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[" * 100_000, b'{"id":1,"id"}', b"NaN", b'{"jsonrpc":"2.0","method":"sum","\xff":1}', b'"\xc3'],
)
def test_what_is_no_json_is_a_parse_error(body: bytes) -> None:
    found = METHODS.answer(body)
    assert found is not None
    assert json.loads(found)["error"]["code"] == -32700


@pytest.mark.parametrize("before", range(64 * 1024 - 45, 64 * 1024 - 35))
def test_no_letter_is_cut_however_long_the_text(before: int) -> None:
    name = "x" * before + "€"
    assert answer(json.dumps({"jsonrpc": "2.0", "method": "greet", "params": [name], "id": 1}, ensure_ascii=False))[
        "result"
    ].endswith(name)


def test_a_default_may_be_left_out() -> None:
    assert answer('{"jsonrpc":"2.0","method":"greet","id":1}')["result"] == "Hello, you"


def test_a_method_that_fails_is_an_answer_and_no_end() -> None:
    found = answer('{"jsonrpc":"2.0","method":"fail","id":1}')
    assert found["error"] == {"code": INTERNAL_ERROR, "message": "Internal error", "data": "KeyError: 'lost'"}


def test_a_method_may_answer_with_an_error_of_its_own() -> None:
    found = answer('{"jsonrpc":"2.0","method":"refuse","id":1}')
    assert found["error"] == {"code": -32000, "message": "not today", "data": {"until": "tomorrow"}}


def test_a_result_that_is_no_json_is_an_internal_error() -> None:
    assert answer('{"jsonrpc":"2.0","method":"no_json","id":1}')["error"]["code"] == INTERNAL_ERROR


HOSTILE = {
    "a batch": "[" + "[]," * (2**23) + "[]]",
    "params": '{"jsonrpc":"2.0","method":"greet","params":[' + "[]," * (2**23) + '[]],"id":1}',
    "names": '{"jsonrpc":"2.0","method":"greet","params":{' + '"a":[],' * (2**22) + '"a":[]},"id":1}',
    "unknown": '{"jsonrpc":"2.0","x":[' + "[]," * (2**23) + '[]],"id":1}',
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_body_of_many_values_takes_no_more_memory_than_itself(what: str) -> None:
    """Decoded to Python's lists, these would take 60 times as much."""
    body = HOSTILE[what].encode()
    tracemalloc.start()
    found = METHODS.answer(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is not None and b'"error"' in found
    assert peak < 2 * len(body)


def test_a_batch_has_an_end() -> None:
    one = '{"jsonrpc":"2.0","method":"get_data","id":1}'
    assert len(answer(f"[{','.join([one] * MOST_IN_A_BATCH)}]")) == MOST_IN_A_BATCH
    assert answer(f"[{','.join([one] * (MOST_IN_A_BATCH + 1))}]")["error"]["code"] == -32600


def test_discover_lists_every_method_with_its_arguments() -> None:
    listed = {
        one["name"]: one for one in answer('{"jsonrpc":"2.0","method":"rpc.discover","id":1}')["result"]["methods"]
    }
    assert listed["greet"] == {
        "name": "greet",
        "description": "Says hello.",
        "params": [{"name": "name", "type": "str", "required": False}],
    }
    assert "rpc.discover" in listed


def test_names_of_the_specification_are_kept_free() -> None:
    with pytest.raises(ValueError, match="reserved"):
        METHODS.method("rpc.mine")
