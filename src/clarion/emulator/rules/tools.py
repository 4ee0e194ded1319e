"""Which tools may be offered, and how the model may be told to use them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clarion.emulator.call import kind_of
from clarion.emulator.rules.schema import check_schema
from clarion.emulator.sample.fits import fits
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = ["check_callers", "check_choice", "check_definition", "check_tools"]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
CODE = "code_execution_"
FROM_CODE = frozenset(  # tools that code execution calls unless `allowed_callers` says otherwise
    {"web_search_20260209", "web_search_20260318", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318"}
)
COMPUTER = re.compile(r"computer_\d+")  # the tools before the toolset


def check_tools(call: Call) -> None:
    """Refuse bad or repeated names, schemas that are no object, tools a model has not, and all of them deferred."""
    names = [tool["name"] for tool in call.tools if "name" in tool]
    for index, tool in enumerate(call.tools):
        kind = kind_of(tool)
        check_definition(f"tools.{index}.{kind}", tool)
        if COMPUTER.fullmatch(kind) and not call.model.computer_tools:
            raise invalid(f"tools.{index}", f"tool type '{kind}' is not supported for this model")
    if len(set(names)) < len(names):
        raise invalid("tools", "Tool names must be unique.")
    if call.tools and all(tool.get("defer_loading") for tool in call.tools):
        raise invalid("", "All tools have defer_loading: true")


def check_definition(path: str, tool: dict[str, Any]) -> None:
    """Refuse one tool for its name, its schema, or an example that does not follow the schema."""
    if "name" in tool and not NAME.fullmatch(tool["name"]):
        raise invalid(f"{path}.name", f"String should match pattern '^{NAME.pattern}$'")
    if "input_schema" not in tool:
        return
    schema = tool["input_schema"]
    _check_schema(f"{path}.input_schema", schema)
    for place, example in enumerate(tool.get("input_examples") or ()):
        if not fits(example, schema, schema):
            raise invalid(f"{path}.input_examples.{place}", "does not match the tool's input_schema")


def _check_schema(path: str, schema: dict[str, Any]) -> None:
    if "type" not in schema:
        raise invalid(f"{path}.type", "Field required")
    if schema["type"] != "object":
        raise invalid(f"{path}.type", "Input should be 'object'")
    check_schema(path, schema)
    for key in schema.get("properties", ()):
        if not PROPERTY.fullmatch(key):
            raise invalid(f"{path}.properties", f"Property keys should match pattern '^{PROPERTY.pattern}$'")


def check_callers(call: Call) -> None:
    """Refuse tools called from code where the model cannot, or where no code execution is on offer."""
    offered = [kind for kind in map(kind_of, call.tools) if kind.startswith(CODE)]
    for index, tool in enumerate(call.tools):
        kind = kind_of(tool)
        by_habit = kind in FROM_CODE
        callers = tool.get("allowed_callers") or ([CODE] if by_habit else ["direct"])
        path = f"tools.{index}.{kind}.allowed_callers"
        if "direct" not in callers and not call.model.code_execution:
            raise invalid(path, "tools cannot be called from code execution on this model; use ['direct']")
        for caller in callers:
            if caller != "direct" and not by_habit and not any(kind >= caller for kind in offered):
                raise invalid(path, f"'{caller}' requires a code execution tool of that version or a later one")


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
