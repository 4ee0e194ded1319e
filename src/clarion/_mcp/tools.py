"""The tools of an MCP server, as tools of Clarion."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

from clarion._errors import InvalidSettingError
from clarion._mcp.address import Address
from clarion._mcp.connection import Connection
from clarion._mcp.errors import MCPServerError
from clarion._mcp.results import value_of
from clarion._plural import number_of
from clarion._tools import Tool
from clarion._tools.inputs import Raw

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.types import Tool as Offered

MAX_NAME = 64  # characters of a tool's name (Messages API)
FORBIDDEN = re.compile(r"[^a-zA-Z0-9_-]")


class MCPTools(Sequence[Tool]):
    """The tools of an MCP server: a context manager of either colour, and inside it a sequence of tools.

    with MCPTools(command=["uvx", "mcp-server-git"]) as tools:
        claude.complete("What has changed?", tools=tools)

    `command` is a program with its arguments, started with a bare environment and `env`, in `cwd`, and ended on
    leaving; `url` is a server of the streamable HTTP transport, asked with `headers`. `prefix` is put before the name
    of each tool, so that those of two servers can be told apart. `timeout` bounds a call of a tool, `connect_timeout`
    the start, in seconds. `instructions` is what the server says of itself.

    The tools are those the server has on entering. What a tool of the server says has gone wrong goes back to the
    model; a server that cannot be reached, or goes, raises MCPServerError. One connection serves any number of threads
    and tasks. Needs the extra `mcp`.
    """

    def __init__(
        self,
        *,
        command: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        url: str | None = None,
        headers: Mapping[str, str] | None = None,
        prefix: str = "",
        timeout: float = 60.0,
        connect_timeout: float = 30.0,
    ) -> None:
        self._address = Address(command=command, env=env, cwd=cwd, url=url, headers=headers)
        if FORBIDDEN.search(prefix) or len(prefix) > MAX_NAME // 2:
            raise InvalidSettingError(
                f"prefix must be up to {MAX_NAME // 2} letters, digits, underscores and hyphens; got {prefix!r}"
            )
        self._prefix = prefix
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._connection: Connection | None = None
        self._tools: tuple[Tool, ...] = ()

    def __repr__(self) -> str:
        return f"MCPTools({self._address}, {number_of(len(self._tools), 'tool')})"

    @property
    def instructions(self) -> str | None:
        """What the server says of how it is to be used, if it says anything."""
        return self._connection.instructions if self._connection else None

    def __enter__(self) -> Self:
        connection = self._connected()
        try:
            self._take(connection.ready.result())
        except BaseException:
            self._disconnected()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._disconnected()

    async def __aenter__(self) -> Self:
        connection = self._connected()
        try:
            self._take(await asyncio.wrap_future(connection.ready))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(self._disconnected))
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await asyncio.shield(asyncio.to_thread(self._disconnected))

    @overload
    def __getitem__(self, index: int) -> Tool: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Tool, ...]: ...
    def __getitem__(self, index: int | slice) -> Tool | tuple[Tool, ...]:
        return self._open()[index]

    def __len__(self) -> int:
        return len(self._open())

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._open())

    def _open(self) -> tuple[Tool, ...]:
        if self._connection is None:
            raise MCPServerError(
                f"{self._address} is not connected: use its tools inside `with MCPTools(...) as tools`"
            )
        return self._tools

    def _connected(self) -> Connection:
        if importlib.util.find_spec("mcp") is None:
            raise MCPServerError("tools of MCP servers need the library mcp: pip install 'clarion[mcp]'")
        if self._connection is not None:
            raise MCPServerError(f"{self._address} is connected already")
        self._connection = Connection(self._address, self._connect_timeout)
        return self._connection

    def _disconnected(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._tools = None, ()

    def _take(self, offered: list[Offered]) -> None:
        self._tools = tuple(map(self._tool, offered))

    def _tool(self, offered: Offered) -> Tool:
        async def call(arguments: dict[str, Any]) -> Any:
            if self._connection is None:
                raise MCPServerError(f"{self._address} is not connected any more")
            return value_of(await self._connection.call(offered.name, arguments))

        schema = {"type": "object", **offered.input_schema}
        return Tool(
            name=_fitting(self._prefix + offered.name),
            description=offered.description or offered.title or "",
            input_schema=schema,
            function=call,
            read=Raw(described=schema, as_dict=True).read,
            timeout=self._timeout,
            is_async=True,
        )


def _fitting(name: str) -> str:
    """Return a name that the API takes: MCP allows dots and slashes, and twice the length."""
    fitting = FORBIDDEN.sub("_", name)
    if len(fitting) <= MAX_NAME:
        return fitting
    seal = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{fitting[: MAX_NAME - 9]}_{seal}"
