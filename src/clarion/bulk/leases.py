"""Leases rows for a worker, ahead of their use, and reads them when they are about to be asked.

What is leased ahead are numbers, so that a wide window of rows can be mixed whatever their length; inputs are read as
there is room for them. Where several work on a job, none leases more than its part of what is left, and one that has
more when others find nothing gives it back.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from clarion.bulk.mixture import Mixture, fair_part

if TYPE_CHECKING:
    from clarion.bulk.journal import Journal
    from clarion.bulk.lease import Budget, Row

WINDOW = 2_000  # places by which a row may be begun later than in order
EACH = 20  # of these, for each row that may be under way at a time beside another
PARTS = 8  # of a window: one is leased at a time
LEAST = 16  # rows leased at a time


class Leases:
    """What a worker has leased and not read. Use it in the journal's thread.

    `concurrency` is how many rows are under way at most; one after the other, they are taken in order.
    """

    def __init__(self, journal: Journal, *, concurrency: int) -> None:
        window = min(WINDOW, EACH * (concurrency - 1))
        self.worker = 0
        self._journal = journal
        self._part = max(LEAST, window // PARTS)
        self._mixture = Mixture(window, Random())  # noqa: S311 -- an order, no secret

    def join(self, name: str, *, till: float) -> None:
        """Enter the worker, who is taken for alive until a time."""
        self.worker = self._journal.join(name, till=till)

    def read(self, now: float, *, most: int, room: int, budget: Budget | None) -> list[Row]:
        """Return the next rows to ask: so many at most, and so many bytes, or one that is larger.

        `budget` bounds what is leased for it. Leases that were lost meanwhile are passed over.
        """
        self.share()
        if due := self._journal.due(now, self._part):
            self._mixture.add(self._journal.claim(self.worker, now, due, budget=budget))
        rows: list[Row] = []
        is_lacking = False
        while len(rows) < most and room > 0 and not is_lacking:
            is_lacking = self._mixture.is_short and not self._lease_ahead(now, budget)
            for row in self._next(most - len(rows), room, is_lacking=is_lacking):
                rows.append(row)
                room -= row.size
        return rows

    def _next(self, most: int, room: int, *, is_lacking: bool) -> list[Row]:
        """Return the next rows of the mixture, until it is short; if more cannot be had, until it is used up."""
        rows: list[Row] = []
        with self._journal.reading():
            while len(rows) < most and room > 0 and (is_lacking or not self._mixture.is_short):
                lease = self._mixture.next()
                if lease is None:
                    break
                if row := self._journal.read(self.worker, lease):
                    rows.append(row)
                    room -= row.size
        return rows

    def share(self) -> None:
        """Give back what is more than a fair part, if others find nothing to lease."""
        ready, workers = self._journal.counts().ready, self._journal.workers()
        if not ready and workers > 1:
            surplus = self._mixture.last(len(self._mixture) - fair_part(0, len(self._mixture), workers))
            self._journal.give_back(self.worker, surplus)

    def leave(self) -> None:
        """Let the worker go. What it has leased is ready again, what was not read as if it had never been leased."""
        self._journal.give_back(self.worker, self._mixture.last(len(self._mixture)))
        self._journal.leave(self.worker)

    def _lease_ahead(self, now: float, budget: Budget | None) -> int:
        """Lease a part of the window, or as much as is fair, but few only if few are held; return how many came."""
        held, ready = len(self._mixture), self._journal.counts().ready
        fair = fair_part(ready, held, self._journal.workers())
        more = min(self._part, fair - held)
        if more <= 0 or (more < min(self._part, ready) and held > fair // 2):
            return 0
        leases = self._journal.claim(self.worker, now, more, budget=budget)
        self._mixture.add(leases)
        return len(leases)
