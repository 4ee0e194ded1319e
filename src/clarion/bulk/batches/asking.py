"""What a row asks in a batch, and what its answer comes to.

The first call of a row's turn goes into a batch. Its answer is given to the turn as if it had just come, so that every
stop reason means what it means in real time. What the turn asks for then (a round after tools, the rest after a pause,
another model after a refusal) is done in real time, at the price of real time.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from clarion._errors import UnfitRequestError
from clarion._failure import Failure
from clarion._fit import Adjustment
from clarion._reply import Reply
from clarion._sdk import sdk_message
from clarion._steps import Send, Tell
from clarion._telemetry import Next
from clarion._turn import turn
from clarion.bulk.batches.names import custom_id
from clarion.bulk.batches.packing import item
from clarion.bulk.engine import PATIENCE, patient
from clarion.bulk.errors import JobStopped, RowError
from clarion.bulk.outcome import Tally, done, failed
from clarion.bulk.settlement import Failed, Postponed, Released
from clarion.bulk.verdict import Again, Health, Stop, verdict

if TYPE_CHECKING:
    from clarion._completion import Completion
    from clarion._service import AsyncClaudeService
    from clarion._steps import Step, Turn
    from clarion.bulk.batches.names import Origin, Result
    from clarion.bulk.batches.packing import Item
    from clarion.bulk.batches.timing import Timing
    from clarion.bulk.gate import Gate
    from clarion.bulk.lease import Row
    from clarion.bulk.money import Money
    from clarion.bulk.progress import Progress
    from clarion.bulk.recipe import Recipe
    from clarion.bulk.settlement import Settlement

# What a request in a batch may not have, and what becomes of it without (Claude documentation, "Batch processing",
# November 2026).
LEFT_OUT = {
    "stream": "answers of a batch come whole",
    "speed": "there is no fast mode in batches: it runs at standard speed",
    "fallbacks": "there are no server-side fallbacks in batches: a refusal is the row's failure",
    "fallback_credit_token": "fallback credits do not count in batches",
    "thread": "there are no threads in batches",
    "diagnostics": "there is no diagnosis of the cache in batches",
}


class Asking:
    """Makes requests of rows, and settlements of results. `key` names the job in custom ids."""

    def __init__(
        self,
        service: AsyncClaudeService,
        recipe: Recipe,
        *,
        key: str,
        gate: Gate,
        money: Money,
        progress: Progress,
        timing: Timing,
    ) -> None:
        self._service = service
        self._recipe = recipe
        self._config = patient(recipe.config(service.config)).but(deadline=None)
        self._driver = service.driver.unguarded()
        self._key = key
        self._gate = gate
        self._money = money
        self._progress = progress
        self._timing = timing
        self._health = Health()
        self.stopped: JobStopped | None = None  # what no row of the job would survive

    async def item(self, row: Row) -> Item | Failed:
        """Return the request that a row makes, or, where it makes none, its failure. Raises JobStopped."""
        try:
            steps, send = await self._begun(row)
            steps.close()
            params = self._without_what_batches_lack(send.body)
            headers = tuple(sorted(send.headers.items()))
            name = custom_id(self._key, row.seq, row.attempt)
            made = item(name, params, seq=row.seq, attempt=row.attempt, headers=headers)
            if made.is_too_large:
                raise RowError(f"its request has {len(made.data):,} bytes, which is more than a whole batch may have")
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one row is its outcome
            return self._failed(row, error, Tally(self._service.catalog))
        return made

    async def settlement(self, row: Row, result: Result, origin: Origin) -> Settlement:
        """Return what a result means for its row; its attempt is in the ledger when this returns.

        The process may die before the row is settled: then the result comes again, and is not recorded again. Raises
        JobStopped if what is left cannot be done in real time, or rows fail by a mistake in the program.
        """
        if result.kind == "canceled":
            return Released(seq=row.seq, attempt=row.attempt)
        if result.kind == "expired":
            return Postponed(seq=row.seq, attempt=row.attempt, due=self._timing.now())
        if result.failure is not None:
            return await self._errored(row, result.failure, origin)
        return await self._answered(row, result.message or {}, origin)

    async def _errored(self, row: Row, failure: Failure, origin: Origin) -> Settlement:
        tally = Tally(self._service.catalog)
        tally.add(failure)
        self._progress.fail(failure)
        decision = verdict(failure, PATIENCE, attempt=row.attempt, failures=row.failures)
        pause = random.uniform(decision.least, decision.most) if isinstance(decision, Again) else None  # noqa: S311 -- jitter
        send = self._unturned(row, self._config.model, origin)
        await self._collect(row, send, failure, origin)
        if send.watch is not None:
            send.watch.then(Next(what="give_up" if pause is None else "retry", wait=pause))
            send.watch.close(None, failure.error)
        if isinstance(decision, Stop):
            self.stopped = self.stopped or JobStopped(decision.why, status=failure.status)
            return Released(seq=row.seq, attempt=row.attempt)
        if isinstance(decision, Again):
            due = self._timing.now() + (pause or 0.0)
            own = decision.is_own_fault
            return Postponed(seq=row.seq, attempt=row.attempt, due=due, is_own_fault=own, spent=tally.spent())
        return failed(row, failure.error, tally)

    async def _answered(self, row: Row, message: dict[str, Any], origin: Origin) -> Settlement:
        tally = Tally(self._service.catalog)
        reply = Reply(
            message=message, request_id=None, latency=0.0, time_to_first_token=None, emulated=False, build=sdk_message
        )
        tally.add(reply)
        try:
            completion = await self._finished(row, reply, origin, tally)
        except JobStopped:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one row is its outcome
            return _with_answer(self._failed(row, error, tally), message)
        self._health.end(None)
        self._money.learn(tally.cost)
        return done(row, completion, tally)

    def _failed(self, row: Row, error: Exception, tally: Tally) -> Failed:
        if why := self._health.end(error, tally.failure):
            raise JobStopped(why) from error
        return failed(row, error, tally)

    async def _finished(self, row: Row, reply: Reply, origin: Origin, tally: Tally) -> Completion:
        """Carry out the turn of a row whose first answer is there."""
        try:
            steps, send = await self._begun(row, origin)
        except Exception:
            send = self._unturned(row, str(reply.message.get("model")), origin)
            await self._collect(row, send, reply, origin)  # it is paid all the same
            raise
        try:
            await self._collect(row, send, reply, origin)
            step = steps.send(reply)
            while True:
                step = steps.send(await self._obey(step, tally))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a Turn returns a Completion
        except BaseException as error:
            steps.throw(error)  # whoever watches is told
            raise

    def _unturned(self, row: Row, model: str, origin: Origin) -> Send:
        """Return what stands for the call of a row of which no turn is made."""
        tags, about = self._config.tags, _about(row, origin)
        watch = self._driver.instrumentation.watch(model=model, tags=tags, about=about)
        return Send(
            body={"model": model},
            headers={},
            timeout=None,
            stall_timeout=None,
            left=None,
            stream=False,
            tags=tags,
            watch=watch,
        )

    async def _collect(self, row: Row, send: Send, came: Reply | Failure, origin: Origin) -> None:
        key = origin.key_of(custom_id(self._key, row.seq, row.attempt))
        await self._driver.attempts.collect(send, came, at=origin.at, key=key, emulated=origin.emulated)

    async def _begun(self, row: Row, origin: Origin | None = None) -> tuple[Turn, Send]:
        """Carry out the turn of a row up to its first call.

        A turn whose first answer is there, from its `origin`, is watched, and tells of no adjustments: it did before.
        """
        request = await self._recipe.request_of(row.input, self._config, self._service.catalog)
        steps = turn(request, self._service.catalog, date.today(), stream=False)
        if origin is not None:
            config = request.config
            steps = self._driver.instrumentation.watched(
                steps, model=config.model, tags=config.tags, about=_about(row, origin)
            )
        step = next(steps)
        while not isinstance(step, Send):
            if isinstance(step, Tell):
                if origin is None:
                    self._progress.tell(step.adjustments)
                step = steps.send(None)
            else:
                step = steps.send(await self._driver.obey(step))
        return steps, step

    async def _obey(self, step: Step, tally: Tally) -> object:
        if not isinstance(step, Send):
            return await self._driver.obey(step)
        ticket = await self._gate.enter(step.body, begins=False)
        came: Any = None
        try:
            came = await self._driver.obey(step)
        finally:
            self._gate.leave(ticket, came)
        tally.add(came)
        if isinstance(came, Failure):
            self._progress.fail(came)
            if came.concerns_all:
                raise JobStopped(came.message, status=came.status)
        return came

    def _without_what_batches_lack(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("max_tokens") == 0:
            raise RowError("max_tokens 0 asks for no answer, only for a warm cache: that cannot be had in a batch")
        left_out = [name for name in LEFT_OUT if body.get(name) is not None]
        if not left_out:
            return body
        adjustments = [Adjustment("batch", "changed", f"{name} was left out: {LEFT_OUT[name]}") for name in left_out]
        if self._config.adjust == "strict":
            raise UnfitRequestError(adjustments)
        self._progress.tell(adjustments)
        return {name: value for name, value in body.items() if name not in LEFT_OUT}


def _about(row: Row, origin: Origin) -> dict[str, object]:
    return {"row": row.seq, "batch": origin.batch_id}


def _with_answer(settlement: Failed, message: dict[str, Any]) -> Failed:
    """Return a failure with the message that had come: it was paid."""
    if settlement.outcome.answer is not None:
        return settlement
    outcome = settlement.outcome._replace(
        answer=orjson.dumps(message).decode(),
        model=message.get("model"),
        stop_reason=message.get("stop_reason"),
    )
    return replace(settlement, outcome=outcome)
