"""Runs a job: rows from the journal become turns, at the pace the rate limits allow, and end in the journal.

    clerk.take ─▶ request ─▶ turn ─▶ gate ─▶ door ─▶ reply ─▶ settlement ─▶ clerk.settle
                                               └──▶ failure ─▶ verdict: again later, failed, or stop the job

What is done about the first call of a row is written into the journal, not kept in memory: a row that must wait is
postponed. Once a turn has been answered in part (tools, continuations), it waits in place, so as not to pay again.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from clarion._deadline import LEAST
from clarion._direct import DirectDoor, is_possible
from clarion._errors import ClarionError
from clarion._failure import Failure
from clarion._retry import RetryPolicy
from clarion._steps import Now, Send, Tell
from clarion._telemetry import Next
from clarion._turn import turn
from clarion.bulk.clerk import Clerk
from clarion.bulk.errors import JobStopped, first_of
from clarion.bulk.fitting import Fitting
from clarion.bulk.gate import GateClosed
from clarion.bulk.outcome import Tally, done, failed
from clarion.bulk.progress import Progress
from clarion.bulk.settlement import Postponed, Released
from clarion.bulk.verdict import Again, Health, Stop, verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from clarion._attempts import Attempts
    from clarion._completion import Completion
    from clarion._config import ClaudeConfig
    from clarion._pacing import Standing
    from clarion._reply import Reply
    from clarion._request import Request
    from clarion._service import AsyncClaudeService
    from clarion._steps import Step
    from clarion.bulk.gate import Gate
    from clarion.bulk.journal import Journal
    from clarion.bulk.lease import Row
    from clarion.bulk.money import Money
    from clarion.bulk.recipe import Recipe
    from clarion.bulk.settlement import Settlement

PATIENCE = RetryPolicy(attempts=8, deadline=float("inf"), cap=60.0)  # of a row, with what may be its own fault
TOO_LATE = "the rate limits left no room for another call of the row before its deadline"


def patient(config: ClaudeConfig) -> ClaudeConfig:
    """Return the configuration of a row, which is tried again as the journal says, not as a turn would by itself."""
    policy = replace(PATIENCE, fallback_models=config.retry.fallback_models)  # for what the model of the job refuses
    return config.but(retry=policy)


class _Later(Exception):
    """The row is to be tried again at a time."""

    def __init__(self, due: float, *, is_own_fault: bool) -> None:
        self.due = due
        self.is_own_fault = is_own_fault


class Engine:
    """One worker on a job.

    `concurrency` is how many rows are under way at most; the gate lets fewer through where the rate limits say so.
    """

    def __init__(
        self,
        journal: Journal,
        recipe: Recipe,
        service: AsyncClaudeService,
        *,
        gate: Gate,
        money: Money,
        concurrency: int,
    ) -> None:
        self._recipe = recipe
        self._service = service
        self._config = patient(recipe.config(service.config))
        self._gate = gate
        self._money = money
        self._concurrency = concurrency
        self._health = Health()
        self._fitting = Fitting()
        self._clerk = Clerk(journal, concurrency=concurrency, budget=money.budget)
        self._workers: list[asyncio.Task[None]] = []
        self._stopped: JobStopped | None = None
        self._driver = service.driver.unguarded()
        self._send: Callable[[Send], Awaitable[Any]] = self._driver.obey
        self.progress = Progress()

    async def run(self) -> None:
        """Work until nothing is left to do.

        Raises JobStopped if going on would not help, or the budget is used up, and JournalError if what comes cannot
        be recorded. Everything that was answered before is in the journal.
        """
        try:
            async with AsyncExitStack() as stack:
                if is_possible(self._service.sdk) and self._service.owns_sdk:
                    direct = await stack.enter_async_context(DirectDoor(self._service.sdk))
                    self._send = partial(_made, self._driver.attempts, direct)
                await stack.enter_async_context(self._clerk)
                await self._together(self._warm_up())
                await self._together(*(self._work() for _ in range(self._concurrency)))
        except* ClarionError as errors:
            raise first_of(errors) from None
        if self._stopped:
            raise self._stopped
        if self._clerk.is_broke:
            raise JobStopped(self._money.used_up())

    def stop(self) -> None:
        """Begin no more rows, and let those end that have been asked."""
        self._clerk.close()
        self._gate.close()

    def abort(self) -> None:
        """Drop what is under way, too; what was asked and not answered is paid for nothing."""
        self.stop()
        for worker in self._workers:
            worker.cancel()

    def standings(self) -> dict[str, Standing]:
        """Return how each group of models stands with its rate limits."""
        return self._gate.standings()

    async def _together(self, *work: Coroutine[Any, Any, None]) -> None:
        async with asyncio.TaskGroup() as group:
            self._workers = [group.create_task(each) for each in work]

    async def _warm_up(self) -> None:
        """Ask one row alone, so that the others read from the cache what they share with it."""
        if self._config.cache and (row := await self._clerk.take()):
            await self._do(row)

    async def _work(self) -> None:
        while (row := await self._clerk.take()) is not None:
            await self._do(row)

    async def _do(self, row: Row) -> None:
        self.progress.begin()
        tally = Tally(self._service.catalog)
        settlement: Settlement | None = None
        try:
            settlement = await self._settlement(row, tally)
        finally:
            if settlement is None:
                settlement = _released(row, tally)
            self.progress.end(settlement)
            self._clerk.settle(settlement)

    async def _settlement(self, row: Row, tally: Tally) -> Settlement:
        try:
            request = await self._recipe.request_of(row.input, self._config, self._service.catalog)
            completion = await self._carried_out(row, request, tally)
        except _Later as later:
            spent = tally.spent()
            return Postponed(
                seq=row.seq, attempt=row.attempt, due=later.due, is_own_fault=later.is_own_fault, spent=spent
            )
        except JobStopped as stopped:
            self._stop_for(stopped)
            return _released(row, tally)
        except GateClosed:
            return _released(row, tally)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one row is its outcome
            if why := self._health.end(error, tally.failure):
                self._stop_for(JobStopped(why), error)
            return failed(row, error, tally)
        self._health.end(None)
        self._money.learn(tally.cost)
        return done(row, completion, tally)

    def _stop_for(self, stopped: JobStopped, cause: Exception | None = None) -> None:
        stopped.__cause__ = cause
        self._stopped = self._stopped or stopped
        self.stop()

    async def _carried_out(self, row: Row, request: Request, tally: Tally) -> Completion:
        config = request.config
        steps = turn(request, self._service.catalog, date.today(), stream=False, fit=self._fitting)
        steps = self._driver.instrumentation.watched(
            steps, model=config.model, tags=config.tags, about={"row": row.seq}
        )
        try:
            step = next(steps)
            while True:
                step = steps.send(await self._obey(step, row, tally))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a Turn returns a Completion
        except BaseException as error:
            steps.throw(error)  # whoever watches is told
            raise

    async def _obey(self, step: Step, row: Row, tally: Tally) -> object:
        if isinstance(step, Tell):  # once for the job, not for every row
            self.progress.tell(step.adjustments)
            return None
        if isinstance(step, Now):  # a deadline counts from the first call
            return time.monotonic() - tally.queued
        if isinstance(step, Send):
            return await self._sent(step, row, tally)
        return await self._driver.obey(step)

    async def _sent(self, send: Send, row: Row, tally: Tally) -> Reply | Failure:
        is_first = not tally.replies
        asked = time.monotonic()
        try:
            ticket = await self._gate.enter(send.body, begins=is_first, within=None if is_first else send.left)
        except TimeoutError as error:
            return Failure(kind="timeout", message=TOO_LATE, started=asked, ended=time.monotonic(), error=error)
        if is_first:
            self._clerk.begin(row)
            tally.queued += time.monotonic() - asked
        elif send.left is not None:
            send = replace(send, left=max(LEAST, send.left - (time.monotonic() - asked)))
        came: Reply | Failure | None = None
        try:
            came = await self._send(send)
        finally:
            self._gate.leave(ticket, came)
        tally.add(came)
        if not isinstance(came, Failure):
            self._health.succeed()
            return came
        self.progress.fail(came)
        if why := self._health.fail(came):
            raise JobStopped(why, status=came.status)
        decision = verdict(came, PATIENCE, attempt=row.attempt, failures=row.failures)
        if isinstance(decision, Stop):
            raise JobStopped(decision.why, status=came.status)
        is_late = send.left is not None and came.ended - came.started >= send.left
        if is_first and isinstance(decision, Again) and not is_late:
            pause = random.uniform(decision.least, decision.most)  # noqa: S311 -- jitter
            if send.watch is not None:
                send.watch.then(Next(what="retry", wait=pause))
            raise _Later(time.time() + pause, is_own_fault=decision.is_own_fault) from came.error
        return came


def _released(row: Row, tally: Tally) -> Released:
    """Return the settlement of a row that goes back, with what the calls that ended have used."""
    return Released(seq=row.seq, attempt=row.attempt, spent=tally.spent())


async def _made(attempts: Attempts, door: DirectDoor, send: Send) -> Reply | Failure:
    """Make an attempt, as far as budgets allow it."""
    call = await attempts.begin_async(send)
    if isinstance(call, Failure):
        return call
    came: Reply | Failure | None = None
    try:
        with call.current():
            came = await door.send(call.send)
    finally:
        await attempts.end_async(call, came)
    return came
