"""MCP servers: reached over https, each paired with exactly one toolset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = ["check_servers"]

WITHOUT_TOOLSETS = "mcp-client-2025-04-04"  # the first form of the connector configures tools at the server


def check_servers(call: Call) -> None:
    """Refuse a server that is not https or twice there, and servers and toolsets that do not pair."""
    servers = call.body.get("mcp_servers") or []
    names = [server["name"] for server in servers]
    for index, server in enumerate(servers):
        if not server["url"].startswith("https://"):
            raise invalid(f"mcp_servers.{index}.url", "MCP server URL must start with https://")
    if len(set(names)) < len(names):
        raise invalid("mcp_servers", "MCP server names must be unique")
    toolsets = [tool["mcp_server_name"] for tool in call.tools if tool.get("type") == "mcp_toolset"]
    for index, tool in enumerate(call.tools):
        if tool.get("type") == "mcp_toolset" and tool["mcp_server_name"] not in names:
            path = f"tools.{index}.mcp_toolset.mcp_server_name"
            raise invalid(path, f"MCP server '{tool['mcp_server_name']}' not found in mcp_servers")
    if call.betas & {WITHOUT_TOOLSETS} and not toolsets:
        return
    for index, name in enumerate(names):
        if toolsets.count(name) != 1:
            raise invalid(
                f"mcp_servers.{index}",
                f"MCP server '{name}' must be referenced by exactly one mcp_toolset, found {toolsets.count(name)}",
            )
