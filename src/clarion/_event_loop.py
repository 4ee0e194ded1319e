"""Event loops and blocking calls: where one would stop the other, and how to block on what has to be awaited."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from clarion import _threads

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

BEGINNING = 1.0  # seconds a thread may take until its loop runs


def is_blocked_here() -> bool:
    """Whether this thread runs an event loop that a blocking call would stop. A notebook's does not count."""
    return _is_running() and not _is_notebook()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, as `asyncio.run` does; where a loop runs already, on a loop of another thread.

    There, Ctrl-C cancels it, and is raised when it has ended.
    """
    if not _is_running():
        return asyncio.run(work)
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Future[T]]] = Future()

    async def told() -> T:
        task = asyncio.ensure_future(work)
        begun.set_result((asyncio.get_running_loop(), task))
        return await task

    def whole() -> T:
        try:
            return asyncio.run(told())
        finally:
            ended.set()

    ended = threading.Event()
    try:
        return _threads.start(whole, name="clarion-loop").result()
    except KeyboardInterrupt:
        with contextlib.suppress(TimeoutError, RuntimeError):  # it has not begun, or has ended in between
            loop, task = begun.result(timeout=BEGINNING)
            loop.call_soon_threadsafe(task.cancel)
            ended.wait()
        raise


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_notebook() -> bool:
    """Whether this is an IPython kernel, whose loop every cell blocks anyway."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
