"""Connections of one operation each, and the server that accepts them: what C is handed, and told after it."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Sequence

from udstui.runtimes.dialing import Accepting, Dialing
from udstui.runtimes.native.loops import failures_explained, limits_of, loops
from udstui.runtimes.native.structures import Dial, Door, Job, OptionRecord, Wire, address_of, make_job
from udstui.runtimes.setup import Setup, Timed
from udstui.transports.connection import SocketOption, SocketPlace

_NO_WIRE = Wire(-1, -1)


def connects(setup: Setup, dialing: Dialing) -> Timed:
    with failures_explained(setup):
        _, _, lead_in = _run(setup, dialing, setup.lead_in_ns)
        setup.buffers[0][:] = bytes(len(setup.buffers[0]))  # so that the last answer proves itself
        setup.mark_usage()
        job, dial, operations = _run(setup, dialing, setup.duration_ns)
        setup.mark_usage()
    sums = {"connect_ns": dial.connect_ns, "exchange_ns": dial.exchange_ns, "close_ns": dial.close_ns}
    return Timed(
        job.started_ns, operations, operations * len(setup.payload), job.ended_ns - job.started_ns,
        answers=(memoryview(setup.buffers[0]),), connections=lead_in + operations,
        parts={name: total / operations for name, total in sums.items()},
    )  # fmt: skip


def accept(accepting: Accepting) -> None:
    options, kept = _options(accepting.options)
    address, held = address_of(accepting.buffer)
    # A number of its own: that of a listener that is closed meanwhile may become another one's.
    listener = os.dup(accepting.listener.fileno())
    door = Door(
        buffer=address, room=accepting.buffer.nbytes, options=options, option_count=len(accepting.options),
        uid=-1 if accepting.uid is None else accepting.uid, listener=listener, each=accepting.each,
    )  # fmt: skip
    before = accepting.count()
    accepting.count = lambda: before + int(door.accepted)
    try:
        loops().accept(door)
    finally:
        os.close(listener)
        del kept, held


def _run(setup: Setup, dialing: Dialing, duration_ns: int) -> tuple[Job, Dial, int]:
    """One call of the loop: its job, its dial, and how many connections there were."""
    options, kept = _options(dialing.options)
    name = _packed(dialing.place)
    dial = Dial(
        address=ctypes.cast(name, ctypes.c_void_p), address_bytes=len(name.raw),
        options=options, option_count=len(dialing.options), family=dialing.place.family, kind=dialing.place.kind,
        reset=dialing.reset, is_large=dialing.is_large,
    )  # fmt: skip
    job = make_job(
        _NO_WIRE, limits_of(setup, duration_ns), setup.stamps, payload=setup.payload, answer=setup.buffers[0]
    )
    job.capacity = min(job.capacity, dialing.most_operations)
    operations = loops().connect(job, dial)
    del kept
    return job, dial, operations


def _options(options: Sequence[SocketOption]) -> tuple[ctypes.Array[OptionRecord], object]:
    """The options as C wants them, and what holds their memory."""
    values = [struct.pack("i", value) if isinstance(value, int) else value for _, _, value in options]
    memory = [ctypes.create_string_buffer(value, len(value)) for value in values]
    records = (OptionRecord * max(1, len(options)))()
    for record, (level, number, _), value in zip(records, options, memory, strict=False):
        record.value, record.level, record.name, record.bytes = ctypes.addressof(value), level, number, len(value)
    return records, memory


def _packed(place: SocketPlace) -> ctypes.Array[ctypes.c_char]:
    """The address as a sockaddr."""
    family = struct.pack("=H", place.family)
    if isinstance(place.name, bytes):
        # A path ends with a zero; an abstract name begins with one, and has no end but its length.
        packed = family + place.name + (b"" if place.name.startswith(b"\0") else b"\0")
    elif place.family == socket.AF_INET:
        host, port = place.name[:2]
        packed = family + struct.pack("!H4s8x", port, socket.inet_pton(socket.AF_INET, host))
    else:
        host, port, flow, scope = place.name
        packed = family + struct.pack("!HI16s", port, flow, socket.inet_pton(socket.AF_INET6, host))
        packed += struct.pack("=I", scope)
    return ctypes.create_string_buffer(packed, len(packed))
