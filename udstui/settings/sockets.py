"""Settings of how sockets are used."""

from __future__ import annotations

from functools import partial

from udstui.runtimes.packets import MOST_WRITES
from udstui.settings.requests import ASKING
from udstui.settings.setting import Setting, one_of, whole_number

CLOSES = {
    "fin": "as programs do: the port waits in TIME_WAIT",
    "rst": "SO_LINGER 0: a reset, and no port waits",
}
ACCEPTS = {
    "one": "one thread accepts and serves, one after the other",
    "each": "a thread is started for each client",
}
WRITES = {
    "1": "all at once, as programs should",
    "2": "head and body: where Nagle and delayed ACK meet",
}
RECONNECTS = {
    "no": "connections are kept open, as pools do",
    "yes": "connect, opening, request, answer, close",
}
SOCKETS = (
    Setting(
        name="reconnect",
        option="--reconnect",
        label="Reconnect",
        about="Every request to a service is a connection of its own",
        choices=lambda: RECONNECTS,
        alone="yes",
        parse=partial(one_of, "reconnect", RECONNECTS),
        workloads=ASKING,
        describe=lambda value: "" if value == "no" else "a connection for each request",
    ),
    Setting(
        name="close",
        option="--close",
        label="Close",
        about="How the client closes connections of one operation",
        choices=lambda: CLOSES,
        parse=partial(one_of, "close", CLOSES),
        workloads=("connect",),
        if_reconnecting=ASKING,
        describe=lambda value: "" if value == "fin" else f"close: {value}",
    ),
    Setting(
        name="accept",
        option="--accept",
        label="Accept",
        about="How the server of connect takes clients",
        choices=lambda: ACCEPTS,
        parse=partial(one_of, "accept", ACCEPTS),
        workloads=("connect",),
        describe=lambda value: "" if value == "one" else f"accept: {value}",
        known_to_targets=False,
    ),
    Setting(
        name="writes",
        option="--writes",
        label="Writes",
        about=f"How many writes each packet is sent in, both ways, 1 to {MOST_WRITES}: its head, then the rest",
        metavar="NUMBER",
        choices=lambda: WRITES,
        is_open=True,
        parse=partial(whole_number, "writes", 1, MOST_WRITES),
        describe=lambda value: "" if value == 1 else f"writes: {value}",
        brief="×{}".format,
        workloads=("ping-pong", "one-way"),
    ),
)
