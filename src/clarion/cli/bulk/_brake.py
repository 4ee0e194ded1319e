"""Stopping a run by signals: the first lets rows end that have been asked, the second drops them, a third kills."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.bulk.runs import Run

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Brake:
    """Takes SIGINT and SIGTERM over while its context lasts. Enter it on the loop of the run, in the main thread."""

    def __init__(self, run: Run, say: Callable[[str], None]) -> None:
        self._run = run
        self._say = say
        self._before: dict[signal.Signals, Any] = {}
        self.signal: signal.Signals | None = None  # the last that came

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def came(number: int, _: object) -> None:
            loop.call_soon_threadsafe(self._pull, signal.Signals(number))

        for each in SIGNALS:
            self._before[each] = signal.signal(each, came)
        return self

    def __exit__(self, *exc_info: object) -> None:
        for each, before in self._before.items():
            signal.signal(each, before)

    def _pull(self, came: signal.Signals) -> None:
        is_first, self.signal = self.signal is None, came
        if is_first:
            self._say("stopping: what has been asked may end; once more drops it, paid or not")
            self._run.stop()
            return
        self._say("dropping what is under way")
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        self._run.abort()
