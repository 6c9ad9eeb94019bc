"""The methods that `rpc` serves. One more is a function and a decorator."""

from __future__ import annotations

import math

from udstui.services.json_rpc import INVALID_PARAMS, Methods, RpcError

METHODS = Methods()


@METHODS.method("Greeter.Greet")
def greet(name: str) -> str:
    """A greeting."""
    return f"Hello, {name}"


@METHODS.method("Arith.Multiply")
def multiply(a: int | float, b: int | float) -> int | float:
    """The product of two numbers."""
    try:
        product = a * b
        if math.isfinite(product):
            return product
    except OverflowError:  # an integer that no float holds
        pass
    raise RpcError(INVALID_PARAMS, data="the product is too large")


@METHODS.method("Echo.Echo")
def echo(text: str) -> str:
    """The text, as it came: what the workload rpc calls."""
    return text
