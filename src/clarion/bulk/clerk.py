"""Keeps the journal for the engine: hands out leased rows, and takes settlements down in groups.

The engine runs on an event loop, the journal waits for disks. So every call of the journal is made in one thread of
its own, and settlements that come within a few milliseconds go to the disk together.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from clarion.bulk import workers
from clarion.bulk.journal_thread import JournalThread
from clarion.bulk.settlement import Done, Failed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from clarion.bulk.journal import Budget, Counts, Journal, Row, Totals
    from clarion.bulk.settlement import Settlement

GROUP = 0.05  # seconds that settlements are collected for
MANY = 32  # settlements that go to the disk earlier, unless more rows than that are asked at a time
MOST = 500  # rows leased at a time
LOOK = 1.0  # seconds after which a clerk with nothing to hand out looks again


class Clerk:
    """One worker's hand on a journal. As an async context manager it comes and leaves; what it still holds is freed.

    `ahead` is how many rows are leased before somebody asks for them; `budget` is looked at whenever rows are leased.
    When the journal cannot be kept any more, the context ends with an ExceptionGroup of a JournalError.
    """

    def __init__(self, journal: Journal, *, ahead: int, budget: Callable[[], Budget | None]) -> None:
        self._journal = journal
        self._budget = budget
        self._thread = JournalThread()
        self._do = self._thread.do
        self._rows: asyncio.Queue[Row | None] = asyncio.Queue()
        self._ahead = max(1, min(MOST, ahead))
        self._wanted = asyncio.Event()  # half of what was leased ahead has been taken
        self._settlements: deque[Settlement] = deque()
        self._most = max(MANY, self._ahead)  # settlements that are collected
        self._pending = asyncio.Event()  # there are settlements to take down
        self._many = asyncio.Event()  # and so many that they should not wait
        self._changed = asyncio.Event()  # since rows were leased last: there may be more, or an end of them
        self._unsettled = 0  # rows that were leased here
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._name = workers.name()
        self._worker = 0
        self._is_closed = False
        self.is_broke = False  # the budget did not allow another row

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._worker = await self._do(self._journal.join, self._name, till=time.time() + workers.LEASE)
        await self._look_after()
        self._tasks = [self._group.create_task(work()) for work in (self._feed, self._write_down, self._beat)]
        if self._is_closed:
            self.close()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        try:
            await self._group.__aexit__(kind, error, traceback)
            await self._flush()
            await self._do(self._journal.leave, self._worker)
        finally:
            self._thread.close()

    async def take(self) -> Row | None:
        """Return the next row to ask, once there is one; None when there is nothing left to do here."""
        row = await self._rows.get()
        if row is None:
            self._rows.put_nowait(None)  # for the next who asks
        elif self._rows.qsize() <= self._ahead // 2:
            self._wanted.set()
        return row

    def settle(self, settlement: Settlement) -> None:
        """Take down what came of a row; it counts once it has reached the disk."""
        self._settlements.append(settlement)
        self._unsettled -= 1
        self._pending.set()
        if len(self._settlements) >= self._most:
            self._many.set()

    def close(self) -> None:
        """Hand out no more rows; those that were leased and not handed out are freed in the end."""
        self._is_closed = True
        for feeding in self._tasks[:1]:
            feeding.cancel()
        while not self._rows.empty():
            self._rows.get_nowait()
        self._rows.put_nowait(None)

    async def state(self) -> tuple[Counts, Totals]:
        """Return where the rows are, and what the job has used."""
        return await self._do(self._journal.counts), await self._do(self._journal.totals)

    async def _feed(self) -> None:
        """Lease rows as long as there are any, or may be again."""
        while True:
            self._changed.clear()
            budget, most = self._budget(), self._ahead - self._rows.qsize()
            rows = await self._do(self._journal.claim, self._worker, time.time(), most, budget=budget)
            self._wanted.clear()
            self._unsettled += len(rows)
            self._mix_in(rows)
            if rows:
                await self._wanted.wait()
            elif not await self._may_come(has_budget=budget is not None):
                self._rows.put_nowait(None)
                return

    def _mix_in(self, rows: list[Row]) -> None:
        """Put rows among those that are waiting, in any order.

        Rows that are alike often stand together, so that in their order now this limit is used up and now that one.
        """
        while not self._rows.empty():
            if (row := self._rows.get_nowait()) is not None:
                rows.append(row)
        random.shuffle(rows)
        for row in rows:
            self._rows.put_nowait(row)

    async def _may_come(self, *, has_budget: bool) -> bool:
        """Wait until there may be rows to lease; return False if there will never be."""
        counts = await self._do(self._journal.counts)
        self.is_broke = has_budget and counts.leased == 0 and counts.ready > 0
        if self.is_broke or not counts.open:
            return False
        await self._look_after()
        due = await self._do(self._journal.next_due)
        pause = LOOK if due is None else max(0.0, min(LOOK, due - time.time()))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), pause)
        return True

    async def _write_down(self) -> None:
        while True:
            await self._pending.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(GROUP):
                    await self._many.wait()
            await self._flush()

    async def _flush(self) -> None:
        self._pending.clear()
        self._many.clear()
        settlements = list(self._settlements)
        self._settlements.clear()
        if settlements:
            await self._do(self._journal.settle, settlements)
        is_over = all(isinstance(settlement, Done | Failed) for settlement in settlements)
        if not is_over or not self._unsettled or self._budget() is not None:
            self._changed.set()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(workers.BEAT)
            await self._look_after()

    async def _look_after(self) -> None:
        """Show signs of life, also after a long sleep, and then free what others hold who show none."""
        await self._do(self._journal.stay, self._worker, self._name, till=time.time() + workers.LEASE)
        await self._do(self._journal.reclaim, time.time(), is_dead=workers.is_dead)
