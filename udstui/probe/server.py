"""A lane's own server, in a process or in a thread of the probe: one way to speak to either."""

from __future__ import annotations

import contextlib
import select
import subprocess
import sys
from collections.abc import Collection
from typing import Protocol

import msgspec

from udstui.errors import ServiceError, reason
from udstui.probe.usage import ClientUsageReader, UsageReader
from udstui.services.guests import Announced
from udstui.services.host import Host
from udstui.services.process import Expect, Start, Started
from udstui.transports.address import Address

_STOP_TIMEOUT_S = 1.0
_END_TIMEOUT_S = 0.1
_ANSWER_TIMEOUT_S = 2.0
_START_TIMEOUT_S = 6.0  # Python and its modules may have to come from a slow disk first


class Server(Protocol):
    """Listens; serves the clients that it was told to expect."""

    address: Address
    pid: int | None
    """None where it is no process of ours."""
    read_usage: UsageReader
    """What client and server have used until now; once it is ready."""

    def wait_ready(self) -> None:
        """Raise ServiceError when it cannot be started. Its address is known from then on."""

    def expect(self, guests: Collection[str], lead_in_bytes: int) -> None:
        """Admit one connection for each of these names. Raise ServiceError when the server is gone."""

    def check(self) -> None:
        """Raise ServiceError when the server is gone."""

    def close(self) -> None: ...


class ThreadServer:
    """In a thread of this process: client and server share one GIL, and that is what is seen."""

    pid: int | None = None

    def __init__(self, service: str, address: Address, wait: str, cores: Collection[int]) -> None:
        self._guests = Announced()
        self._host = Host(service, address, guests=self._guests, wait=wait, cores=cores)
        self.address = self._host.address
        self.read_usage: UsageReader = UsageReader(None)

    def wait_ready(self) -> None:
        pass  # it is, from the beginning

    def expect(self, guests: Collection[str], lead_in_bytes: int) -> None:
        self._guests.expect(guests, lead_in_bytes)

    def check(self) -> None:
        """A thread cannot be gone without its process."""

    def close(self) -> None:
        self._host.close()


class TargetServer:
    """One that listens already and is not ours: nothing can be told to it, and little is known of it."""

    pid: int | None = None

    def __init__(self, address: Address) -> None:
        self.address = address
        self.read_usage: UsageReader = ClientUsageReader()

    def wait_ready(self) -> None:
        pass

    def expect(self, guests: Collection[str], lead_in_bytes: int) -> None:
        pass

    def check(self) -> None:
        """Its connection tells all that can be known."""

    def close(self) -> None:
        pass


class ProcessServer:
    """In a process of its own. Made in two steps, so that several can start side by side: start, then wait_ready."""

    def __init__(self, service: str, address: Address, wait: str, cores: Collection[int]) -> None:
        self._what = f"the {service} server on {address.scheme}"
        try:
            # -P: what lies in the current folder is not ours to import.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "udstui.services.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise ServiceError(
                f"{self._what} cannot be started: {reason(error)}",
                "are there too many processes or open files?",
            ) from error
        assert self._process.stdin and self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self.pid: int | None = self._process.pid
        self._ask(Start(service, address, wait, tuple(cores)))

    def wait_ready(self) -> None:
        started = msgspec.json.decode(self._answer(_START_TIMEOUT_S), type=Started)
        if started.address is None:
            raise ServiceError(f"{self._what} cannot be started: {started.problem}")
        self.address = started.address
        self.read_usage: UsageReader = UsageReader(self.pid)

    def expect(self, guests: Collection[str], lead_in_bytes: int) -> None:
        self._ask(Expect(tuple(guests), lead_in_bytes))
        self._answer(_ANSWER_TIMEOUT_S)

    def check(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):  # its connection ends a little before it does
            self._process.wait(_END_TIMEOUT_S)
            raise self._gone()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it may be gone already
            self._requests.close()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _ask(self, message: Start | Expect) -> None:
        try:
            self._requests.write(msgspec.json.encode(message) + b"\n")
            self._requests.flush()
        except OSError as error:
            raise self._gone() from error

    def _answer(self, timeout_s: float) -> bytes:
        # Each question has one answer of one line, so nothing waits in the reader's buffer.
        if not select.select([self._answers], [], [], timeout_s)[0]:
            self._process.kill()  # stopped, or worse: it will not do as it is asked
            raise ServiceError(
                f"{self._what} did not answer within {timeout_s:g} s and was stopped",
                "measure again; it is started anew",
            )
        line = self._answers.readline()
        if not line:
            raise self._gone()
        return line

    def _gone(self) -> ServiceError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT_S)
        status = self._process.returncode
        how = f"was killed by signal {-status}" if status and status < 0 else f"ended with status {status}"
        return ServiceError(f"{self._what} {how}", "measure again; it is started anew")
