"""When a stream has been silent for too long: it is interrupted then, and goes the way of a stream that broke.

No byte at all is silence anywhere. Pings count as life as long as the model may be at work unseen: before the first
block, between blocks, while it thinks or writes the input of a tool, which the API may hold back. Within a block of
text they do not: a stream that says nothing more there, and pings, is dead.

The silence of bytes costs nothing on the way of an event: a blocking read has a timeout of its own, an awaited one is
watched by a single timer of the whole stream.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import httpx2

    from clarion._reply import Assembly


class Silence:
    """How long a stream has said nothing, and whether that is too long: `limit` in seconds, None for never.

    `ends` is when the turn has to be over, by the monotonic clock: then it is too long in any case.
    """

    __slots__ = ("_assembly", "_ends", "_limit", "_since")

    def __init__(self, assembly: Assembly, limit: float | None, ends: float | None = None) -> None:
        self._assembly = assembly
        self._limit = limit
        self._ends = math.inf if ends is None else ends
        self._since = time.monotonic()

    def end(self) -> None:
        """Take note that the stream has said something, and that whoever reads it is ready for more.

        Raises StreamInterrupted if the turn has no time left.
        """
        self._since = time.monotonic()
        if self._since >= self._ends and not self._assembly.is_done:
            raise self._assembly.interrupted("the time of the turn was over")

    def ping(self) -> None:
        """Take note of a ping. Raises StreamInterrupted if there has been nothing else for too long."""
        now = time.monotonic()
        if now >= self._ends:
            raise self._assembly.interrupted("the time of the turn was over")
        if self._limit is not None and self._assembly.is_speaking and now - self._since >= self._limit:
            raise self._assembly.interrupted(f"nothing but pings came for {self._limit:g} s")

    def bound_reads(self, response: httpx2.Response) -> None:
        """Let no blocking read of the body that is still to come take too long."""
        timeouts, limit = response.request.extensions.get("timeout"), self._longest()
        if limit is not None and timeouts is not None:
            read = timeouts.get("read")
            timeouts["read"] = limit if read is None else min(read, limit)

    def watch(self) -> Watch:
        """Return what ends an awaited read that takes too long: a context to read in."""
        return Watch(self._assembly, self._longest())

    def _longest(self) -> float | None:
        """Return the longest wait for a chunk, in seconds; None where it has no bound."""
        longest = min(math.inf if self._limit is None else self._limit, self._ends - time.monotonic())
        return None if longest == math.inf else max(0.001, longest)


class Watch:
    """One timer for all the waits of a stream: it looks when the present one would be too long, and cancels it then.

    Entering begins a wait. The cancellation leaves the context as StreamInterrupted, unless others have cancelled too.
    """

    __slots__ = ("_assembly", "_before", "_limit", "_loop", "_since", "_task", "_timer")

    def __init__(self, assembly: Assembly, limit: float | None) -> None:
        self._assembly = assembly
        self._limit = math.inf if limit is None else limit
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[object] | None = None  # that waits
        self._since = 0.0
        self._before: int | None = None  # how often it had been cancelled by others, when the watch struck
        self._timer = None if limit is None else self._loop.call_later(limit, self._look)

    def begin(self) -> None:
        """Take note that the running task begins to wait."""
        self._task, self._since = asyncio.current_task(), self._loop.time()

    def end(self) -> None:
        """Take note that the wait is over."""
        self._task = None

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if kind is asyncio.CancelledError and self._has_struck():
            raise self._assembly.interrupted(f"nothing came for {self._limit:.3g} s") from None

    def _has_struck(self) -> bool:
        return self._before is not None and self._task is not None and self._task.uncancel() <= self._before

    def _look(self) -> None:
        due = (self._since if self._task else self._loop.time()) + self._limit
        if self._task is None or self._loop.time() < due:
            self._timer = self._loop.call_at(due, self._look)
            return
        self._before = self._task.cancelling()
        self._task.cancel()
