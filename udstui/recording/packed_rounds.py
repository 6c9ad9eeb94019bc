"""All rounds of a recorded run in little memory, so that any of them can be shown again."""

from __future__ import annotations

import pickle
import zlib
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, overload

from udstui.measured import Round
from udstui.recording.read_csv import RecordedSegment
from udstui.recording.read_many_rounds import Piece
from udstui.results.many_rounds import TIME

_FAST = 1
_UNPACKED = 4
"""So many pieces stay unpacked: rounds are asked for one after the other."""


class RecordedRound(NamedTuple):
    segment: RecordedSegment
    round: Round
    """Its intervals have no histograms: a row has none."""


class PackedRounds(Sequence[RecordedRound]):
    """The rounds of pieces of a run, each piece packed: some tenth of the bytes that they have in a CSV file.

    A piece is packed as its rows were read, column by column: to make its rounds takes longer, and is left until one of
    them is asked for. What is unpacked never came from anywhere else, so nothing in a file is ever run by pickle.
    """

    def __init__(self, pieces: Iterable[tuple[RecordedSegment, Piece]]) -> None:
        self.began_s = array("d")
        """When each round began."""
        self.rounds_of: Counter[int] = Counter()
        """How many rounds each segment has, by its number."""
        self._pieces: list[tuple[RecordedSegment, slice]] = []
        """Of each its segment, and where it lies in what is packed."""
        self._packed = bytearray()
        """All of them behind one another: as thousands of objects they leave holes that take four times as much."""
        self._begins: list[int] = []
        """The first round of each piece."""
        self._unpacked = lru_cache(_UNPACKED)(self._unpack)
        for segment, piece in pieces:
            self._begins.append(len(self.began_s))
            begin = len(self._packed)
            self._packed += zlib.compress(pickle.dumps(piece), _FAST)
            self._pieces.append((segment, slice(begin, len(self._packed))))
            self.began_s.extend(map(min, zip(*(lane(TIME) for lane in piece.columns().lanes), strict=True)))
            self.rounds_of[segment.number] += len(piece)

    def __len__(self) -> int:
        return len(self.began_s)

    @overload
    def __getitem__(self, index: int) -> RecordedRound: ...
    @overload
    def __getitem__(self, index: slice) -> list[RecordedRound]: ...
    def __getitem__(self, index: int | slice) -> RecordedRound | list[RecordedRound]:
        numbers = range(len(self))[index]
        if isinstance(numbers, range):
            return [self[number] for number in numbers]
        piece = bisect_right(self._begins, numbers) - 1
        return RecordedRound(self._pieces[piece][0], self._unpacked(piece)[numbers - self._begins[piece]])

    def _unpack(self, piece: int) -> list[Round]:
        unpacked: Piece = pickle.loads(zlib.decompress(self._packed[self._pieces[piece][1]]))
        return unpacked.rounds()
