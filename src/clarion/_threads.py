"""Work in threads of its own, which see the caller's context variables.

The threads are daemons: one that hangs, or that a second Ctrl-C gave up, does not hold up the end of the program. A
thread cannot be stopped from outside, so work that is given up goes on in it until it returns.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


class Crew:
    """Threads that do one piece of work after another: as many as there was ever work for at once.

    Beginning a thread costs more than what is between two calls. When it is closed, those that are free end, and the
    others with what they do.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._todo: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._free = 0
        self._threads = 0

    def start(self, work: Callable[[], T]) -> Future[T]:
        """Begin `work`; the future has what it returns or raises."""
        future, run = _prepared(work, self._is_free)
        with self._lock:
            is_served = self._free > 0
            self._free -= is_served
            self._threads += not is_served
        if is_served:
            self._todo.put(run)
        else:
            threading.Thread(target=self._serve, args=(run,), name=self._name, daemon=True).start()
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for _ in range(self._threads):
            self._todo.put(None)

    def _serve(self, run: Callable[[], None] | None) -> None:
        while run is not None:
            run()
            run = None  # nothing of what is done is held while it waits
            run = self._todo.get()

    def _is_free(self) -> None:
        with self._lock:
            self._free += 1


def start(work: Callable[[], T], *, name: str) -> Future[T]:
    """Begin `work` in a thread of that name; the future has what it returns or raises."""
    future, run = _prepared(work)
    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def spread(works: Sequence[Callable[[], T]], most: int, *, name: str) -> list[T]:
    """Do all of `works`, at most `most` at a time in threads of that name, and return their results in order."""
    if min(most, len(works)) <= 1:
        return [copy_context().run(work) for work in works]
    places = threading.Semaphore(most)

    def begin(work: Callable[[], T]) -> Future[T]:
        places.acquire()
        future = start(work, name=name)
        future.add_done_callback(lambda _: places.release())
        return future

    return [future.result() for future in [begin(work) for work in works]]


def _prepared(work: Callable[[], T], done: Callable[[], None] = lambda: None) -> tuple[Future[T], Callable[[], None]]:
    """Return a future, and what a thread has to run for it; `done` is told before anybody has the result."""
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            value = context.run(work)
        except BaseException as error:  # noqa: BLE001  # it is raised again where the future is asked
            done()
            future.set_exception(error)
        else:
            done()
            future.set_result(value)

    future.set_running_or_notify_cancel()  # from here on it cannot be cancelled, so that the thread may always set it
    return future, run
