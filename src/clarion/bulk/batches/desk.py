"""A run's hand on the journal: one worker, its leases, its batches, in the journal's thread and by the run's time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

from clarion import _process
from clarion.bulk import workers
from clarion.bulk.batches.register import Register
from clarion.bulk.journal_thread import JournalThread
from clarion.bulk.pages import ROOM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion.bulk.batches.register import Filed
    from clarion.bulk.batches.timing import Timing
    from clarion.bulk.journal import Journal
    from clarion.bulk.lease import Budget, Row
    from clarion.bulk.money import Money
    from clarion.bulk.progress import Progress
    from clarion.bulk.settlement import Settlement
    from clarion.bulk.tally import Counts


class Desk:
    """As an async context manager it comes and leaves; what it has not seen to the end, others may take over."""

    def __init__(self, journal: Journal, *, money: Money, progress: Progress, timing: Timing) -> None:
        self._journal = journal
        self._register = Register(journal)
        self._money = money
        self._progress = progress
        self._timing = timing
        self._thread = JournalThread()
        self._do = self._thread.do
        self._name = _process.name()
        self._worker = 0

    async def __aenter__(self) -> Self:
        self._worker = await self._do(self._journal.join, self._name, till=self.now() + workers.LEASE)
        await self.show_life()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        try:
            await self._do(self._journal.leave, self._worker)
        finally:
            self._thread.close()

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        return self._timing.now()

    async def beat(self) -> None:
        """Show signs of life for as long as it is not canceled."""
        while True:
            await asyncio.sleep(workers.BEAT)
            await self.show_life()

    async def show_life(self) -> None:
        """Show a sign of life, and free what others hold who show none."""
        await self._do(self._journal.stay, self._worker, self._name, till=self.now() + workers.LEASE)
        await self._do(self._journal.reclaim, self.now(), is_dead=_process.is_dead)

    async def counts(self) -> Counts:
        """Return where the rows are."""
        return await self._do(self._journal.counts)

    async def next_due(self) -> float | None:
        """Return when the first postponed row may be leased."""
        return await self._do(self._journal.next_due)

    async def lease(self, most: int) -> list[Row]:
        """Lease rows, as far as the budget allows."""
        rows = await self._do(self._leased, most, self._money.budget())
        self._progress.begin(len(rows))
        return rows

    def _leased(self, most: int, budget: Budget | None) -> list[Row]:
        leases = deque(self._journal.claim(self._worker, self.now(), most, budget=budget))
        rows: list[Row] = []
        room = ROOM
        while leases and room > 0:
            if row := self._journal.read(self._worker, leases.popleft()):
                rows.append(row)
                room -= row.size
        self._journal.give_back(self._worker, leases)
        return rows

    async def may_lease(self) -> bool:
        """Tell whether the budget allows another row, with no row under way."""
        budget = self._money.budget()
        return budget is None or budget.allows((await self._do(self._journal.totals)).cost_nano, 0) > 0

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Record what came of rows."""
        await self._do(self._journal.settle, settlements)
        for settlement in settlements:
            self._progress.end(settlement)

    async def plan(self, rows: Sequence[tuple[int, int]], newest: str | None) -> int | None:
        """Write down that leased rows are about to be posted; None if they are not all its own any more."""
        return await self._do(self._register.plan, self._worker, rows, newest=newest, now=self.now())

    async def post_again(self, number: int, newest: str | None) -> bool:
        """Write down that a planned batch is about to be posted again."""
        return await self._do(self._register.post_again, number, self._worker, newest=newest, now=self.now())

    async def refused(self, number: int) -> None:
        """Write down that a batch was surely not created."""
        await self._do(self._register.refused, number)

    async def doubt(self, number: int) -> None:
        """Write down that nobody knows whether a batch was created."""
        await self._do(self._register.doubt, number, now=self.now())

    async def created(self, number: int, batch_id: str) -> bool:
        """Write down how the API calls a batch; False if it was given up before."""
        return await self._do(self._register.created, number, batch_id)

    async def void(self, number: int) -> None:
        """Give up a batch that was never created."""
        rows = len(await self.left(number))
        if await self._do(self._register.void, number):
            self._progress.release(rows)

    async def collected(self, number: int) -> None:
        """Write down that all that came of a batch is recorded."""
        await self._do(self._register.collected, number)

    async def adopt(self) -> list[Filed]:
        """Take over the batches that nobody looks after."""
        found = await self._do(self._register.adopt, self._worker, now=self.now())
        for filed in found:
            self._progress.begin(len(await self.left(filed.id)))
        return found

    async def filed(self, number: int) -> Filed:
        """Return a batch as it stands in the journal."""
        return await self._do(self._register.filed, number)

    async def known(self) -> frozenset[str]:
        """Return the API's names of all batches of the job."""
        return await self._do(self._register.known)

    async def left(self, number: int, attempts: Sequence[tuple[int, int]] | None = None) -> list[Row]:
        """Return the rows of a batch of which nothing is recorded yet: all, or some of them."""
        return await self._do(self._register.left, number, attempts)

    async def key(self) -> str:
        """Return what names the job in custom ids."""
        return await self._do(lambda: self._register.key)
