"""Work in threads of its own, which see the caller's context variables.

The threads are daemons: one that hangs, or that a second Ctrl-C gave up, does not hold up the end of the program. A
thread cannot be stopped from outside, so work that is given up goes on in it until it returns.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def start(work: Callable[[], T], *, name: str) -> Future[T]:
    """Begin `work` in a thread of that name; the future has what it returns or raises."""
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            value = context.run(work)
        except BaseException as error:  # noqa: BLE001  # it is raised again where the future is asked
            future.set_exception(error)
        else:
            future.set_result(value)

    future.set_running_or_notify_cancel()  # from here on it cannot be cancelled, so that the thread may always set it
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
