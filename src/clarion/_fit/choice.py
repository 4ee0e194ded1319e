"""Rules of a forced choice of tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit.draft import mapping, sequence

if TYPE_CHECKING:
    from clarion._fit.draft import Draft

FORCED = ("any", "tool")

# What a schema may not hold for a tool to be strict (documentation of structured outputs, November 2026).
LOOSE = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("maxItems", "uniqueItems", "oneOf", "not", "if", "patternProperties", "pattern", "format", "$ref"),
    }
)


def is_forced(draft: Draft) -> bool:
    return (draft.body.get("tool_choice") or {}).get("type") in FORCED


def is_forced_while_thinking(draft: Draft) -> bool:
    return draft.thinking == "enabled" and is_forced(draft) and bool(draft.model.forced_tools)


def force_without_thinking(draft: Draft) -> str:
    del draft.body["thinking"]
    return f"{draft.model.id} cannot be made to call a tool while it thinks by a budget: thinking was dropped"


def is_forced_in_vain(draft: Draft) -> bool:
    return is_forced(draft) and draft.model.forced_tools is False and bool(draft.body.get("tools"))


def ask_for_tool(draft: Draft) -> str:
    choice = draft.body["tool_choice"]
    name = choice.get("name")
    draft.body["tools"] = [_strict(tool) if name in (None, tool.get("name")) else tool for tool in draft.body["tools"]]
    draft.body["tool_choice"] = {**{key: value for key, value in choice.items() if key != "name"}, "type": "auto"}
    wanted = f"Call the tool {name} to answer." if name else "Call one of your tools to answer."
    draft.add_to_system(wanted)
    return f"{draft.model.id} cannot be made to call {name or 'a tool'}: it is asked to, and its input kept strict"


def _strict(tool: dict[str, Any]) -> dict[str, Any]:
    return {**tool, "strict": True} if "strict" not in tool and _may_be_strict(tool.get("input_schema")) else tool


def _may_be_strict(schema: Any) -> bool:
    """Whether a schema is surely within what strict tools take."""
    match schema:
        case dict():
            if LOOSE & schema.keys() or schema.get("minItems", 0) not in (0, 1):
                return False
            if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
                return False
            parts = [*mapping(schema.get("properties")).values(), *sequence(schema.get("anyOf"))]
            parts += [schema["items"]] if "items" in schema else []
            return all(map(_may_be_strict, parts))
    return False
