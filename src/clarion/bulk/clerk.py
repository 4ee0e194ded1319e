"""Keeps the journal for the engine: hands out leased rows, and takes settlements down in groups.

The engine runs on an event loop, the journal waits for disks. So every call of the journal is made in one thread of
its own, and settlements that come within a few milliseconds go to the disk together. Rows are read as they are asked:
those that have been read and wait, here or for the rate limits, are as many as the pace needs, and bounded in bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from clarion import _process
from clarion.bulk import workers
from clarion.bulk.journal_thread import JournalThread
from clarion.bulk.leases import Leases
from clarion.bulk.settlement import Done, Failed, Released

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from clarion.bulk.journal import Journal
    from clarion.bulk.lease import Budget, Row
    from clarion.bulk.settlement import Settlement
    from clarion.bulk.tally import Counts, Totals

GROUP = 0.05  # seconds that settlements are collected for
MANY = 32  # settlements that go to the disk earlier, unless more rows than that are asked at a time
FEW, MOST = 16, 512  # rows that wait, having been read: at first, and wherever the pace needs more
ROOM = 8_000_000  # bytes of their inputs
SOON, LOOK = 0.01, 1.0  # seconds after which a clerk with nothing to hand out looks again


class Clerk:
    """One worker's hand on a journal. As an async context manager it comes and leaves; what it still holds is freed.

    `concurrency` is how many rows are under way at most; `budget` is looked at whenever rows are leased.
    When the journal cannot be kept any more, the context ends with an ExceptionGroup of a JournalError.
    """

    def __init__(self, journal: Journal, *, concurrency: int, budget: Callable[[], Budget | None]) -> None:
        self._journal = journal
        self._concurrency = concurrency
        self._budget = budget
        self._thread = JournalThread()
        self._do = self._thread.do
        self._leases = Leases(journal, concurrency=concurrency)
        self._rows: asyncio.Queue[Row | None] = asyncio.Queue()
        self._waiting: dict[int, int] = {}  # of the rows that were read and have not begun, the bytes of their inputs
        self._bytes = 0  # of them all
        self._may_wait = min(FEW, concurrency)
        self._read = 0.0  # when rows were read last, by the monotonic clock
        self._wanted = asyncio.Event()  # half of the rows that may wait have begun
        self._settlements: deque[Settlement] = deque()
        self._most = max(MANY, min(MOST, concurrency))  # settlements that are collected
        self._pending = asyncio.Event()  # there are settlements to take down
        self._many = asyncio.Event()  # and so many that they should not wait
        self._changed = asyncio.Event()  # since rows were leased last: there may be more, or an end of them
        self._unsettled = 0  # rows that were read here
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._name = _process.name()
        self._is_closed = False
        self.is_broke = False  # the budget did not allow another row

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        await self._do(self._leases.join, self._name, till=time.time() + workers.LEASE)
        await self._look_after()
        self._tasks = [self._group.create_task(work()) for work in (self._feed, self._write_down, self._beat)]
        if self._is_closed:
            self.close()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        for task in self._tasks:
            task.cancel()
        try:
            await self._group.__aexit__(kind, error, traceback)
            await self._flush()
            await self._do(self._leases.leave)
        finally:
            self._thread.close()

    async def take(self) -> Row | None:
        """Return the next row to ask, once there is one; None when there is nothing left to do here."""
        row = await self._rows.get()
        if row is None:
            self._rows.put_nowait(None)  # for the next who asks
        return row

    def begin(self, row: Row) -> None:
        """Take note that a row is being asked: it waits no more, so another may be read."""
        self._wait_no_more(row.seq)

    def settle(self, settlement: Settlement) -> None:
        """Take down what came of a row; it counts once it has reached the disk."""
        self._wait_no_more(settlement.seq)
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
            if row := self._rows.get_nowait():
                self.settle(Released(seq=row.seq, attempt=row.attempt))
        self._rows.put_nowait(None)

    async def state(self) -> tuple[Counts, Totals]:
        """Return where the rows are, and what the job has used."""
        return await self._do(self._journal.counts), await self._do(self._journal.totals)

    async def _feed(self) -> None:
        """Read rows as long as there are any, or may be again."""
        while True:
            await self._room_for_more()
            self._changed.clear()
            budget, most, room = self._budget(), self._may_wait - len(self._waiting), ROOM - self._bytes
            rows = await self._do(self._leases.read, time.time(), most=most, room=room, budget=budget)
            self._unsettled += len(rows)
            for row in rows:
                self._waiting[row.seq] = row.size
                self._bytes += row.size
                self._rows.put_nowait(row)
            if not rows and not await self._may_come(has_budget=budget is not None):
                self._rows.put_nowait(None)
                return

    @property
    def _has_room(self) -> bool:
        return len(self._waiting) <= self._may_wait // 2 and self._bytes <= ROOM // 2

    async def _room_for_more(self) -> None:
        """Wait until half of the rows that may wait have begun. Where that is soon, the pace needs more of them."""
        self._wanted.clear()
        if not self._has_room:
            await self._wanted.wait()
            if time.monotonic() < self._read + LOOK:
                self._may_wait = min(2 * self._may_wait, MOST, self._concurrency)
        self._read = time.monotonic()

    def _wait_no_more(self, seq: int) -> None:
        self._bytes -= self._waiting.pop(seq, 0)
        if self._has_room:
            self._wanted.set()

    async def _may_come(self, *, has_budget: bool) -> bool:
        """Wait until there may be rows to lease; return False if there will never be."""
        counts = await self._do(self._journal.counts)
        self.is_broke = has_budget and counts.leased == 0 and counts.ready > 0
        if self.is_broke or not counts.open:
            return False
        await self._look_after()
        due = await self._do(self._journal.next_due)
        pause = LOOK if due is None else max(SOON, min(LOOK, due - time.time()))
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
            await self._do(self._leases.share)

    async def _look_after(self) -> None:
        """Show signs of life, also after a long sleep, and then free what others hold who show none."""
        await self._do(self._journal.stay, self._leases.worker, self._name, till=time.time() + workers.LEASE)
        await self._do(self._journal.reclaim, time.time(), is_dead=_process.is_dead)
