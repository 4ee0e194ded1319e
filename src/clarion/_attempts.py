"""What stands around every attempt of a service: the breaker and the budgets before it, all who look on after it.

A driver begins an attempt, makes it, and ends it; this is the only place it has to tell.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from clarion._failure import Failure
from clarion._guard import Guard
from clarion._telemetry.record import Call, Ended

if TYPE_CHECKING:
    from clarion._breaker import CircuitBreaker
    from clarion._catalog import Catalog
    from clarion._ledger import Books
    from clarion._reply import Reply
    from clarion._steps import Send


class Attempts:
    """Lets attempts go, and tells how they went: the breaker, the books, and the watch of the turn.

    `emulated` says that an emulator answers, whether it answers or not.
    """

    def __init__(self, breaker: CircuitBreaker | None, books: Books, catalog: Catalog, *, emulated: bool) -> None:
        self._guard = Guard(breaker)
        self._books = books
        self._catalog = catalog
        self._emulated = emulated

    def unguarded(self) -> Attempts:
        """Return the same without the breaker."""
        return Attempts(None, self._books, self._catalog, emulated=self._emulated)

    def begin(self, send: Send) -> Call | Failure:
        """Let an attempt go, when it may; return why not, if the breaker or a budget does not allow it."""
        return self._begun(send, self._guard.bar(send) or self._books.begin(send))

    async def begin_async(self, send: Send) -> Call | Failure:
        """Let an attempt go, as `begin`."""
        return self._begun(send, self._guard.bar(send) or await self._books.begin_async(send))

    def end(self, call: Call, came: Reply | Failure | None, partial: Reply | None = None) -> None:
        """Tell how an attempt went; None if it was abandoned, as far as `partial`.

        When this returns, the record is safe in the ledger, unless the attempt was abandoned.
        """
        self._books.end(self._ended(call, came, partial))

    async def end_async(self, call: Call, came: Reply | Failure | None, partial: Reply | None = None) -> None:
        """Tell how an attempt went, as `end`."""
        await self._books.end_async(self._ended(call, came, partial))

    async def collect(self, send: Send, came: Reply | Failure, *, at: float, key: bytes, emulated: bool) -> None:
        """Take in what came of an attempt that was made in a batch, at a time, in seconds since the epoch.

        Its outcome may come again, to this process or another: by its `key` the ledger records it once.
        """
        call, emulated = Call(send=send, at=at, key=key), emulated or self._emulated
        ended = Ended(call, came, None, latency=0.0, catalog=self._catalog, emulated=emulated)
        if send.watch is not None:
            send.watch.end(ended)
        await self._books.end_async(ended)

    def _begun(self, send: Send, call: Call | Failure) -> Call | Failure:
        if not isinstance(call, Failure):
            return call if send.watch is None else send.watch.begin(call)
        if call.kind == "ledger":
            self._guard.settle(send, call)
        if send.watch is not None:
            barred = Call(send=send, at=time.time())
            send.watch.end(self._seen(barred, call, None))
        return call

    def _ended(self, call: Call, came: Reply | Failure | None, partial: Reply | None) -> Ended:
        self._guard.settle(call.send, came)
        ended = self._seen(call, came, partial)
        if call.send.watch is not None:
            call.send.watch.end(ended)
        return ended

    def _seen(self, call: Call, came: Reply | Failure | None, partial: Reply | None) -> Ended:
        latency = _latency(call, came)
        return Ended(call, came, partial, latency=latency, catalog=self._catalog, emulated=self._emulated)


def _latency(call: Call, came: Reply | Failure | None) -> float:
    if came is None:
        return time.time() - call.at
    return came.ended - came.started if isinstance(came, Failure) else came.latency
