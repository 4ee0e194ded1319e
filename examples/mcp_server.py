"""A server of the Model Context Protocol with one tool: `python examples/mcp_server.py`, over stdio."""

from __future__ import annotations

from mcp.server import MCPServer

server = MCPServer("tides")


@server.tool()
def high_tide(port: str) -> str:
    """Tell when the tide is high at a port."""
    return f"The tide is high in {port} at 06:12 and 18:37."


if __name__ == "__main__":
    server.run("stdio")
