"""Runs a job through the Message Batches API: creates batches, looks at them now and then, collects what came.

    adopt what nobody looks after ─▶ create batches ─▶ look at those whose time has come ─▶ wait ─┐
         ▲                                                                                        │
         └────────────────────────────────────────────────────────────────────────────────────────┘

What is guaranteed, whenever a process dies, and with several processes on one journal:

- No row is lost: until its result is recorded, a row is ready, leased, or in a batch of the journal.
- No row is paid twice that is in a batch the API has created. A batch that may have been created while its process died
  is looked for (`search`) and found by the custom ids in its results; none of its rows is asked before that is settled.
- One case is left: a process that stands still (not dies) for longer than its lease at the very moment of posting a
  batch. Another finds no batch and asks its rows again; the first, when it goes on, cancels what it has created.
- Rounds after the first call of a row (tools, pauses) are made in real time while its result is recorded; a process
  that dies then makes them again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._errors import ClarionError
from clarion._failure import Failure
from clarion._sdk import AsyncDoor
from clarion.bulk.batches.api import BatchApi
from clarion.bulk.batches.asking import Asking
from clarion.bulk.batches.collection import Collection, give_up
from clarion.bulk.batches.desk import Desk
from clarion.bulk.batches.packing import Size
from clarion.bulk.batches.schedule import Schedule
from clarion.bulk.batches.search import Search
from clarion.bulk.batches.submission import Submission
from clarion.bulk.batches.timing import Timing
from clarion.bulk.errors import JobStopped, first_of
from clarion.bulk.progress import Progress

if TYPE_CHECKING:
    from clarion._pacing import Standing
    from clarion._service import AsyncClaudeService
    from clarion.bulk.batches.api import Info
    from clarion.bulk.batches.register import Filed
    from clarion.bulk.gate import Gate
    from clarion.bulk.journal import Journal
    from clarion.bulk.money import Money
    from clarion.bulk.recipe import Recipe

log = logging.getLogger(__name__)

SIZE, SCHEDULE, TIMING = Size(), Schedule(), Timing()

UNSEEN = 600.0  # seconds after which a batch that the API does not know will not turn up any more
TRIES = 20  # failures in a row after which nobody goes on asking for the results of a batch
GATHER = 10.0  # seconds that rows which are to be asked again are waited for, so that they share a batch
LOOK = 5.0  # seconds after which a run with nothing else to do looks at the journal again


@dataclass(slots=True)
class _Open:
    """A batch that is looked after: when to look at it, and how often that has failed in a row."""

    filed: Filed
    due: float
    failures: int = 0
    search: Search | None = None


class BatchRun:
    """One worker on a job, through batches.

    `creates=False` only collects what was created before; `cancels` cancels it first. `gate` is for the calls that are
    made in real time.
    """

    def __init__(
        self,
        journal: Journal,
        recipe: Recipe,
        service: AsyncClaudeService,
        *,
        gate: Gate,
        money: Money,
        size: Size = SIZE,
        schedule: Schedule = SCHEDULE,
        timing: Timing = TIMING,
        creates: bool = True,
        cancels: bool = False,
    ) -> None:
        self.progress = Progress()
        self._recipe = recipe
        self._service = service
        self._gate = gate
        self._money = money
        self._size = size
        self._schedule = schedule
        self._timing = timing
        self._creates = creates and not cancels
        self._cancels = cancels
        self._api = BatchApi(AsyncDoor(service.sdk))
        self._desk = Desk(journal, money=money, progress=self.progress, timing=timing)
        self._open: dict[int, _Open] = {}
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._gathered = 0.0  # when rows that are to be asked again have come together

    async def run(self) -> None:
        """Work until nothing is left to do.

        Raises JobStopped if going on would not help, the budget is used up, or it was stopped while batches are being
        processed, and JournalError if what comes cannot be recorded.
        """
        try:
            async with self._desk, asyncio.TaskGroup() as group:
                beat = group.create_task(self._desk.beat())
                self._work = group.create_task(self._worked())
                self._work.add_done_callback(lambda _: beat.cancel())
        except* ClarionError as errors:
            raise first_of(errors) from None
        if self._stopping.is_set() and self.progress.batches:
            raise JobStopped(
                f"stopped; batches still being processed: {self.progress.batches}. Run the job again within 29 days to "
                "collect what comes of them, or cancel them"
            )

    def standings(self) -> dict[str, Standing]:
        """Return how each group of models stands with its rate limits, as far as calls were made in real time."""
        return self._gate.standings()

    def stop(self, *, cancel: bool = False) -> None:
        """Create no more batches, and leave those that are being processed to be collected by another run.

        With `cancel` they are canceled, and what was answered by then is collected before the run ends.
        """
        self._creates = False
        self._cancels = self._cancels or cancel
        if not cancel:
            self._stopping.set()
        self._woken.set()

    def abort(self) -> None:
        """Stop at once. What is being processed is still there for another run."""
        self.stop()
        if self._work is not None:
            self._work.cancel()

    async def _worked(self) -> None:
        key = await self._desk.key()
        asking = Asking(
            self._service,
            self._recipe,
            key=key,
            gate=self._gate,
            money=self._money,
            progress=self.progress,
            timing=self._timing,
        )
        submission = Submission(
            self._desk, self._api, asking, size=self._size, schedule=self._schedule, is_wanted=lambda: self._creates
        )
        try:
            while not self._stopping.is_set():
                await self._desk.show_life()
                self._watch(await self._desk.adopt())
                if self._creates and self._timing.now() >= self._gathered:
                    await submission.submit()
                    fresh = [await self._desk.filed(number) for number in submission.taken()]
                    self._watch(fresh)
                    self._gathered = self._timing.now() + GATHER if fresh else 0.0
                await self._look_around(asking, key)
                if asking.stopped:
                    raise asking.stopped
                if await self._is_over():
                    return
                await self._pause(submission)
        finally:
            await submission.give_up()

    def _watch(self, batches: list[Filed]) -> None:
        for filed in batches:
            self._open[filed.id] = _Open(filed, self._timing.now())
        self.progress.batches = len(self._open)

    def _drop(self, batch: _Open) -> None:
        del self._open[batch.filed.id]
        self.progress.batches = len(self._open)

    async def _look_around(self, asking: Asking, key: str) -> None:
        """Look at the batches whose time has come."""
        for batch in list(self._open.values()):
            if self._stopping.is_set():
                return
            if batch.due > self._timing.now():
                continue
            match batch.filed.state:
                case "posting":
                    await self._look_for(batch, key)
                case "created":
                    await self._look_at(batch, asking, key)
                case _:  # planned by a worker that is gone, and its body with it
                    await self._desk.void(batch.filed.id)
                    self._drop(batch)

    async def _look_for(self, batch: _Open, key: str) -> None:
        """Find out whether a batch was created. Its worker may have come back meanwhile, and know."""
        filed = await self._desk.filed(batch.filed.id)
        if filed.state != "posting":
            self._drop(batch)
            if filed.state == "created":
                self._watch([filed])
            return
        batch.search = batch.search or Search(batch.filed, desk=self._desk, api=self._api, key=key)
        match await batch.search.look():
            case Failure() as failure:
                self._put_off(batch, failure)
            case str(batch_id):
                log.info("batch %s was created by a process that did not live to know it", batch_id)
                await self._desk.created(batch.filed.id, batch_id)
                self._watch([await self._desk.filed(batch.filed.id)])
            case False:
                await self._desk.void(batch.filed.id)
                self._drop(batch)
            case _:
                batch.due = self._next_look(batch)

    async def _look_at(self, batch: _Open, asking: Asking, key: str) -> None:
        """Ask how a batch stands, and collect its results if they are there."""
        info = await self._api.retrieve(batch.filed.batch_id or "")
        if isinstance(info, Failure):
            if info.status == 404 and batch.failures >= 2 and self._age(batch) > UNSEEN:
                await self._give_up(batch, f"the API does not know batch {batch.filed.batch_id} any more")
            else:
                self._put_off(batch, info)
        elif info["processing_status"] != "ended":
            await self._let_work(batch, info)
        elif info.get("archived_at") and not info.get("results_url"):
            await self._give_up(batch, f"the results of batch {info['id']} were kept for 29 days")
        else:
            await self._collect(batch, info, asking, key)

    async def _let_work(self, batch: _Open, info: Info) -> None:
        batch.failures = 0
        batch.due = self._next_look(batch)
        if self._cancels and not info.get("cancel_initiated_at"):
            came = await self._api.cancel(info["id"])
            batch.due = self._timing.now() + self._schedule.least
            if isinstance(came, Failure) and came.status != 400:  # which says that it has ended
                self._put_off(batch, came)

    async def _collect(self, batch: _Open, info: Info, asking: Asking, key: str) -> None:
        collection = Collection(batch.filed.id, info, desk=self._desk, api=self._api, asking=asking, key=key)
        failure = await collection.collect()
        if failure is None:
            log.info("batch %s collected", info["id"])
            self._drop(batch)
            return
        self._put_off(batch, failure)
        if batch.failures >= TRIES:
            raise JobStopped(f"the results of batch {info['id']} cannot be fetched: {failure.message}")

    async def _give_up(self, batch: _Open, why: str) -> None:
        log.warning("%s", why)
        await give_up(batch.filed.id, why, desk=self._desk, catalog=self._service.catalog)
        self._drop(batch)

    def _put_off(self, batch: _Open, failure: Failure) -> None:
        """Look again later. Raises JobStopped if that would not help."""
        if failure.concerns_all:
            raise JobStopped(failure.message, status=failure.status)
        self.progress.fail(failure)
        batch.failures += 1
        pause = failure.retry_after or self._schedule.pause(self._age(batch), failures=batch.failures)
        batch.due = self._timing.now() + pause

    def _next_look(self, batch: _Open) -> float:
        return self._timing.now() + self._schedule.pause(self._age(batch))

    def _age(self, batch: _Open) -> float:
        return self._timing.now() - batch.filed.posted

    async def _is_over(self) -> bool:
        """Tell whether nothing is left to do here. Raises JobStopped if the budget is used up."""
        if not self._creates:
            return not self._open
        counts = await self._desk.counts()
        if counts.ready and not counts.leased and not await self._desk.may_lease():
            raise JobStopped(self._money.used_up())
        return not counts.open

    async def _pause(self, submission: Submission) -> None:
        """Wait until there may be something to do, or somebody wants it to end."""
        now = self._timing.now()
        dues = [batch.due for batch in self._open.values()]
        if self._creates:
            dues += [submission.due, max(self._gathered, await self._desk.next_due() or 0.0)]
        pause = min((due - now for due in dues if due > now), default=LOOK)
        sleeping = asyncio.ensure_future(self._timing.sleep(pause))
        waking = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait([sleeping, waking], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()
        self._woken.clear()
