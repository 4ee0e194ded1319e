"""Which tools may be offered, and how the model may be told to use them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clarion.emulator.rules.schema import check_schema
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = ["check_choice", "check_tools"]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def check_tools(call: Call) -> None:
    """Refuse bad or repeated names, schemas that are no object, and tools that are all deferred."""
    names = [tool["name"] for tool in call.tools if "name" in tool]
    for index, tool in enumerate(call.tools):
        if "name" in tool and not NAME.fullmatch(tool["name"]):
            path = f"tools.{index}.{tool.get('type') or 'custom'}.name"
            raise invalid(path, f"String should match pattern '^{NAME.pattern}$'")
        if "input_schema" in tool:
            _check_schema(f"tools.{index}.custom.input_schema", tool["input_schema"])
    if len(set(names)) < len(names):
        raise invalid("tools", "Tool names must be unique.")
    if call.tools and all(tool.get("defer_loading") for tool in call.tools):
        raise invalid("", "All tools have defer_loading: true")


def _check_schema(path: str, schema: dict[str, Any]) -> None:
    if "type" not in schema:
        raise invalid(f"{path}.type", "Field required")
    if schema["type"] != "object":
        raise invalid(f"{path}.type", "Input should be 'object'")
    check_schema(path, schema)
    for key in schema.get("properties", ()):
        if not PROPERTY.fullmatch(key):
            raise invalid(f"{path}.properties", f"Property keys should match pattern '^{PROPERTY.pattern}$'")


def check_choice(call: Call) -> None:
    """Refuse a choice without tools, of an unknown tool, or one that forces where nothing can be forced."""
    choice = call.body.get("tool_choice")
    if not choice:
        return
    if call.is_forced and not call.model.forced_tools:
        raise invalid("tool_choice", f"type '{choice['type']}' is not supported for this model. Use 'auto' or 'none'.")
    if not call.tools and choice["type"] != "none":
        raise invalid("tool_choice", "may only be specified while providing `tools`")
    if call.is_forced and call.thinking == "enabled":
        raise invalid("", "Thinking may not be enabled when tool_choice forces tool use.")
    if choice["type"] == "tool" and choice["name"] not in {tool.get("name") for tool in call.tools}:
        raise invalid("", f"Tool '{choice['name']}' not found in provided tools")
