"""The grammar of a conversation: who opens and closes it, what a turn holds, that tool calls are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import OLD_VERSION, Call, blocks_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_content", "check_pairs", "check_prefill", "check_roles", "check_version"]

Blocks = list[tuple[str, dict[str, Any]]]


def check_roles(call: Call) -> None:
    """Refuse no messages at all, an opening that is not the user's, and system turns a model does not take."""
    if not call.messages:
        raise invalid("messages", "at least one message is required")
    if call.messages[0]["role"] != "user":
        raise invalid("messages", 'first message must use the "user" role')
    if not call.model.system_turns and any(message["role"] == "system" for message in call.messages):
        raise invalid(
            "messages",
            'Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" '
            "as an input message role.",
        )


def check_content(call: Call) -> None:
    """Refuse empty turns and text that is empty or blank."""
    last = len(call.messages) - 1
    for index, message in enumerate(call.messages):
        is_final_assistant = index == last and message["role"] == "assistant"
        if not message["content"] and not is_final_assistant:
            raise invalid(
                f"messages.{index}",
                "all messages must have non-empty content except for the optional final assistant message",
            )
    for block in blocks_of(call.body.get("system") or []):
        _check_text("system", block["text"])
    for path, block in call.blocks():
        if block["type"] == "text":
            _check_text("messages", block["text"], may_be_blank=".tool_result." in path)


def _check_text(where: str, text: str, *, may_be_blank: bool = False) -> None:
    if not text:
        raise invalid(where, "text content blocks must be non-empty")
    if text.isspace() and not may_be_blank:
        raise invalid(where, "text content blocks must contain non-whitespace text")


def check_prefill(call: Call) -> None:
    """Refuse a trailing assistant turn where the model takes none, and one that ends in whitespace."""
    last = call.messages[-1]
    blocks = blocks_of(last["content"])
    if last["role"] != "assistant" or (blocks and blocks[-1]["type"] not in {"text", "thinking"}):
        return
    if not call.model.prefill:
        raise invalid(
            "",
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        )
    if call.thinks and blocks and blocks[0]["type"] != "thinking":
        raise invalid(
            f"messages.{len(call.messages) - 1}.content.0.type",
            f"Expected `thinking` or `redacted_thinking`, but found `{blocks[0]['type']}`. When `thinking` is "
            "enabled, a final `assistant` message must start with a thinking block.",
        )
    if call.schema is not None:
        raise invalid("", "Assistant message prefill cannot be used with `output_config.format`.")
    if blocks and blocks[-1]["type"] == "text" and blocks[-1]["text"][-1:].isspace():
        raise invalid("messages", "final assistant content cannot end with trailing whitespace")


def check_version(call: Call) -> None:
    """Refuse what version 2026-10-21 took out: assistant documents and citations in user text."""
    if call.version == OLD_VERSION:
        return
    for index, message in enumerate(call.messages):
        for place, block in enumerate(blocks_of(message["content"])):
            path = f"messages.{index}.content.{place}"
            if message["role"] == "assistant" and block["type"] == "document":
                raise invalid(path, "`document` blocks are not permitted in `assistant` messages")
            inner = block["content"] if block["type"] == "search_result" else [block]
            if message["role"] == "user" and any(part.get("citations") for part in inner if part["type"] == "text"):
                raise invalid(path, "`citations` are not permitted in the text of `user` messages")


def check_pairs(call: Call) -> None:
    """Refuse tool calls without results right after them, results without calls, and ids used twice."""
    open_ids: list[str] = []
    asked_in = 0
    seen: set[str] = set()
    for role, index, blocks in _turns(call.messages):
        _check_results(blocks if role == "user" else [], open_ids, asked_in)
        open_ids = [block["id"] for _, block in blocks if block["type"] == "tool_use"]
        asked_in = index
        if len(seen) + len(open_ids) != len(seen := seen | set(open_ids)):
            raise invalid("messages", "`tool_use` ids must be unique")
    _check_results([], open_ids, asked_in)


def _check_results(blocks: Blocks, open_ids: list[str], asked_in: int) -> None:
    answered: list[str] = []
    is_leading = True
    for path, block in blocks:
        if block["type"] != "tool_result":
            is_leading = False
        elif block["tool_use_id"] not in open_ids:
            raise invalid(
                path,
                f"unexpected `tool_use_id` found in `tool_result` blocks: {block['tool_use_id']}. Each "
                "`tool_result` block must have a corresponding `tool_use` block in the previous message.",
            )
        elif block["tool_use_id"] in answered:
            raise invalid(
                path,
                "each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
                f"{block['tool_use_id']}",
            )
        elif is_leading:
            answered.append(block["tool_use_id"])
    if missing := [one for one in open_ids if one not in answered]:
        raise invalid(
            f"messages.{asked_in}",
            "`tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
            "next message.",
        )


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
