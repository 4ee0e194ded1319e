"""Tools of servers that speak the Model Context Protocol. The `mcp` library is imported when a server is connected."""

from __future__ import annotations

from clarion._mcp.errors import MCPServerError
from clarion._mcp.tools import MCPTools

__all__ = ["MCPServerError", "MCPTools"]
