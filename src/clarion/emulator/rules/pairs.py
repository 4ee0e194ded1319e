"""Calls and results of tools: the client's across two turns, the server's within one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_pairs", "check_server_pairs"]

Blocks = list[tuple[str, dict[str, Any]]]

MCP = "mcp"
RESULTS = {  # the result block of each server tool
    "web_search": "web_search_tool_result",
    "web_fetch": "web_fetch_tool_result",
    "code_execution": "code_execution_tool_result",
    "bash_code_execution": "bash_code_execution_tool_result",
    "text_editor_code_execution": "text_editor_code_execution_tool_result",
    "tool_search_tool_regex": "tool_search_tool_result",
    "tool_search_tool_bm25": "tool_search_tool_result",
    "advisor": "advisor_tool_result",
    MCP: "mcp_tool_result",
}
MADE_BY = {result: "mcp_tool_use" if name == MCP else "server_tool_use" for name, result in RESULTS.items()}


def check_pairs(call: Call) -> None:
    """Refuse tool calls without results right after them, results without calls, and ids used twice."""
    open_calls: dict[str, dict[str, Any]] = {}
    asked_in = 0
    seen: set[str] = set()
    for _, index, blocks in _turns(call.messages):
        _check_results(blocks, open_calls, asked_in)
        calls = [block for _, block in blocks if block["type"] == "tool_use"]
        open_calls = {block["id"]: block for block in calls}
        asked_in = index
        if len(seen) + len(calls) != len(seen := seen | open_calls.keys()):
            raise invalid("messages", "`tool_use` ids must be unique")
    _check_results([], open_calls, asked_in)


def _check_results(blocks: Blocks, open_calls: dict[str, dict[str, Any]], asked_in: int) -> None:
    answered: list[str] = []
    is_leading = True
    for path, block in blocks:
        if block["type"] != "tool_result":
            is_leading = False
            continue
        identity = block["tool_use_id"]
        if identity not in open_calls:
            raise invalid(
                path,
                f"unexpected `tool_use_id` found in `tool_result` blocks: {identity}. Each `tool_result` block must "
                "have a corresponding `tool_use` block in the previous message.",
            )
        if identity in answered:
            reason = "each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
            raise invalid(path, reason + identity)
        if block.get("toolset_name") != open_calls[identity].get("toolset_name"):
            raise invalid(path, f"`toolset_name` must be that of the `tool_use` block with id {identity}")
        if is_leading:
            answered.append(identity)
    if missing := [one for one in open_calls if one not in answered]:
        raise invalid(
            f"messages.{asked_in}",
            "`tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
            "next message.",
        )


def check_server_pairs(call: Call) -> None:
    """Refuse server tools left open, unless their turn goes on, and results of calls nobody made.

    A call may stay open at the end of the conversation, where the API paused, and before a turn of client results,
    which the API waited for; its tool must be on offer then.
    """
    open_calls: dict[str, str] = {}  # names by id
    for role, _, blocks in _turns(call.messages):
        is_reply = role == "assistant" or all(block["type"] == "tool_result" for _, block in blocks)
        if open_calls and not is_reply:
            raise invalid("", _left_open(open_calls))
        for path, block in blocks:
            if block["type"] == "server_tool_use":
                open_calls[block["id"]] = block["name"]
            elif block["type"] == "mcp_tool_use":
                open_calls[block["id"]] = MCP
            elif block["type"] in MADE_BY:
                _close(path, block, open_calls)
    offered = {tool.get("name") for tool in call.tools}
    for name in map(_offered_name, open_calls.values()):
        if name != MCP and name not in offered:
            raise invalid("", f"{_left_open(open_calls)}, but no {name} tool was provided")


def _close(path: str, block: dict[str, Any], open_calls: dict[str, str]) -> None:
    kind = block["type"]
    if open_calls.pop(block["tool_use_id"], None) is None:
        raise invalid(
            path,
            f"unexpected `tool_use_id` found in `{kind}` blocks: {block['tool_use_id']}. Each `{kind}` block must "
            f"have a corresponding `{MADE_BY[kind]}` block before it.",
        )


def _left_open(open_calls: dict[str, str]) -> str:
    identity, name = next(iter(open_calls.items()))
    return f"`{name}` tool use with id `{identity}` was found without a corresponding `{RESULTS[name]}` block"


def _offered_name(name: str) -> str:
    return "code_execution" if name.endswith("_code_execution") else name


def _turns(messages: list[dict[str, Any]]) -> Iterator[tuple[str, int, Blocks]]:
    """Yield role, index of the last message and blocks of each turn; neighbours of one role are one turn."""
    role, blocks = "", Blocks()
    for index, message in enumerate(messages):
        if message["role"] != role:
            if blocks:
                yield role, index - 1, blocks
            role, blocks = message["role"], []
        found = enumerate(blocks_of(message["content"]))
        blocks += [(f"messages.{index}.content.{place}", block) for place, block in found]
    if blocks:
        yield role, len(messages) - 1, blocks
