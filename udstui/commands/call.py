"""`udstui call`: the RPC client."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from udstui.commands.output import print_out
from udstui.errors import ServiceError, TransportError, reason
from udstui.services.rpc_client import RpcClient
from udstui.transports import dial
from udstui.transports.address import Address
from udstui.transports.connection import set_timeout
from udstui.units import describe_duration

_LOOK_UP_EVERY_NS = 50 * 10**6


def argument_of(text: str) -> Any:
    """JSON as what it says, any other text as itself."""
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogateescape"))
    except (msgspec.DecodeError, RecursionError):
        return text


def call(address: Address, method: str, arguments: Sequence[str], timeout_ns: int) -> int:
    """Call, print the result (a text as it is, anything else as JSON), return the exit status.

    Raises TransportError when no answer comes, ServiceError when it is an error.
    """
    with dial(address, timeout_ns / 1e9) as connection:
        set_timeout(connection, min(_LOOK_UP_EVERY_NS, timeout_ns))
        client = RpcClient(connection)
        client.http.stream.give_up_s = time.monotonic() + timeout_ns / 1e9
        try:
            result = client.call(method, [argument_of(text) for text in arguments])
        except ServiceError as error:
            raise ServiceError(
                f"{method} on {address}: {error.what}", error.remedy or f"udstui call {address} rpc.discover lists all"
            ) from error
        except TimeoutError as error:
            raise TransportError(
                f"{address} did not answer within {describe_duration(timeout_ns)}", "give it more --timeout"
            ) from error
        except OSError as error:
            raise TransportError(
                f"the connection to {address} broke: {reason(error)}", "is that an rpc server?"
            ) from error
    print_out((result if isinstance(result, str) else msgspec.json.encode(result).decode()) + "\n")
    return 0
