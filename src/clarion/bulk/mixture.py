"""In which order rows are begun that a worker has leased. Pure.

Rows that are alike often stand together, and then now this limit is used up and now that one, while another is idle. So
each row is begun somewhere among those that come after it in the input, but no more than a window later than in order:
its key is its place and a random part of the window, and the least key is next. Rows that have waited already (they
were postponed, or their worker died) have the least places, and come first.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from clarion.bulk.lease import Lease


class Mixture:
    """Leases in the order in which they are to be used. `window` is in places of the input; with 0 it is in order."""

    def __init__(self, window: int, random: Random) -> None:
        self._window = window
        self._random = random
        self._waiting: list[tuple[float, Lease]] = []
        self._frontier = 0  # the last place that was leased

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_short(self) -> bool:
        """Whether a row that has not been leased may be meant to come before the next one."""
        return not self._waiting or self._waiting[0][0] >= self._frontier

    def add(self, leases: Iterable[Lease]) -> None:
        """Put leases among those that wait."""
        for lease in leases:
            key = lease.seq + self._random.random() * self._window
            heapq.heappush(self._waiting, (key, lease))
            self._frontier = max(self._frontier, lease.seq)

    def next(self) -> Lease | None:
        """Take out the lease that is to be used next."""
        return heapq.heappop(self._waiting)[1] if self._waiting else None

    def last(self, number: int) -> list[Lease]:
        """Take out so many leases that would be used last."""
        self._waiting.sort()  # which leaves it a heap
        kept = max(0, len(self._waiting) - number)
        taken = [lease for _, lease in self._waiting[kept:]]
        del self._waiting[kept:]
        return taken


def fair_part(ready: int, held: int, workers: int) -> int:
    """Return how many leases one of so many workers may hold, where it holds some and so many rows are not leased."""
    return -(-(ready + held) // max(1, workers))
