"""`udstui serve`: a service on one or several addresses, for any other program to talk to."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from udstui.commands.output import print_out
from udstui.errors import UsageError
from udstui.plain import plain
from udstui.serving.admission import Everybody
from udstui.serving.endpoint import Endpoint
from udstui.serving.limits import allow_many_files
from udstui.serving.log import LogFile
from udstui.transports import transport_for
from udstui.transports.activation import handed_listeners
from udstui.transports.address import Address, parse_address

FINISH_WITHIN_S = 2.0
"""How long clients are let finish. One that does not read would never be done."""
DEFAULT_MODE = 0o600
_STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def serve(
    service: str,
    addresses: Sequence[str],
    mode: int | None,
    allowed_uids: Sequence[int],
    *,
    is_quiet: bool,
    log: Path | None = None,
) -> int:
    """Serve until Ctrl-C or SIGTERM, then finish what was begun and remove the socket files; return the exit status.

    `mode` is of the socket files, 0600 when None.

    Sockets that systemd handed over are served beside the addresses. Says on stdout where it really listens, one line
    for each address, and on stderr who calls, unless `is_quiet`; and in the file `log`.
    """
    handed = handed_listeners()
    own = [parse_address(text) for text in addresses]
    parsed = [*own, *(listener.address for listener in handed)]
    _check(parsed, allowed_uids)
    for warning in _warnings(own, mode, allowed_uids):
        print(f"udstui: {plain(warning)}", file=sys.stderr)
    allow_many_files()
    # Threads inherit the mask, so that these signals wait for the one that asks for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    with contextlib.ExitStack() as opened:
        file = opened.enter_context(LogFile(log)) if log else None
        clients = Everybody(allowed_uids, is_quiet=is_quiet, log=file)
        endpoints = []
        for address, listener in zip(parsed, [*(None for _ in own), *handed], strict=True):
            endpoint = Endpoint(
                service, address, clients=clients, mode=DEFAULT_MODE if mode is None else mode, handed=listener
            )
            opened.callback(endpoint.close)
            endpoints.append(endpoint)
            if warning := endpoint.warning or _open_to_everybody(endpoint.address, allowed_uids):
                print(f"udstui: {plain(warning)}", file=sys.stderr)
        for endpoint in endpoints:
            print_out(f"{service} listens on {plain(str(endpoint.address))}\n")
        signal.sigwait(_STOPPING)
        for endpoint in endpoints:
            endpoint.accept_waiting()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)  # a second Ctrl-C does not wait
    give_up_s = time.monotonic() + FINISH_WITHIN_S
    for endpoint in endpoints:
        endpoint.finish(give_up_s)
    return 0


def _open_to_everybody(address: Address, allowed_uids: Sequence[int]) -> str:
    """What to know of an address that has no file whose mode would keep other users out; empty where nothing is."""
    transport = transport_for(address)
    if transport.has_file or allowed_uids:
        return ""
    remedy = f"give --allow-uid {os.getuid()}" if transport.tells_uid else "listen on unix:/path"
    return f"every user of this machine can call {address}; {remedy} to keep others out"


def _check(addresses: Sequence[Address], allowed_uids: Sequence[int]) -> None:
    """Raise UsageError for addresses that cannot be served together, or not to these users alone."""
    if not addresses:
        raise UsageError("there is nothing to listen on", "give --listen unix:/path or tcp:HOST:PORT")
    for index, address in enumerate(addresses):
        if allowed_uids and not transport_for(address).tells_uid:
            raise UsageError(f"{address} does not tell which user calls", "leave out --allow-uid, or use unix:")
        # port 0 is another one every time
        if address in addresses[:index] and not address.location.endswith(":0"):
            raise UsageError(f"{address} is given twice", "give every address once")


def _warnings(addresses: Sequence[Address], mode: int | None, allowed_uids: Sequence[int]) -> Iterator[str]:
    """What was asked for and will not be so."""
    for address in addresses:
        if not transport_for(address).has_file:
            if mode is not None:
                yield f"{address} is no file and has no mode: --mode keeps nobody from it"
        elif not (DEFAULT_MODE if mode is None else mode) & 0o022:  # connecting takes the right to write
            for uid in allowed_uids:
                if uid not in (0, os.getuid()):
                    yield f"user {uid} is allowed, but may not write to {address}; give --mode 666"
