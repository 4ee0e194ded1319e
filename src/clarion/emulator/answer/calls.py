"""Which of the client's tools are called, how often, and with what.

The tools whose names fit the user's words are called once, together unless that was ruled out; a tool that takes
one name is called for each of several names that are counted up. After the results comes the answer: text, or a call
of the tool that agent frameworks offer for it (`final_result`). Tools that only code may call are called by code, where
no other tool fits.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from clarion.emulator.answer.fitting import share, stems
from clarion.emulator.call import is_summary, kind_of
from clarion.emulator.message import ServerResult, ServerToolUse, ToolUse
from clarion.emulator.sample import Hints, instance
from clarion.emulator.sample.fits import sound
from clarion.emulator.sample.hints import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.answer.question import Question

__all__ = ["calls", "search"]

Tool = dict[str, Any]

FITS_TOO = 0.5  # of a name must have been said for a tool to be called beside the one that fits best
MOST = 5  # calls of one tool in parallel
SEARCHED = 5  # references a search of tools finds at most
SEARCH = "tool_search_tool_"
FINAL = re.compile(r"final([A-Z_-]|$)")  # how the name of a tool begins that takes the answer itself
CODE, OLD_CODE = "code_execution_20260120", "code_execution_20250825"  # as callers of tools
INPUTS = {  # of the tools whose schema is the API's own, by how their types begin
    "bash_": {"command": "ls -la"},
    "text_editor_": {"command": "view", "path": "/repo"},
    "memory_": {"command": "view", "path": "/memories"},
}


def calls(asked: Question) -> list[ToolUse]:
    """Return the tool calls of the answer; none when it is to be text."""
    choice = asked.call.body.get("tool_choice") or {}
    tools = list(_chosen(asked))
    wanted = [(tool, hints) for tool in tools for hints in _hints(asked, tool)]
    is_single = bool(choice.get("disable_parallel_tool_use"))
    if asked.is_answered and not asked.call.is_forced:
        left = wanted[len(asked.called) :] if is_single else []
        wanted = left or [(tool, Hints.of(asked.material)) for tool in _final(asked)]
    if not wanted:
        return []
    caller = None if _is_direct(wanted[0][0]) else _code(asked, wanted[0][0])
    return [_use(asked, tool, hints, caller) for tool, hints in (wanted[:1] if is_single else wanted)]


def _is_direct(tool: Tool) -> bool:
    """Tell whether a tool may be called by the model itself, not by its code alone."""
    return "direct" in (tool.get("allowed_callers") or ["direct"])


def search(asked: Question) -> list[ServerToolUse | ServerResult]:
    """Return the search that finds the deferred tools the answer calls; nothing when all were at hand."""
    searcher = next((tool for tool in asked.call.tools if kind_of(tool).startswith(SEARCH)), None)
    hidden = [tool for tool in _chosen(asked) if tool.get("defer_loading") and tool["name"] not in _found(asked)]
    if searcher is None or not hidden:
        return []
    use = ServerToolUse.of(asked.id("srvtoolu"), searcher["name"], {"query": hidden[0]["name"].replace("_", " ")})
    references = [{"type": "tool_reference", "tool_name": tool["name"]} for tool in hidden[:SEARCHED]]
    content = {"type": "tool_search_tool_search_result", "tool_references": references}
    return [use, ServerResult("tool_search_tool_result", use.id, content)]


def _chosen(asked: Question) -> list[Tool]:
    """Return the tools to call, in the order they were offered."""
    call = asked.call
    offered = list(_offered(asked))
    direct = [tool for tool in offered if _is_direct(tool)]
    if call.choice == "tool":
        return [tool for tool in direct if tool["name"] == call.body["tool_choice"]["name"]]
    if call.choice == "none" or (asked.begun and not is_summary(asked.begun[-1])):
        return []
    final = _final(asked)
    usual = [tool for tool in offered if not FINAL.match(tool["name"])]
    fitting = _fitting([tool for tool in usual if _is_direct(tool)], asked.words)
    if call.choice == "any":
        return (final if asked.is_answered else []) or fitting or final or direct[:1]
    return fitting or _fitting(usual, asked.words) or final


def _final(asked: Question) -> list[Tool]:
    """Return the tool that takes the answer itself; none once it was called, unless that has failed."""
    tools = [tool for tool in _offered(asked) if FINAL.match(tool["name"]) and _is_direct(tool)]
    is_taken = any(FINAL.match(use["name"]) for use in asked.called)
    has_failed = any(result.get("is_error") for result in asked.results)
    if asked.call.choice == "none" or (is_taken and not has_failed):
        return []
    return _fitting(tools, asked.words)[:1] or tools[:1]


def _offered(asked: Question) -> Iterator[Tool]:
    """Yield the tools that can be called: those of the client, deferred ones only where they can be found."""
    can_search = any(kind_of(tool).startswith(SEARCH) for tool in asked.call.tools)
    for tool in asked.call.tools:
        is_there = not tool.get("defer_loading") or can_search or tool.get("name") in _found(asked)
        if _schema(tool) is not None and is_there:
            yield tool


def _found(asked: Question) -> set[str]:
    """Return the names of deferred tools that searches have found so far."""
    found: set[str] = set()
    for _, block in asked.call.blocks():
        content = block.get("content")
        if block["type"] == "tool_search_tool_result" and isinstance(content, dict):
            found |= {each.get("tool_name", "") for each in content.get("tool_references") or ()}
        elif block["type"] == "tool_reference":
            found.add(block["tool_name"])
    return found


def _fitting(tools: list[Tool], prompt: str) -> list[Tool]:
    said = stems(prompt)
    shares = [share(tool["name"], said) for tool in tools]
    best = max(shares, default=0.0)
    first = shares.index(best) if best else -1
    return [tool for place, tool in enumerate(tools) if place == first or shares[place] >= max(FITS_TOO, best / 2) > 0]


def _schema(tool: Tool) -> Tool | None:
    """Return the schema of a tool's input; None when it does not run at the client."""
    kind = kind_of(tool)
    if "input_schema" in tool:
        own: Tool = tool["input_schema"]
        return own
    fixed = next((arguments for start, arguments in INPUTS.items() if kind.startswith(start)), None)
    return fixed and {"properties": {name: {"const": value} for name, value in fixed.items()}, "required": list(fixed)}


