"""Packets that are answered when they are whole: the client's side and the service's."""

from __future__ import annotations

from udstui.runtimes.native import shared
from udstui.runtimes.native.loops import failures_explained, limits_of, loops, wire_of
from udstui.runtimes.native.service import for_one_client
from udstui.runtimes.native.structures import Job, Packets, address_of, make_job
from udstui.runtimes.packets import Pieces, mean_parts
from udstui.runtimes.setup import Setup, Timed
from udstui.transports.connection import Connection
from udstui.transports.posix_mq import QueueEnd


def packet_trips(setup: Setup, pieces: Pieces) -> Timed:
    if isinstance(connection := setup.connections[0], QueueEnd):
        return shared.packet_trips(setup, pieces, connection)
    setup.set_blocking(not setup.spin)
    with failures_explained(setup):
        _run(setup, pieces, setup.lead_in_ns)
        setup.buffers[0][:] = bytes(len(setup.buffers[0]))  # so that the last answer proves itself
        setup.mark_usage()
        job, packets, operations = _run(setup, pieces, setup.duration_ns)
        setup.mark_usage()
    return Timed(
        job.started_ns, operations, operations * len(setup.payload), job.ended_ns - job.started_ns,
        overlapping=pieces.is_stamped, answers=(memoryview(setup.buffers[0]),),
        parts=mean_parts(pieces, packets.there_ns, packets.back_ns, operations),
    )  # fmt: skip


def _run(setup: Setup, pieces: Pieces, duration_ns: int) -> tuple[Job, Packets, int]:
    job = make_job(
        wire_of(setup.connections[0]), limits_of(setup, duration_ns), setup.stamps,
        payload=setup.payload, answer=setup.buffers[0], spin=setup.spin,
    )  # fmt: skip
    address, kept = address_of(setup.payload)
    packets = Packets(payload=address, writes=pieces.writes, is_stamped=pieces.is_stamped)
    operations = loops().packet_trips(job, packets)
    del kept
    return job, packets, operations


def answer_packets(connection: Connection, buffer: memoryview, wait: str) -> None:
    with for_one_client(connection, wait):
        if isinstance(connection, QueueEnd):
            shared.answer_packets(connection, buffer, wait)
            return
        loops().answer_packets(wire_of(connection), buffer, spin=wait == "spin")
