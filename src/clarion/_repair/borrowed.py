"""Messages written as OpenAI's chat API has them, in the form of this one. Agents that switch providers hold such."""

from __future__ import annotations

from typing import Any

from clarion._openai import block_of_call, block_of_part

FORMS = ("input_text", "output_text", "image_url")  # types of parts that only the other API has


def own(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message in this API's form; the same object if it is so already."""
    content, calls = message.get("content"), message.get("tool_calls")
    match message:
        case {"role": "tool" | "function", "tool_call_id": id}:
            result = {"type": "tool_result", "tool_use_id": id, "content": _own_parts(content) or ""}
            return {"role": "user", "content": [result]}
        case {"role": "assistant", "tool_calls": list()} if calls:
            said = [{"type": "text", "text": content}] if isinstance(content, str) and content else []
            said = _own_parts(content) if isinstance(content, list) else said
            blocks = [*said, *(block_of_call(call) or call for call in calls)]
            return {**{key: value for key, value in message.items() if key != "tool_calls"}, "content": blocks}
        case {"content": list()} if (parts := _own_parts(content)) is not content:
            return {**message, "content": parts}
    return message


def _own_parts(content: Any) -> Any:
    if not isinstance(content, list) or not any(_is_borrowed(part) for part in content):
        return content
    return [block_of_part(part) or part if _is_borrowed(part) else part for part in content]


def _is_borrowed(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in FORMS
