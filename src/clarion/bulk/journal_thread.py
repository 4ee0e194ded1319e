"""The thread in which a journal is kept: it waits for disks, an event loop must not."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

P = ParamSpec("P")
T = TypeVar("T")


class JournalThread:
    """Makes calls of one journal, one after the other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clarion-journal")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    async def do(self, call: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Make a call in the thread. What was begun is ended, even if nobody waits for it any more."""
        working = asyncio.get_running_loop().run_in_executor(self._thread, partial(call, *args, **options))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait([working])
            if error := working.exception():
                raise error from None
            raise

    def close(self) -> None:
        """Wait for the last call and end the thread."""
        self._thread.shutdown()
