"""JSON-RPC 2.0 (jsonrpc.org/specification): bytes in, bytes out, and a decorator that registers a method."""

from __future__ import annotations

import codecs
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import Raw, Struct, defstruct
from msgspec.structs import FieldInfo, astuple, fields

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

MOST_IN_A_BATCH = 1000
LARGEST_BATCH_BYTES = 1024**2
"""A batch of so many bytes is split before its requests are counted, which may take twenty times the memory."""

_PIECE_BYTES = 64 * 1024

_MEANINGS = {
    PARSE_ERROR: "Parse error",
    INVALID_REQUEST: "Invalid Request",
    METHOD_NOT_FOUND: "Method not found",
    INVALID_PARAMS: "Invalid params",
    INTERNAL_ERROR: "Internal error",
}
F = TypeVar("F", bound=Callable[..., Any])
_encode = msgspec.json.Encoder().encode
_NOTHING = Raw(b"")
_NO_PARAMS = Raw(b"[]")
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class RpcError(Exception):
    """What a method raises to answer with an error of its own; `data` tells more, and may be None."""

    def __init__(self, code: int, message: str = "", data: Any = None) -> None:
        super().__init__(code, message, data)
        self.code = code
        self.message = message or _MEANINGS.get(code, "Server error")
        self.data = data


class _Request(Struct):
    """A request whose parts are not decoded yet: whatever they hold, they take no memory but the body's."""

    jsonrpc: Raw = _NOTHING
    method: Raw = _NOTHING
    params: Raw = _NO_PARAMS
    id: Raw = _NOTHING


class _Method(Struct):
    call: Callable[..., Any]
    by_position: type[Struct]
    """Its arguments as an array: one too many, or of a wrong type, ends the decoding where it stands."""
    by_name: type[Struct]


