"""How many answers the service gives at a time; what comes beyond that is answered with 529."""

from __future__ import annotations

import heapq

from clarion.emulator.wire import Refusal

__all__ = ["Capacity"]


class Capacity:
    """The answers under way, by the times at which they end. Whoever uses it holds the lock."""

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError(f"the capacity is a positive number of answers at a time, or None, not {most}")
        self._most = most
        self._entering = 0
        self._ends: list[int] = []

    def enter(self, now: int) -> None:
        """Take a place for a request whose end is not known yet, or refuse it."""
        while self._ends and self._ends[0] <= now:
            heapq.heappop(self._ends)
        if len(self._ends) + self._entering >= self._most:
            raise Refusal(529, "Overloaded")
        self._entering += 1

    def leave(self, end: int | None) -> None:
        """Give the place to an answer that ends at some time, or free it."""
        self._entering = max(0, self._entering - 1)  # those of before a clear() leave too
        if end is not None:
            heapq.heappush(self._ends, end)

    def clear(self) -> None:
        """Forget the answers under way."""
        self._entering, self._ends = 0, []
