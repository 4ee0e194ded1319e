"""Connections belong to the process that opened them, and those of asyncio to their event loop, too.

A process that was forked would speak over its parent's connections, in between the parent's words, and read the
parent's answers; a loop that has ended reads nothing any more. So a client that is used in another process, or on
another loop, has a copy there: the same credentials, address and options, with connections of its own.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anthropic import Anthropic, AsyncAnthropic

NO_LOOP = (
    "AsyncClaudeService runs on asyncio, and no loop of asyncio runs here: "
    "in trio, call ClaudeService through trio.to_thread.run_sync()"
)

_inherited: list[object] = []  # of a parent process: to close them, a lock would be needed that somebody holds there


class ClientOfProcess:
    """A client, with connections of the process that asks for it if its connections are ours to make."""

    def __init__(self, client: Anthropic, *, is_ours: bool) -> None:
        self._client = client
        self._is_ours = is_ours
        self._process = os.getpid()

    def here(self) -> Anthropic:
        """Return the client for this process."""
        if self._is_ours and os.getpid() != self._process:
            from anthropic import DefaultHttpxClient

            _inherited.append(self._client)
            self._client = self._client.copy(http_client=DefaultHttpxClient())
            self._process = os.getpid()
        return self._client


class ClientOfLoop:
    """A client, with connections of the loop that asks for it if its connections are ours to make.

    They are closed when the loop ends as `asyncio.run` ends it, or else when the next loop asks.
    """

    def __init__(self, client: AsyncAnthropic, *, is_ours: bool) -> None:
        self._client = client
        self._is_ours = is_ours
        self._process = os.getpid()
        self._clients: dict[asyncio.AbstractEventLoop, AsyncAnthropic] = {}
        self._watches: dict[asyncio.AbstractEventLoop, AsyncGenerator[None]] = {}
        self._is_closed = False

    def here(self) -> AsyncAnthropic:
        """Return the client for this process and loop; where no loop runs, the first one."""
        if not self._is_ours or self._is_closed:
            return self._client
        if os.getpid() != self._process:
            _inherited.append([self._client, self._clients, self._watches])
            self._client = self._copy()
            self._clients, self._watches, self._process = {}, {}, os.getpid()
        if (loop := _running()) is None:
            return self._client
        if loop not in self._clients:
            is_free = not self._client.is_closed() and self._client not in self._clients.values()
            self._clients[loop] = self._client if is_free else self._copy()
        return self._clients[loop]

    async def connected(self) -> AsyncAnthropic:
        """Return the client for this process and loop, to be closed when the loop ends.

        Raises RuntimeError where no loop of asyncio runs.
        """
        if (loop := _running()) is None:
            raise RuntimeError(NO_LOOP)
        client = self.here()
        if loop in self._clients and loop not in self._watches:
            self._watches[loop] = self._watch(loop)
            await anext(self._watches[loop])
            for ended in [each for each in self._clients if each.is_closed()]:
                self._watches.pop(ended, None)
                await self._clients.pop(ended).close()
        return client

    async def close(self) -> None:
        """Close the connections of all loops of this process."""
        self._is_closed = True
        for client in (self._client, *self._clients.values()):
            await client.close()
        self._clients.clear()

    async def _watch(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[None]:
        """Close the client of a loop when that ends: it finishes the generators that have begun on it first."""
        try:
            yield
        finally:
            self._watches.pop(loop, None)
            if (client := self._clients.pop(loop, None)) is not None:
                await client.close()

    def _copy(self) -> AsyncAnthropic:
        from anthropic import DefaultAioHttpClient

        return self._client.copy(http_client=DefaultAioHttpClient())


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