class Methods:
    """The methods of one server. `rpc.discover` is always among them and lists them."""

    def __init__(self) -> None:
        self._methods: dict[str, _Method] = {}
        self._register("rpc.discover", self._discover)

    def method(self, name: str) -> Callable[[F], F]:
        """A decorator: register a function under this name. Its annotations tell which arguments it takes.

        Raises ValueError for a name that begins with `rpc.`, which the specification keeps for itself.
        """
        if name.startswith("rpc."):
            raise ValueError(f"{name!r}: names that begin with rpc. are reserved")

        def register(function: F) -> F:
            self._register(name, function)
            return function

        return register

    def _register(self, name: str, function: Callable[..., Any]) -> None:
        types = get_type_hints(function)
        fields: list[Any] = []
        for parameter in inspect.signature(function).parameters.values():
            kind = types.get(parameter.name, Any)
            has_default = parameter.default is not inspect.Parameter.empty
            fields.append((parameter.name, kind, parameter.default) if has_default else (parameter.name, kind))
        self._methods[name] = _Method(
            function,
            defstruct("Arguments", fields, array_like=True, forbid_unknown_fields=True),
            defstruct("Arguments", fields, forbid_unknown_fields=True),
        )

    def _discover(self) -> dict[str, Any]:
        """What can be called here."""
        return {
            "methods": [
                {
                    "name": name,
                    "description": inspect.getdoc(method.call) or "",
                    "params": [
                        {"name": field.name, "type": _type_name(field.type), "required": field.required}
                        for field in fields(method.by_name)
                    ],
                }
                for name, method in self._methods.items()
            ]
        }

    def answer(self, body: bytes) -> bytes | None:
        """The answer to a request or a batch; None when there is nothing to say, after notifications."""
        is_batch = body.lstrip()[:1] == b"["
        if is_batch and len(body) > LARGEST_BATCH_BYTES:
            return _encode(_refused(f"a batch holds at most {LARGEST_BATCH_BYTES} bytes"))
        try:
            _check_utf8(body)
            requests = msgspec.json.decode(body, type=list[Raw]) if is_batch else [msgspec.json.decode(body, type=Raw)]
        except _NOT_JSON:
            return _encode(_error(None, RpcError(PARSE_ERROR)))
        if not requests:
            return _encode(_refused(None))
        if len(requests) > MOST_IN_A_BATCH:
            return _encode(_refused(f"a batch holds at most {MOST_IN_A_BATCH} requests"))
        answers = [_encoded(answer) for one in requests if (answer := self._answer_one(one)) is not None]
        if is_batch and answers:
            return b"[" + b",".join(answers) + b"]"
        return answers[0] if answers else None

    def _answer_one(self, text: Raw) -> dict[str, Any] | None:
        try:
            request = msgspec.json.decode(text, type=_Request)
            number = None if request.id is _NOTHING else msgspec.json.decode(request.id, type=str | int | float | None)
        except _NOT_JSON:
            return _refused(None)
        try:
            name = msgspec.json.decode(request.method, type=str)
            is_sound = msgspec.json.decode(request.jsonrpc, type=str) == "2.0" and bytes(request.params)[:1] in b"[{"
        except _NOT_JSON:
            is_sound = False
        if not is_sound:
            return _error(number, RpcError(INVALID_REQUEST))
        try:
            result = self._call(name, request.params)
        except RpcError as error:
            response = _error(number, error)
        except Exception as error:
            response = _error(number, RpcError(INTERNAL_ERROR, data=f"{type(error).__name__}: {error}"))
        else:
            response = {"jsonrpc": "2.0", "result": result, "id": number}
        return None if request.id is _NOTHING else response

    def _call(self, name: str, params: Raw) -> Any:
        try:
            method = self._methods[name]
        except KeyError:
            raise RpcError(METHOD_NOT_FOUND, data=f"no method {name[:100]!r}; rpc.discover lists them") from None
        kind = method.by_position if bytes(params)[:1] == b"[" else method.by_name
        try:
            arguments = msgspec.json.decode(params, type=kind)
        except _NOT_JSON as error:
            raise RpcError(INVALID_PARAMS, data=_mistake(str(error), fields(method.by_name))) from None
        return method.call(*astuple(arguments))


def _check_utf8(body: bytes) -> None:
    """Raise UnicodeDecodeError for what is no text: msgspec looks at nothing that it passes over."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    for start in range(0, len(body), _PIECE_BYTES):
        decode(body[start : start + _PIECE_BYTES])
    decode(b"", final=True)


def _mistake(said: str, parameters: Sequence[FieldInfo]) -> str:
    """What msgspec says of arguments, with the names that the caller knows."""
    if match := re.search(r"at least length \d+, got (\d+)", said):
        return f"the argument {parameters[int(match[1])].name!r} is missing"
    if "at most length" in said:
        return f"takes at most {len(parameters)} arguments, got more"
    if match := re.search(r"missing required field `(.*)`", said):
        return f"the argument {match[1]!r} is missing"
    if match := re.search(r"unknown field `(.*)`", said):
        return f"takes no argument {match[1][:100]!r}"
    if match := re.search(r"^(.*) - at `\$(?:\[(\d+)\]|\.(\w+))", said):
        return f"{parameters[int(match[2])].name if match[2] else match[3]}: {match[1]}"
    return said


def _type_name(kind: Any) -> str:
    return "any" if kind is Any else getattr(kind, "__name__", str(kind))


def _refused(why: str | None) -> dict[str, Any]:
    return _error(None, RpcError(INVALID_REQUEST, data=why))


def _error(number: Any, error: RpcError) -> dict[str, Any]:
    described: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        described["data"] = error.data
    return {"jsonrpc": "2.0", "error": described, "id": number}


def _encoded(response: dict[str, Any]) -> bytes:
    """A result that is no JSON is the method's fault, and an answer too."""
    try:
        return _encode(response)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return _encode(_error(response["id"], RpcError(INTERNAL_ERROR, data=str(error))))
