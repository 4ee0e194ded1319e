"""Where an MCP server is: a command to start, or a URL."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from mcp import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A command with its environment and directory, or a URL with its headers. Raises InvalidSettingError."""

    command: Sequence[str] | None = None
    env: Mapping[str, str] | None = None
    cwd: str | Path | None = None
    url: str | None = None
    headers: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if (self.command is None) == (self.url is None):
            raise InvalidSettingError("an MCP server is given by command=[...] or by url=..., one of the two")
        if self.command is not None and (isinstance(self.command, str) or not self.command):
            raise InvalidSettingError(f"command must be a list of a program and its arguments; got {self.command!r}")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise InvalidSettingError(f"url must begin with http:// or https://; got {self.url!r}")
        for_other = {"headers": self.headers} if self.url is None else {"env": self.env, "cwd": self.cwd}
        for name, value in for_other.items():
            if value is not None:
                raise InvalidSettingError(
                    f"{name} is not for an MCP server given by {'command' if self.command else 'url'}"
                )

    def __str__(self) -> str:
        return f"the MCP server {self.url or ' '.join(self.command or ())!r}"

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Open the library's client to the server; a command is started, and ended on leaving."""
        import httpx2
        from mcp import Client, StdioServerParameters, stdio_client
        from mcp.client.streamable_http import streamable_http_client

        if self.command is not None:
            program, *arguments = self.command
            env = None if self.env is None else dict(self.env)
            server = StdioServerParameters(command=program, args=arguments, env=env, cwd=self.cwd)
            async with Client(stdio_client(server, errlog=sys.__stderr__ or sys.stderr)) as client:
                yield client
            return
        timeout = httpx2.Timeout(30, read=None)  # each call of a tool has its own
        async with (
            httpx2.AsyncClient(headers=dict(self.headers or {}), timeout=timeout) as http,
            Client(streamable_http_client(str(self.url), http_client=http)) as client,
        ):
            yield client
