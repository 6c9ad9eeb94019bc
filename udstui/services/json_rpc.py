"""JSON-RPC 2.0 (jsonrpc.org/specification): bytes in, bytes out, and a decorator that registers a method."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

MOST_IN_A_BATCH = 1000

_MEANINGS = {
    PARSE_ERROR: "Parse error",
    INVALID_REQUEST: "Invalid Request",
    METHOD_NOT_FOUND: "Method not found",
    INVALID_PARAMS: "Invalid params",
    INTERNAL_ERROR: "Internal error",
}
F = TypeVar("F", bound=Callable[..., Any])
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class RpcError(Exception):
    """What a method raises to answer with an error of its own; `data` tells more, and may be None."""

    def __init__(self, code: int, message: str = "", data: Any = None) -> None:
        super().__init__(code, message, data)
        self.code = code
        self.message = message or _MEANINGS.get(code, "Server error")
        self.data = data


class _Parameter(Struct):
    name: str
    type: Any
    default: Any
    """inspect.Parameter.empty where there is none."""


class _Method(Struct):
    call: Callable[..., Any]
    parameters: list[_Parameter]
    rest: Any
    """The type of further positional arguments (*args); None where there are none."""


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
        parameters, rest = [], None
        for parameter in inspect.signature(function).parameters.values():
            kind = types.get(parameter.name, Any)
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                rest = kind
            else:
                parameters.append(_Parameter(parameter.name, kind, parameter.default))
        self._methods[name] = _Method(function, parameters, rest)

    def _discover(self) -> dict[str, Any]:
        """What can be called here."""
        return {
            "methods": [
                {
                    "name": name,
                    "description": inspect.getdoc(method.call) or "",
                    "params": [
                        {
                            "name": parameter.name,
                            "type": _type_name(parameter.type),
                            "required": parameter.default is inspect.Parameter.empty,
                        }
                        for parameter in method.parameters
                    ],
                }
                for name, method in self._methods.items()
            ]
        }

    def answer(self, body: bytes) -> bytes | None:
        """The answer to a request or a batch; None when there is nothing to say, after notifications."""
        try:
            request = _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _encode(_error(None, RpcError(PARSE_ERROR)))
        if not isinstance(request, list):
            response = self._answer_one(request)
            return None if response is None else _encoded(response)
        if not request:
            return _encode(_error(None, RpcError(INVALID_REQUEST)))
        if len(request) > MOST_IN_A_BATCH:
            too_many = RpcError(INVALID_REQUEST, data=f"a batch holds at most {MOST_IN_A_BATCH} requests")
            return _encode(_error(None, too_many))
        answers = [_encoded(answer) for one in request if (answer := self._answer_one(one)) is not None]
        return b"[" + b",".join(answers) + b"]" if answers else None

    def _answer_one(self, request: Any) -> dict[str, Any] | None:
        if not isinstance(request, dict):
            return _error(None, RpcError(INVALID_REQUEST))
        number = request.get("id")
        if isinstance(number, bool) or not isinstance(number, str | int | float | None):
            return _error(None, RpcError(INVALID_REQUEST))
        name, params = request.get("method"), request.get("params", [])
        if request.get("jsonrpc") != "2.0" or not isinstance(name, str) or not isinstance(params, list | dict):
            return _error(number, RpcError(INVALID_REQUEST))
        try:
            result = self._call(name, params)
        except RpcError as error:
            response = _error(number, error)
        except Exception as error:
            response = _error(number, RpcError(INTERNAL_ERROR, data=f"{type(error).__name__}: {error}"))
        else:
            response = {"jsonrpc": "2.0", "result": result, "id": number}
        return response if "id" in request else None

    def _call(self, name: str, params: list[Any] | dict[str, Any]) -> Any:
        try:
            method = self._methods[name]
        except KeyError:
            raise RpcError(METHOD_NOT_FOUND, data=f"no method {name[:100]!r}; rpc.discover lists them") from None
        try:
            arguments = _by_position(method, params) if isinstance(params, list) else _by_name(method, params)
        except (ValueError, msgspec.ValidationError) as error:
            raise RpcError(INVALID_PARAMS, data=str(error)) from None
        return method.call(*arguments)


def _by_position(method: _Method, params: list[Any]) -> list[Any]:
    """The arguments, of the types that the method wants. Raises ValueError or ValidationError."""
    parameters = method.parameters
    if len(params) > len(parameters) and method.rest is None:
        raise ValueError(f"takes {len(parameters)} arguments, got {len(params)}")
    arguments = [
        _converted(parameter.name, parameter.type, value) for parameter, value in zip(parameters, params, strict=False)
    ]
    arguments += [_converted("argument", method.rest, value) for value in params[len(parameters) :]]
    return arguments + [_default(parameter) for parameter in parameters[len(params) :]]


def _by_name(method: _Method, params: dict[str, Any]) -> list[Any]:
    left = dict(params)
    arguments = [
        _converted(parameter.name, parameter.type, left.pop(parameter.name))
        if parameter.name in left
        else _default(parameter)
        for parameter in method.parameters
    ]
    if left:
        raise ValueError(f"takes no argument {next(iter(left))[:100]!r}")
    return arguments


def _converted(name: str, kind: Any, value: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from None


def _default(parameter: _Parameter) -> Any:
    if parameter.default is inspect.Parameter.empty:
        raise ValueError(f"the argument {parameter.name!r} is missing")
    return parameter.default


def _type_name(kind: Any) -> str:
    return "any" if kind is Any else getattr(kind, "__name__", str(kind))


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
