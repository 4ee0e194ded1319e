"""A connection to an MCP server, in a thread with an event loop of its own.

The library wants its client opened, used and closed in one task; programs of both colours, and threads, want to call it
from wherever they are. So one task holds it, from the moment of connecting to that of closing, and calls are handed in.

    connect ─▶ thread: open client, list tools ─▶ ready ─▶ calls, each a task ─▶ close, or the server goes
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from clarion._mcp.errors import MCPServerError
from clarion._tools import ToolError

if TYPE_CHECKING:
    import anyio
    from mcp import Client
    from mcp.types import CallToolResult, Tool

    from clarion._mcp.address import Address

log = logging.getLogger(__name__)


class Connection:
    """An open connection to one server. Safe to share between threads and event loops.

    `ready` has the tools of the server, or raises MCPServerError; `timeout` is how long that may take, in seconds.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self.ready: Future[list[Tool]] = Future()
        self.instructions: str | None = None
        self._timeout = timeout
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scope: anyio.CancelScope | None = None
        self._client: Client | None = None  # as long as it can be asked
        self._leave = asyncio.Event()
        self.ready.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, daemon=True, name="clarion-mcp")
        self._thread.start()

    async def call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool, on whatever event loop. Raises ToolError for this call, MCPServerError for the whole server."""
        if self._loop is None or self._client is None:
            raise self._gone("the connection is closed")
        work = self._call(self._client, name, arguments)
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:  # its loop has ended just now
            work.close()
            raise self._gone("the connection is closed") from None
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise self._gone("the connection was lost") from None  # nobody here gave up

    def close(self) -> None:
        """End the connection, and the server's process if it is ours; come back when both are gone."""
        self._is_closed = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # its loop has ended: the server was gone before
                self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._hold())
        except BaseException as error:  # noqa: BLE001 -- the library lets through what its transports raise, in groups
            failure = self._gone(_innermost(error))
            failure.__cause__ = error
            if self.ready.done():
                log.warning("%s", failure)
            else:
                self.ready.set_exception(failure)

    async def _hold(self) -> None:
        """Hold the client open until it is to be closed."""
        import anyio

        self._loop = asyncio.get_running_loop()
        with anyio.CancelScope(deadline=anyio.current_time() + self._timeout) as self._scope:
            if self._is_closed:
                self._end()
            async with self.address.client() as client:
                tools = await _listed(client)
                self.instructions = client.instructions
                self._scope.deadline = math.inf
                self._client = client
                self.ready.set_result(tools)
                try:
                    await self._leave.wait()
                finally:
                    self._client = None
        if self._scope.cancelled_caught:
            raise TimeoutError(f"it did not answer within {self._timeout:g} s")

    def _end(self) -> None:
        """Leave an open connection in good order, or give up one that is not open yet."""
        if self._client is not None:
            self._leave.set()
        elif self._scope is not None:
            self._scope.cancel()

    async def _call(self, client: Client, name: str, arguments: dict[str, Any]) -> CallToolResult:
        from mcp import MCPError
        from mcp.types import CONNECTION_CLOSED

        try:
            return await client.call_tool(name, arguments)
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                raise self._gone(error.message) from error
            raise ToolError(error.message) from error

    def _gone(self, why: str) -> MCPServerError:
        return MCPServerError(f"{self.address} cannot be asked: {why}")


async def _listed(client: Client) -> list[Tool]:
    page = await client.list_tools()
    tools = list(page.tools)
    while page.next_cursor:
        page = await client.list_tools(cursor=page.next_cursor)
        tools += page.tools
    return tools


def _innermost(error: BaseException) -> str:
    """Return what an error says; of a group, what its first one does."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