def _hints(asked: Question, tool: Tool) -> list[Hints]:
    """Return the hints of each call of a tool: one call a name where names are counted up and it takes one."""
    names = listed(asked.words)
    if len(names) < 2 or not _takes_one_name(_schema(tool) or {}):
        return [Hints.of(asked.material)]
    return [Hints.of(asked.material, name) for name in names[:MOST]]


def _takes_one_name(schema: Tool) -> bool:
    schema = sound(schema)
    properties = schema.get("properties") or {}
    required = [properties.get(name) for name in schema.get("required") or () if isinstance(name, str)]
    free = [each for each in required if isinstance(each, dict) and each.get("type") == "string" and _is_free(each)]
    return len(free) == 1


def _is_free(schema: Tool) -> bool:
    return not schema.keys() & {"enum", "const", "format", "pattern", "anyOf", "allOf"}


def _code(asked: Question, tool: Tool) -> dict[str, Any]:
    """Return the code that calls a tool, as the call names its caller."""
    kind = OLD_CODE if tool["allowed_callers"] == [OLD_CODE] else CODE
    return {"type": kind, "tool_id": asked.id("srvtoolu")}


def _use(asked: Question, tool: Tool, hints: Hints, caller: dict[str, Any] | None) -> ToolUse:
    made = instance(_schema(tool), hints, asked.chance)
    arguments = made if isinstance(made, dict) else {}
    text = json.dumps(arguments, ensure_ascii=False)
    is_eager = bool(tool.get("eager_input_streaming"))
    return ToolUse(asked.id("toolu"), tool["name"], arguments, text, is_eager, caller)
