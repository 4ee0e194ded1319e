"""An MCP server for tests: over stdio, or over HTTP at a free port, which it prints."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import socket
import sys
from typing import Any

import PIL.Image
import uvicorn
from mcp.server import MCPServer
from mcp.types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

server = MCPServer("weather-station", instructions="Ask for one place at a time.", log_level="CRITICAL")


@server.tool()
def get_weather(location: str, days: int = 1) -> str:
    """Get the weather of a place."""
    return f"{days} days of rain in {location}"


@server.tool()
def broken() -> CallToolResult:
    """Fail."""
    return CallToolResult(content=[TextContent(text="the gauge is frozen: try tomorrow")], is_error=True)


@server.tool()
async def slow() -> str:
    """Take long."""
    await asyncio.sleep(30)
    return "late"


@server.tool()
def die() -> str:
    """End the server."""
    os._exit(3)


@server.tool()
def measure() -> dict[str, float]:
    """Measure."""
    return {"degrees": 12.5}


@server.tool()
def bare() -> CallToolResult:
    """Return a structure and no content."""
    return CallToolResult(content=[], structured_content={"degrees": 12.5})


@server.tool(name="all.kinds/of")
def all_kinds() -> CallToolResult:
    """Return every kind of content."""
    file = io.BytesIO()
    PIL.Image.new("L", (4000, 400)).save(file, "PNG")
    png = base64.b64encode(file.getvalue()).decode()
    wav = base64.b64encode(b"RIFF....WAVE").decode()
    return CallToolResult(
        content=[
            TextContent(text="The station:"),
            ImageContent(data=png, mime_type="image/png"),
            AudioContent(data=wav, mime_type="audio/wav"),
            ResourceLink(uri="file:///log.txt", name="log", description="of the day"),
            EmbeddedResource(resource=TextResourceContents(uri="file:///a.txt", text="rain, rain")),
            EmbeddedResource(resource=BlobResourceContents(uri="file:///a.png", blob=png, mime_type="image/png")),
        ]
    )


@server.tool()
def environment() -> str:
    """Tell what the environment has."""
    return ", ".join(f"{name}={os.environ.get(name)}" for name in ("SECRET", "STATION"))


@server.tool()
def pid() -> int:
    """Tell the process."""
    return os.getpid()


def serve_http() -> None:
    listening: Any = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="critical")).run(sockets=[listening])


if __name__ == "__main__":
    serve_http() if "http" in sys.argv else server.run("stdio")
