"""The books of one service: money is held before a call, where there are budgets, and every attempt is recorded."""

from __future__ import annotations

import asyncio
import functools
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from clarion._cost import Cost, Unpriced
from clarion._errors import BudgetExceeded, LedgerError, LimitError
from clarion._failure import Failure
from clarion._fit.draft import marked
from clarion._ledger.entry import Entry, tags_of
from clarion._ledger.file import Shortage
from clarion._limits import at_worst, estimate
from clarion._telemetry.record import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarion._budget import Budget
    from clarion._catalog import Catalog
    from clarion._ledger.file import LedgerFile
    from clarion._ledger.ledger import Ledger, Work, Write
    from clarion._steps import Send
    from clarion._telemetry.record import Ended

    Answer = Call | Shortage | LedgerError | LimitError

HOLD = 15 * 60.0  # seconds after which what is held for a call that never ended is given back
PATIENCE = 60.0  # seconds to wait for calls under way, as they hold what a budget has left
PAUSE = 0.05  # seconds between two looks
SPANS = ("5m", "1h").index  # of the cache, the dearest last


class Books:
    """Holds money for calls, and records them. Without a ledger it does nothing."""

    def __init__(self, ledger: Ledger | None, budgets: Sequence[Budget], catalog: Catalog) -> None:
        self.ledger = ledger
        self.budgets = tuple(budgets)
        self._catalog = catalog

    def begin(self, send: Send) -> Call | Failure:
        """Let a call go; return why not, if a budget does not allow it or it could not be recorded."""
        if not self._must_ask(send):
            return Call(send=send, at=time.time())
        started = time.monotonic()
        while True:
            try:
                answer = self.ledger.do(self._hold(send))  # type: ignore[union-attr]  # asked for only with a ledger
            except LedgerError as error:
                answer = error
            if (settled := _settled(answer, send, started)) is not None:
                return settled
            time.sleep(PAUSE)

    async def begin_async(self, send: Send) -> Call | Failure:
        """Let a call go, as `begin`."""
        if not self._must_ask(send):
            return Call(send=send, at=time.time())
        started = time.monotonic()
        while True:
            hold = self._hold(send)
            try:
                answer = await self.ledger.do_async(hold)  # type: ignore[union-attr]  # asked for only with a ledger
            except LedgerError as error:
                answer = error
            except asyncio.CancelledError:
                self.ledger.do_later(hold.undo)  # type: ignore[union-attr]
                raise
            if (settled := _settled(answer, send, started)) is not None:
                return settled
            await asyncio.sleep(PAUSE)

    def end(self, ended: Ended) -> None:
        """Record a call; the record is safe when this returns, unless the call was abandoned."""
        if self.ledger is None:
            return
        if ended.came is None:
            self.ledger.do_later(_record(ended))
        else:
            self.ledger.do(_record(ended), is_record=True)

    async def end_async(self, ended: Ended) -> None:
        """Record a call, as `end`."""
        if self.ledger is None:
            return
        if ended.came is None:
            self.ledger.do_later(_record(ended))
        else:
            await self.ledger.do_async(_record(ended), is_record=True)

    def _must_ask(self, send: Send) -> bool:
        if self.ledger is None:
            return False
        return self.ledger.is_behind or any(budget.covers(send.tags) for budget in self.budgets)

    def _hold(self, send: Send) -> _Hold:
        return _Hold(send, tuple(budget for budget in self.budgets if budget.covers(send.tags)), self._catalog)


class _Hold:
    """What a call asks of its budgets, done in the ledger's thread."""

    def __init__(self, send: Send, budgets: Sequence[Budget], catalog: Catalog) -> None:
        self._send = send
        self._budgets = budgets
        self._catalog = catalog
        self._id = secrets.randbits(62)

    def __call__(self) -> Callable[[LedgerFile], Answer]:
        """Work out what the call may cost at worst; return what holds it."""
        worst = self._worst() if self._budgets else Cost()
        return functools.partial(self._hold, worst)

    def _hold(self, worst: Cost | Unpriced, file: LedgerFile) -> Answer:
        """Return the call, for which money is held, or why it may not go."""
        now = time.time()
        if not self._budgets:
            return Call(send=self._send, at=now)
        if isinstance(worst, Unpriced):
            return LimitError(f"{worst.reason}, so the budget of {self._budgets[0]} cannot be kept")
        tags = tags_of(self._send.tags)
        shortage = file.hold(self._id, worst.nano, self._budgets, tags=tags, at=now, till=now + HOLD)
        return shortage or Call(send=self._send, at=now, hold=self._id)

    def undo(self) -> Write:
        """Return what gives back the money that was held for a call that is not made."""
        return lambda file: file.release(self._id)

    def _worst(self) -> Cost | Unpriced:
        body = self._send.body
        model = self._catalog.find(body["model"])
        guess = estimate(body, model)
        spans = {item["cache_control"].get("ttl", "5m") for item in marked(body)}
        return at_worst(
            round(guess.tokens * (1 + guess.error)), body, model, cache=max(spans, default=False, key=SPANS)
        )


def _record(ended: Ended) -> Work:
    """Return the work of recording a call: what it used and cost is worked out in the ledger's thread."""

    def record() -> Write:
        entry = Entry.of(ended.record)
        return lambda file: file.record(entry, ended.call.hold, key=ended.call.key)

    return record


def _settled(answer: Answer, send: Send, started: float) -> Call | Failure | None:
    """Return the call that may go, or why it may not; None if it is worth while to ask again."""
    if isinstance(answer, Call):
        return _since(started, answer)
    if isinstance(answer, Shortage):
        if _may_wait(answer, send, started):
            return None
        answer = _exceeded(answer)
    return Failure(kind="ledger", message=str(answer), started=started, ended=time.monotonic(), error=answer)


def _since(started: float, call: Call) -> Call:
    """Return a call with the time that it has left after waiting."""
    left = call.send.left
    if left is None:
        return call
    return replace(call, send=replace(call.send, left=max(0.001, left - (time.monotonic() - started))))


def _may_wait(shortage: Shortage, send: Send, started: float) -> bool:
    patience = PATIENCE if send.left is None else min(PATIENCE, send.left)
    return shortage.is_temporary and time.monotonic() - started < patience


def _exceeded(shortage: Shortage) -> BudgetExceeded:
    return BudgetExceeded(
        shortage.budget,
        spent_nano=shortage.spent_nano,
        held_nano=shortage.held_nano,
        cost_nano=shortage.cost_nano,
        resets_at=shortage.budget.resets_at(time.time()),
    )
