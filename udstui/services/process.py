"""A service in a process of its own: `python -m udstui.services.process`, driven over stdin and stdout.

One JSON message a line. The first asks for the service and is answered with the address; each further
one announces clients and is answered with an empty line. The end of stdin is the end of the process, so it cannot
outlive whoever started it.
"""

from __future__ import annotations

import os
import signal
import sys

import msgspec
from msgspec import Struct

from udstui.errors import UdstuiError
from udstui.services.guests import Announced
from udstui.services.host import Host
from udstui.services.limits import allow_many_files
from udstui.transports.address import Address


class Start(Struct):
    """Serve this, there, on these cores."""

    service: str
    address: Address
    wait: str
    cores: tuple[int, ...]


class Started(Struct):
    """Where it listens; or why it cannot."""

    address: Address | None = None
    problem: str = ""


class Expect(Struct):
    """Clients that are about to connect, one for each name, and how much each sends ahead untimed."""

    guests: tuple[str, ...]
    lead_in_bytes: int


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes our stdin
    allow_many_files()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    first = requests.readline()
    if not first:  # the owner was gone before it could ask
        return
    start = msgspec.json.decode(first, type=Start)
    if start.cores:
        os.sched_setaffinity(0, start.cores)
    guests = Announced()
    try:
        host = Host(start.service, start.address, guests=guests, wait=start.wait, cores=start.cores)
    except UdstuiError as error:
        answers.write(msgspec.json.encode(Started(problem=str(error))) + b"\n")
        answers.flush()
        return
    answers.write(msgspec.json.encode(Started(address=host.address)) + b"\n")
    answers.flush()
    decoder = msgspec.json.Decoder(Expect)
    try:
        for line in requests:
            expected = decoder.decode(line)
            guests.expect(expected.guests, expected.lead_in_bytes)
            answers.write(b"\n")
            answers.flush()
    except BrokenPipeError:  # the owner is gone, as at the end of stdin
        pass
    finally:
        host.close()


if __name__ == "__main__":
    main()
