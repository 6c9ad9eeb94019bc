"""An endpoint: one service at one address, in threads of this process. Lanes and `udstui serve` share it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Collection

from udstui.errors import REFUSED, ServiceError, TransportError, UsageError, reason
from udstui.host.affinity import stay_on
from udstui.host.descriptors import own_descriptors
from udstui.lane_name import Options
from udstui.measured import SocketSettings
from udstui.runtimes import PYTHON, RUNTIMES
from udstui.runtimes.dialing import Accepting
from udstui.runtimes.setup import PATIENCE_NS
from udstui.services import NEED_STREAM, service_named
from udstui.serving.admission import Admission, Unannounced
from udstui.transports import Listener, transport_for, with_options
from udstui.transports.address import Address
from udstui.transports.connection import Connection, Peer, set_timeout
from udstui.transports.memory import page_aligned
from udstui.transports.options import kernel_options
from udstui.transports.settings import read_settings

BUFFER_BYTES = 256 * 1024
"""What a service reads at once. It fits a core's second-level cache; 64 KiB and 1 MiB were no faster."""
_TRY_AGAIN_AFTER_S = 0.1
_MOST_WAITING = 1024  # twice what a listener of ours lets wait
MOST_CLIENTS = 1024
"""How many are served at once, each by a thread. With one more, the one that has been idle for longest is let go."""
_LOOK_EVERY_S = 0.1
"""How often all clients are looked at while others come: at each one that comes it would cost more than serving it."""


class _Activity:
    """When a client was active last: its thread uses CPU time then, as far as anybody has looked."""

    def __init__(self) -> None:
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self._cpu_ns = 0
        self.last_s = time.monotonic()

    def look(self, now_s: float) -> float:
        """Look, and return when it was active last."""
        cpu_ns = time.clock_gettime_ns(self._clock)
        if cpu_ns != self._cpu_ns:
            self._cpu_ns, self.last_s = cpu_ns, now_s
        return self.last_s


