"""A tool of an MCP server, called over stdio."""

import sys

from clarion import ClaudeService, MCPTools

SERVER = """
from mcp.server import MCPServer

server = MCPServer("ships")

@server.tool()
def sail(name: str) -> str:
    return f"{name} sails"

server.run("stdio")
"""

with MCPTools(command=[sys.executable, "-c", SERVER]) as tools, ClaudeService(emulate=True) as claude:
    completion = claude.complete("Sail!", tools=[*tools])
    assert "sails" in str(completion.messages[2]), completion.messages
