"""One timer for everything that waits.

A thousand streams at fifty events a second are fifty thousand timers a second, and a loop can do little else. Here
what is due within the same two milliseconds is woken together.
"""

from __future__ import annotations

import heapq
from math import ceil
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["Task", "Ticker"]

TICK = 0.002  # seconds


class Task(Protocol):
    """Something to be woken. `tick` is where the ticker has put it, and the ticker's to write."""

    tick: int

    def wake(self, now: float) -> None:
        """Do what is due. Errors are the task's own affair."""
        ...


class Ticker:
    """Wakes tasks when they are due, give or take a tick. Each task waits once at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: dict[int, dict[Task, None]] = {}  # by tick, in the order they came
        self._ticks: list[int] = []  # a heap of the keys
        self._timer: asyncio.TimerHandle | None = None

    def wake_at(self, due: float, task: Task) -> None:
        """Wake a task once, at `due` on the loop's clock, never within this call."""
        tick = task.tick = ceil(due / TICK)
        waiting = self._tasks.get(tick)
        if waiting is None:
            waiting = self._tasks[tick] = {}
            heapq.heappush(self._ticks, tick)
            if self._ticks[0] == tick:
                self._arm()
        waiting[task] = None

    def forget(self, task: Task) -> None:
        """Wake a task no more. A task that does not wait is none of its business."""
        self._tasks.get(task.tick, {}).pop(task, None)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._ticks[0] * TICK, self._run) if self._ticks else None

    def _run(self) -> None:
        """Wake what is due now; what becomes due meanwhile waits for the loop to look at its sockets first."""
        now = self._loop.time() + TICK / 2  # timers may go off a little early
        due: list[Task] = []
        while self._ticks and self._ticks[0] * TICK <= now:
            due += self._tasks.pop(heapq.heappop(self._ticks))
        for task in due:
            task.wake(now)
        self._arm()
