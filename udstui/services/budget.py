"""A budget of memory that all clients of a service share."""

from __future__ import annotations

import threading


class Budget:
    """So many bytes at once, for all threads together."""

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = most_bytes
        self._lock = threading.Lock()

    def reservation(self) -> Reservation:
        """A context manager whose bytes are given back at its end."""
        return Reservation(self)

    def take(self, count: int) -> bool:
        """Take bytes, which may be negative to give them back; False, and nothing taken, when there are not enough."""
        with self._lock:
            if count > self._left_bytes:
                return False
            self._left_bytes -= count
            return True


class Reservation:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._bytes = 0

    def add(self, count: int) -> bool:
        """Reserve more; False when the budget does not hold it."""
        is_taken = self._budget.take(count)
        self._bytes += count * is_taken
        return is_taken

    def __enter__(self) -> Reservation:
        return self

    def __exit__(self, *_: object) -> None:
        self._budget.take(-self._bytes)
        self._bytes = 0
