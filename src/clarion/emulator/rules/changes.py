"""Tools that come and go within a conversation: what a change names must be there, and a new name must be free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.rules.tools import check_definition
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_changes"]


def check_changes(call: Call) -> None:
    """Refuse a change of a tool or server that is not defined by then, and a definition whose name is taken."""
    names = {tool["name"] for tool in call.tools if "name" in tool}
    servers = {server["name"] for server in call.body.get("mcp_servers") or ()}
    for path, block in _changes(call):
        tool = block["tool"]
        if tool["type"] == "tool_definition":
            definition = tool["definition"]
            check_definition(f"{path}.tool.definition", definition)
            name = definition.get("name")
            if name in names:
                raise invalid(path, f"a tool named '{name}' is already available", error_code="tool_name_conflict")
            names.add(name)
        elif tool["type"] == "tool_reference" and tool["name"] not in names:
            raise _unresolved(path, f"tool '{tool['name']}'")
        elif tool["type"] != "tool_reference" and tool["server_name"] not in servers:
            raise _unresolved(path, f"MCP server '{tool['server_name']}'")


def _changes(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, message in enumerate(call.messages):
        for place, block in enumerate(blocks_of(message["content"])):
            if block["type"] in {"tool_addition", "tool_removal"}:
                yield f"messages.{index}.content.{place}", block


def _unresolved(path: str, what: str) -> Exception:
    return invalid(path, f"{what} is not defined at this point", error_code="tool_reference_unresolved")
