"""Packets that tell their own length, so that they are answered when they are whole.

A head of 16 bytes leads each: the sender's clock, the length of the packet, the number of writes that it is sent in,
and whether its answer is to carry the clock of the moment when it had come. Client and server are on one machine and
share that clock.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEAD = struct.Struct("=qIHH")
MOST_WRITES = 16
LARGEST_BYTES = 64 * 1024**2


class Pieces(NamedTuple):
    """How packets are sent."""

    writes: int
    """Of the head first, and of the rest in equal parts; 1 is all at once."""
    is_stamped: bool
    """Whether each end puts its clock into what it sends, and operations are ways there."""


def smallest_bytes(writes: int) -> int:
    """The smallest packet that can be sent in so many writes."""
    return HEAD.size + writes - 1


def put_head(packet: memoryview, pieces: Pieces) -> None:
    """Lead the packet with a head whose clock is not set."""
    HEAD.pack_into(packet, 0, 0, len(packet), pieces.writes, pieces.is_stamped)


def cuts(size: int, writes: int) -> list[slice]:
    """What each of the writes sends of a packet."""
    if writes == 1:
        return [slice(0, size)]
    parts, sent = [slice(0, HEAD.size)], HEAD.size
    for left in range(writes - 1, 0, -1):
        part = (size - sent) // left
        parts.append(slice(sent, sent + part))
        sent += part
    return parts


def mean_parts(pieces: Pieces, there_ns: int, back_ns: int, operations: int) -> dict[str, float]:
    """The parts of an operation of stamped packets; nothing of others."""
    return {"there_ns": there_ns / operations, "back_ns": back_ns / operations} if pieces.is_stamped else {}
