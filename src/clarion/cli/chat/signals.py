"""Signals that end a chat, so that what has come of an answer is kept, and the terminal is as it was."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator

ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Cancel the task, instead of the process, when it is told to end. Without effect on Windows."""
    loop = asyncio.get_running_loop()
    try:
        with contextlib.suppress(NotImplementedError):
            for number in ENDING:
                loop.add_signal_handler(number, _cancel, asyncio.current_task())
        yield
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in ENDING:
                loop.remove_signal_handler(number)


def _cancel(task: asyncio.Task[object] | None) -> None:
    if task is not None:
        task.cancel()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt a call that blocks the event loop."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
