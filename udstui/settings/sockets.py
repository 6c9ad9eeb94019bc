"""Settings of how sockets are used."""

from __future__ import annotations

from functools import partial

from udstui.settings.setting import Setting, one_of

CLOSES = {
    "fin": "as programs do: the port waits in TIME_WAIT",
    "rst": "SO_LINGER 0: a reset, and no port waits",
}
ACCEPTS = {
    "one": "one thread accepts and serves, one after the other",
    "each": "a thread is started for each client",
}
SOCKETS = (
    Setting(
        name="close",
        option="--close",
        label="Close",
        about="How the client of connect closes",
        choices=lambda: CLOSES,
        parse=partial(one_of, "close", CLOSES),
        workloads=("connect",),
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
)
