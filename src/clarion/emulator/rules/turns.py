"""The grammar of a conversation: who opens and closes it, and what a turn holds."""

from __future__ import annotations

from clarion.emulator.call import OLD_VERSION, Call, blocks_of, is_summary
from clarion.emulator.wire import invalid

__all__ = ["check_content", "check_prefill", "check_roles", "check_version"]


def check_roles(call: Call) -> None:
    """Refuse no messages at all, an opening that is not the user's, and system turns a model does not take."""
    if not call.messages:
        raise invalid("messages", "at least one message is required")
    opening = blocks_of(call.messages[0]["content"])
    if call.messages[0]["role"] != "user" and not (opening and is_summary(opening[0])):
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
        is_empty = not message["content"] and not message.get("output_config")
        if is_empty and not is_final_assistant:
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
    is_open = not blocks or blocks[-1]["type"] in {"text", "thinking"}
    if last["role"] != "assistant" or not is_open or call.body.get("compaction"):
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
