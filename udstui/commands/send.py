"""`udstui send`: the simple client. What comes back is printed as it comes, byte for byte."""

from __future__ import annotations

import errno
import os
import select
import socket
import sys
import threading
import time

from udstui.commands.output import drop_out
from udstui.errors import RecordingError, TransportError, UdstuiError, UsageError, reason
from udstui.transports import dial, transport_for
from udstui.transports.address import Address
from udstui.units import describe_duration

_PIECE_BYTES = 64 * 1024
_LARGEST_MESSAGE_BYTES = 1024**2  # several times what one socket's buffer holds
_LOOK_UP_EVERY_MS = 50


class Sending:
    """Sends a text, or stdin to its end, in a thread of its own, then shuts the sending side down."""

    def __init__(self, connection: socket.socket, text: str | None, largest_bytes: int | None) -> None:
        """`largest_bytes` is what a message may have, and all is one message then; None for a stream."""
        self._connection = connection
        self._text = text
        self._largest_bytes = largest_bytes
        self.failure: UdstuiError | None = None
        self.progress_s = time.monotonic()
        self.is_reading = False
        """Whether it waits for more of stdin, which may take as long as it likes."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._send_all()
        except UdstuiError as error:
            self.failure = error
        except OSError as error:
            self.failure = TransportError(
                f"not all was sent: {reason(error)}", "the server does not want, or cannot take, so much"
            )
        try:
            self._connection.shutdown(socket.SHUT_WR)  # also after a failure: the answer to the rest may come
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # else the server has closed, which the reader tells
                self.failure = self.failure or TransportError(f"the end was not sent: {reason(error)}")
        self.progress_s = time.monotonic()

    def _send_all(self) -> None:
        if self._text is not None:
            self._send(os.fsencode(self._text))
        elif self._largest_bytes is None:
            while piece := self._read():
                self._send(piece)
        else:
            message = b""
            while len(message) <= self._largest_bytes and (piece := self._read()):
                message += piece
            self._send(message)

    def _read(self) -> bytes:
        self.is_reading = True
        try:
            return os.read(sys.stdin.fileno(), _PIECE_BYTES)
        except OSError as error:
            raise RecordingError(f"cannot read stdin: {reason(error)}", "give TEXT, or another stdin") from error
        finally:
            self.progress_s = time.monotonic()
            self.is_reading = False

    def _send(self, data: bytes) -> None:
        if self._largest_bytes is not None and len(data) > self._largest_bytes:
            raise TransportError(
                f"nothing was sent: one message holds at most {self._largest_bytes} bytes", "send less, or use unix:"
            )
        left = memoryview(data)
        while left:
            left = left[self._connection.send(left) :]
            self.progress_s = time.monotonic()


def send(address: Address, text: str | None, timeout_ns: int) -> int:
    """Send, print the answer, return the exit status.

    `timeout_ns` is how long the server may stay silent once all is sent, or take nothing before. Raises UsageError
    without anything to send, TransportError, and RecordingError when the answer cannot be printed.
    """
    if text is None and sys.stdin is None:
        raise UsageError("there is nothing to send: stdin is closed", "give TEXT, or a stdin")
    with dial(address, timeout_ns / 1e9) as connection:
        sending = Sending(connection, text, transport_for(address).largest_size_bytes())
        is_last_line_open = _print_answer(connection, sending, address, timeout_ns)
        if is_last_line_open and sys.stdout and sys.stdout.isatty():
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
                piece, _, flags, _ = connection.recvmsg(_LARGEST_MESSAGE_BYTES)
            except OSError as error:
                raise sending.failure or TransportError(
                    f"the connection to {address} broke: {reason(error)}", "is the server still running?"
                ) from error
            if flags & socket.MSG_TRUNC:
                raise TransportError(f"{address} answered with more than {_LARGEST_MESSAGE_BYTES} bytes in one message")
            if not piece:
                return last[-1:] != b"\n"
            _print(piece)
            last = piece
            sending.progress_s = time.monotonic()
        elif not sending.is_reading and time.monotonic() - sending.progress_s > timeout_ns / 1e9:
            raise sending.failure or TransportError(
                f"{address} did not answer within {describe_duration(timeout_ns)}",
                "give it more --timeout; or does it not close when the client is done?",
            )


def _print(piece: bytes) -> None:
    if sys.stdout is None:  # closed: nobody wants to know
        return
    try:
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_out()
        raise
    except OSError as error:
        drop_out()
        raise RecordingError(f"cannot write to stdout: {reason(error)}", "send it elsewhere") from error