class Endpoint:
    """A service that listens from the moment it is made. Raises UdstuiError when that cannot be."""

    def __init__(
        self,
        service: str,
        address: Address,
        *,
        clients: Admission,
        options: Options = (),
        runtime: str = PYTHON,
        wait: str = "block",
        cores: Collection[int] = (),
        apart: bool = False,
        mode: int = 0o600,
        accept: str = "",
        handed: Listener | None = None,
        when_refused: Callable[[str], object] | None = None,
    ) -> None:
        """`apart`: a client's descriptors are seen by its thread alone, where that serves it, so no call pays for other
        threads, and nothing but close() may be asked of this endpoint. `accept` is Plan.accept for a measuring server
        whose clients come and go by themselves, and no announcement admits them: of echo, `one` thread accepts and
        serves, or `each` client gets a thread; others have threads for as many as there are at once. `handed` listens
        at the address already, and goes on to when this endpoint is closed. `when_refused` is told why nobody may be
        accepted, where the system forbids it, which is tried again for ever.
        """
        self._serve = service_named(service)
        self._runtime = RUNTIMES.named(runtime)
        self._wait = wait
        self._cores = cores
        self._apart = apart and self._runtime.serves_in_caller
        self._clients: Admission = clients
        self._transport = with_options(transport_for(address), options)
        if service in NEED_STREAM and self._transport.largest_size_bytes() is not None:
            raise UsageError(
                f"{service} needs a stream, and {address} carries messages", "listen on unix:/path or tcp:HOST:PORT"
            )
        self._listener = handed or self._transport.listen(address, mode)
        self._is_handed = handed is not None
        self._when_refused = when_refused
        if accept and service != "echo":
            self._clients = Unannounced()
        self._accepting = self._accepting_by_itself(accept, options) if accept and service == "echo" else None
        self.address = self._listener.address
        self.warning = self._listener.warning
        self.last_socket: SocketSettings | None = None
        """What was in effect on the connection that was served last, at its end."""
        self._closing = threading.Event()
        self._idle = 0
        self._threads = 0
        self.threads: list[int] = []
        """The ids of those that accept and serve, where no other one serves; of a measuring server they are kept."""
        self._is_finishing = False
        self._serving: dict[Connection, _Activity] = {}
        self._looked_s = float("-inf")  # when all of them were looked at, who were idle for these times then:
        self._longest_last: list[Connection] = []
        self._change = threading.Condition()
        self._begin()

    def _begin(self) -> None:
        """Have the first thread. Raises ServiceError where there is none to be had."""
        with self._change:
            is_served = self._add_thread()
        if not is_served:
            self._listener.close()
            raise ServiceError(
                f"nobody can be served on {self.address}: no thread to be had",
                "are there too many processes (ulimit -u)?",
            )

    def accept_waiting(self) -> None:
        """Accept whoever has connected and still waits for that. To be called before close()."""
        self._closing.set()
        listener = self._listener.socket
        with contextlib.suppress(OSError):  # none waits any more
            listener.setblocking(False)
            for _ in range(_MOST_WAITING):  # more may come for as long as this takes
                caller, _ = listener.accept()
                with self._change:
                    if not self._start(self._serve_if_admitted, caller):
                        caller.close()

    def close(self) -> None:
        """Stop listening and remove the socket file. Clients being served are let finish."""
        self._closing.set()
        if not self._is_handed:  # whose socket is not to stop listening; it looks up by itself now and then
            with contextlib.suppress(OSError):  # shutdown wakes accept(); where it cannot, close() does
                self._listener.socket.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def finish(self, give_up_s: float) -> bool:
        """Read no more, answer what was read, part; True if all that was done by `give_up_s` of the monotonic clock.

        To be called after close().
        """
        with self._change:
            self._is_finishing = True
            for connection in self._serving:
                _read_no_more(connection)
            # Threads, not clients: one may have been accepted this moment.
            return self._change.wait_for(lambda: not self._threads, max(0.0, give_up_s - time.monotonic()))

    def _add_thread(self) -> bool:
        """Start a thread that accepts and serves; False when there is none to be had. self._change is held."""
        is_started = self._start(self._work)
        self._idle += is_started
        return is_started

    def _start(self, work: Callable[..., None], *arguments: object) -> bool:
        """Do this in a thread of its own; False when there is none to be had. self._change is held."""

        def run() -> None:
            try:
                work(*arguments)
            finally:
                with self._change:
                    self._threads -= 1
                    self._change.notify_all()

        thread = threading.Thread(target=run, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return False
        self._threads += 1
        if self._runtime.serves_in_caller:
            self.threads.append(thread.native_id or 0)
        return True

    def _work(self) -> None:
        """Accept and serve, one client after the other, for ever.

        The last idle thread starts another before it turns to its client, so there are as many threads as
        there ever were clients at once, and one to spare. They are kept: a thread that ends takes its count
        of context switches with it.
        """
        if self._cores:
            stay_on(self._cores)  # this thread; who started it has tried, and tells
        if self._apart:
            own_descriptors(self._listener.socket.fileno())
        while True:
            try:
                if self._accepting:
                    self._runtime.accept(self._accepting)
                caller, _ = self._listener.socket.accept()
            except OSError as error:  # closed; or too many files are open
                if self._when_refused and error.errno in REFUSED:
                    self._when_refused(reason(error))
                if self._closing.wait(_TRY_AGAIN_AFTER_S):
                    return
                continue
            with self._change:
                self._idle -= 1
                if not self._idle:
                    self._add_thread()
            self._serve_if_admitted(caller)
            with self._change:
                self._idle += 1

    def _accepting_by_itself(self, accept: str, options: Options) -> Accepting:
        """What the runtime needs to accept clients. Who is silent is let go: on TCP it may be anybody."""
        listener = self._listener.socket
        set_timeout(listener, PATIENCE_NS)  # TCP hands it down to what it accepts
        uid = os.getuid() if self._transport.tells_uid else None
        if listener.family != socket.AF_UNIX:
            self.last_socket = read_settings(listener)  # TCP hands all of it down
        return Accepting(listener, page_aligned(BUFFER_BYTES), uid, accept == "each", kernel_options(options))

    def served(self) -> int | None:
        """How many clients came that were not announced; None where all are."""
        if isinstance(self._clients, Unannounced):
            return self._clients.served
        return self._accepting.count() if self._accepting else None

    def _serve_if_admitted(self, caller: socket.socket) -> None:
        # An error is a client that went away: it knows, and nobody else has to.
        with caller, contextlib.suppress(OSError, TransportError):
            # One that has left already is counted all the same, and has no name any more.
            is_nameless = isinstance(self._clients, Unannounced) and not self._transport.tells_uid
            peer = Peer("") if is_nameless else self._transport.peer(caller)
            if self._clients.admit(peer, self.address):
                self._serve_connection(caller)

    def _serve_connection(self, caller: socket.socket) -> None:
        with self._transport.accepted(caller) as connection:
            with self._change:
                # From here on it has to be known who is idle.
                if self._clients.lets_go and len(self._serving) >= MOST_CLIENTS // 2:
                    self._make_room()
                self._serving[connection] = _Activity()
                if self._is_finishing:
                    _read_no_more(connection)
            try:
                buffer, lead_in_bytes = page_aligned(BUFFER_BYTES), self._clients.lead_in_bytes
                self._serve(connection, buffer, self._wait, lead_in_bytes, self._runtime)
            finally:
                self.last_socket = read_settings(connection)
                with self._change:
                    self._serving.pop(connection, None)

    def _make_room(self) -> None:
        """Let go of the client that has been idle for longest, if there are too many. self._change is held."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._look_at_all(now_s)
        if len(self._serving) < MOST_CLIENTS:
            return
        longest, activity = self._idle_for_longest(now_s)
        del self._serving[longest]
        with contextlib.suppress(OSError):  # it is gone already
            longest.shutdown(socket.SHUT_RDWR)
        self._clients.tell(
            f"{self.address}: {MOST_CLIENTS} clients at once; "
            f"the one that was idle for longest ({now_s - activity.last_s:.0f} s) was let go"
        )

    def _look_at_all(self, now_s: float) -> None:
        for activity in self._serving.values():
            activity.look(now_s)
        self._looked_s = now_s
        # Of several that were found active at once, the one that came first is the first to go.
        latest_first = reversed(self._serving)
        self._longest_last = sorted(latest_first, key=lambda each: self._serving[each].last_s, reverse=True)

    def _idle_for_longest(self, now_s: float) -> tuple[Connection, _Activity]:
        """The first in order who has not been active since all were looked at: whoever has, or came since, is later.

        If all have, all are looked at anew, and any of those that were active until now is as good as another.
        """
        while True:
            if not self._longest_last:
                self._look_at_all(now_s)
            connection = self._longest_last.pop()
            activity = self._serving.get(connection)  # None: it has left
            if activity and activity.last_s == activity.look(now_s):
                return connection, activity


def _read_no_more(connection: Connection) -> None:
    with contextlib.suppress(OSError):  # it is gone already
        connection.shutdown(socket.SHUT_RD)
