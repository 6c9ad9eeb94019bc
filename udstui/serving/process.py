"""A service in a process of its own: `python -m udstui.serving.process`, asked over stdin, answering on stdout.

The first message asks for the service and is answered with its addresses. Each further one announces clients, and is
answered with what was in effect on the socket of the client before.
"""

from __future__ import annotations

import contextlib
import os
import sys

import msgspec

from udstui.children.owner import answer, follow_owner
from udstui.errors import UdstuiError, reason
from udstui.host.affinity import stay_on
from udstui.serving.admission import Announced
from udstui.serving.endpoint import Endpoint
from udstui.serving.limits import allow_many_files
from udstui.serving.messages import Expect, Expected, Start, Started


def main() -> None:
    follow_owner("udstui-service")
    allow_many_files()
    questions = sys.stdin.buffer
    first = questions.readline()
    if not first:  # the owner was gone before it could ask
        return
    start = msgspec.json.decode(first, type=Start)
    if start.cores and (problem := stay_on(start.cores)):
        answer(Started(problem=problem))
        return
    # The owner may be gone at any moment: that is the end, as that of stdin is.
    with contextlib.suppress(BrokenPipeError), contextlib.ExitStack() as opened:
        endpoints = []
        try:
            places = zip(start.addresses, start.runtimes, start.options, start.accepts, strict=True)
            for address, runtime, options, accept in places:
                clients = Announced()
                endpoint = Endpoint(
                    start.service, address,
                    clients=clients, options=options, runtime=runtime, wait=start.wait, cores=start.cores,
                    apart=True, accept=accept, when_refused=_leave,
                )  # fmt: skip
                opened.callback(endpoint.close)
                endpoints.append((endpoint, clients))
        except (OSError, UdstuiError) as error:
            answer(Started(problem=reason(error) if isinstance(error, OSError) else str(error)))
            return
        answer(Started(tuple(endpoint.address for endpoint, _ in endpoints)))
        decoder = msgspec.json.Decoder(Expect)
        for line in questions:
            message = decoder.decode(line)
            endpoint, clients = endpoints[message.index]
            clients.expect(message.clients, message.lead_in_bytes)
            answer(Expected(endpoint.last_socket, endpoint.served(), tuple(endpoint.threads)))


def _leave(why: str) -> None:
    """The owner tells the last line of stderr."""
    print(f"it may not accept clients: {why}; does a seccomp profile forbid accept4?", file=sys.stderr, flush=True)
    os._exit(1)


if __name__ == "__main__":
    main()
    os._exit(0)  # Python's own way out waits for threads that spin, and takes several times as long
