"""Where calls wait for the rate limits, in order: the pacer says when, and one timer for each group lets them go.

One gate serves a whole process. Nobody polls: the pacer is asked about whoever stands first, when its time has come or
an answer may have brought it forward, and at most once a tick.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clarion._pacing import Pacer, group_of, take_note

if TYPE_CHECKING:
    from clarion._failure import Failure
    from clarion._pacing import Reservation, Standing
    from clarion._reply import Reply

PER_TOKEN = 3.0  # characters; how far this is off is learnt by the pacer
MEDIUM_TOKENS = 1_600  # of an image or a page, whatever its size
TICK = 0.005  # seconds between two looks at who may go: those whose time comes within one go together


@dataclass(frozen=True, slots=True)
class Ticket:
    """A call that was let go."""

    booked: Reservation


class GateClosed(Exception):
    """The call may not be made: the gate has been closed."""


@dataclass(slots=True)
class _Queue:
    waiting: deque[tuple[asyncio.Future[None], Reservation]] = field(default_factory=deque)
    next_look: asyncio.TimerHandle | None = None


class Gate:
    """Lets calls go at the pace of the limits. Use it on one event loop."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._queues: dict[str, _Queue] = {}
        self._new: set[asyncio.Future[None]] = set()  # of those who wait, who begin a row
        self._is_closed = False

    async def enter(self, body: dict[str, Any], *, begins: bool = True, within: float | None = None) -> Ticket:
        """Wait until a call may be made.

        Raises GateClosed for one that `begins` a row when the gate is closed, and TimeoutError for one that may not be
        made `within` so many seconds.
        """
        if begins and self._is_closed:
            raise GateClosed
        group = group_of(body)
        queue = self._queues.setdefault(group, _Queue())
        booked = self._pacer.reserve(time.monotonic(), input_tokens=guess(body), group=group)
        if booked.delay or queue.waiting:
            async with asyncio.timeout(within):
                await self._wait(queue, booked, begins=begins)
        return Ticket(booked)

    def close(self) -> None:
        """Let nobody go any more who has not begun; rows that are answered in part are seen through."""
        self._is_closed = True
        for released in self._new:
            if not released.done():
                released.set_exception(GateClosed())

    def leave(self, ticket: Ticket, came: Reply | Failure | None) -> None:
        """Take note of how a call went; None where it was abandoned."""
        take_note(self._pacer, time.monotonic(), ticket.booked, came)
        self._look_soon(self._queues[ticket.booked.group])

    def standings(self) -> dict[str, Standing]:
        """Return how each group of models stands."""
        now = time.monotonic()
        return {group: self._pacer.standing(now, group) for group in self._queues}

    async def _wait(self, queue: _Queue, booked: Reservation, *, begins: bool) -> None:
        released: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (released, booked)
        queue.waiting.append(place)
        if begins:
            self._new.add(released)
        if queue.next_look is None:
            self._look_again(queue, booked.delay)
        try:
            await released
        except (asyncio.CancelledError, GateClosed):
            with suppress(ValueError):
                queue.waiting.remove(place)
            self._pacer.cancel(time.monotonic(), booked)
            self._look_soon(queue)
            raise
        finally:
            self._new.discard(released)

    def _let_go(self, queue: _Queue) -> None:
        """Let those who wait go, one after the other, as far as their time has come."""
        queue.next_look = None
        while queue.waiting:
            released, booked = queue.waiting[0]
            if delay := self._pacer.delay(time.monotonic(), booked):
                self._look_again(queue, delay)
                return
            queue.waiting.popleft()
            if not released.done():
                released.set_result(None)

    def _look_soon(self, queue: _Queue) -> None:
        """Look at the next tick whether anybody may go, as something has ended."""
        now = asyncio.get_running_loop().time()
        if queue.next_look is not None and queue.next_look.when() > now + TICK:
            queue.next_look.cancel()
            self._look_again(queue, TICK)

    def _look_again(self, queue: _Queue, delay: float) -> None:
        queue.next_look = asyncio.get_running_loop().call_later(max(TICK, delay), self._let_go, queue)


def guess(body: dict[str, Any]) -> float:
    """Return about how many input tokens a request has: its characters, and its images and documents in the rough."""
    total = len(body["system"]) if isinstance(body.get("system"), str) else _weight(body.get("system") or ())
    total += _weight(body.get("tools") or ())
    for message in body["messages"]:
        content = message["content"]
        total += len(content) if isinstance(content, str) else sum(map(_weight, content))
    return total / PER_TOKEN


def _weight(value: Any) -> float:
    """Return the weight of JSON data in characters."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        match value.get("type"):
            case "text":
                return _weight(value.get("text"))
            case "base64" if "data" in value:
                return MEDIUM_TOKENS * PER_TOKEN
        return sum(map(_weight, value.values()))
    return sum(map(_weight, value)) if isinstance(value, list | tuple) else 4
