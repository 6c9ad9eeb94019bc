"""`udstui call`: the RPC client."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from udstui.commands.output import print_out
from udstui.errors import ServiceError, TransportError, reason
from udstui.services.protocols import HTTP, identify
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


def call(address: Address, method: str, arguments: Sequence[str], timeout_ns: int, path: str = "/") -> int:
    """Call, print the result (a text as it is, anything else as JSON), return the exit status.

    Raises TransportError when no answer comes, ServiceError when it is an error.
    """
    with dial(address, timeout_ns / 1e9) as connection:
        set_timeout(connection, min(_LOOK_UP_EVERY_NS, timeout_ns))
        client = RpcClient(connection, path)
        client.http.stream.give_up_s = time.monotonic() + timeout_ns / 1e9
        try:
            result = client.call(method, [argument_of(text) for text in arguments])
        except ServiceError as error:
            is_told = error.remedy or "rpc.discover" in error.what
            remedy = error.remedy if is_told else f"udstui call {address} rpc.discover lists all"
            raise ServiceError(f"{method} on {address}: {error.what}", remedy) from error
        except TransportError as error:
            raise _not_rpc(address, f"{method} on {address}: {error.what}", error.remedy) from error
        except TimeoutError as error:
            raise TransportError(
                f"{address} did not answer within {describe_duration(timeout_ns)}", "give it more --timeout"
            ) from error
        except OSError as error:
            raise _not_rpc(
                address, f"the connection to {address} broke: {reason(error)}", "is that an rpc server?"
            ) from error
    print_out((result if isinstance(result, str) else msgspec.json.encode(result).decode()) + "\n")
    return 0


def _not_rpc(address: Address, what: str, remedy: str) -> TransportError:
    """What listens there, where that can be known and is no HTTP server; else what was seen of it."""
    found = identify(address)
    if found is None or found == HTTP:
        return TransportError(what, remedy)
    return TransportError(
        f"{address} is {found.name}, and call needs a JSON-RPC server over HTTP", "is it the right one?"
    )
