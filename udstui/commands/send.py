"""`udstui send`: the simple client. What comes back is printed as it comes, byte for byte."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
import time

from udstui.errors import TransportError, UdstuiError, reason
from udstui.transports import dial
from udstui.transports.address import Address
from udstui.units import describe_duration

_PIECE_BYTES = 64 * 1024
_LOOK_UP_EVERY_MS = 50


class Sending:
    """Sends a text, or stdin to its end, in a thread of its own, then shuts the sending side down."""

    def __init__(self, connection: socket.socket, text: str | None) -> None:
        self._connection = connection
        self._text = text
        self.failure: UdstuiError | None = None
        self.progress_s = time.monotonic()
        self.is_reading = False
        """Whether it waits for more of stdin, which may take as long as it likes."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            if self._text is not None:
                self._send(os.fsencode(self._text))
            else:
                while piece := self._read():
                    self._send(piece)
            self._connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.failure = TransportError(
                f"not all was sent: {reason(error)}", "the server does not want, or cannot take, so much"
            )
        self.progress_s = time.monotonic()

    def _read(self) -> bytes:
        self.is_reading = True
        piece = os.read(sys.stdin.fileno(), _PIECE_BYTES)
        self.progress_s = time.monotonic()
        self.is_reading = False
        return piece

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._connection.send(left) :]
            self.progress_s = time.monotonic()


def send(address: Address, text: str | None, timeout_ns: int) -> int:
    """Send, print the answer, return the exit status.

    `timeout_ns` is how long the server may stay silent once all is sent, or take nothing before. Raises TransportError.
    """
    with dial(address, timeout_ns / 1e9) as connection:
        sending = Sending(connection, text)
        is_last_line_open = _print_answer(connection, sending, address, timeout_ns)
        if is_last_line_open and sys.stdout.isatty():
            print()
        if sending.failure:
            raise sending.failure
    return 0


def _print_answer(connection: socket.socket, sending: Sending, address: Address, timeout_ns: int) -> bool:
    """Copy what comes to stdout until the other side has no more; True when no line end came last."""
    ready = select.poll()
    ready.register(connection, select.POLLIN)
    last = b"\n"
    while True:
        if ready.poll(_LOOK_UP_EVERY_MS):
            try:
                piece = connection.recv(_PIECE_BYTES)
            except OSError as error:
                raise sending.failure or TransportError(
                    f"the connection to {address} broke: {reason(error)}", "is the server still running?"
                ) from error
            if not piece:
                return last[-1:] != b"\n"
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            last = piece
            sending.progress_s = time.monotonic()
        elif not sending.is_reading and time.monotonic() - sending.progress_s > timeout_ns / 1e9:
            raise TransportError(
                f"{address} did not answer within {describe_duration(timeout_ns)}",
                "give it more --timeout; or does it not close when the client is done?",
            )
