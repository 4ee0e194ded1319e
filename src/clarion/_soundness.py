"""What a message must hold for a turn to be read from it.

A gateway may answer with anything, and what is missing should be named before it is read. Kinds of blocks that are not
known here, and fields that are not read, may be what they like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, ...]] = {"text": ("text",), "tool_use": ("id", "name")}  # of a kind of block
COUNTS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
DETAILS: Mapping[str, str] = {
    "cache_creation": "ephemeral_1h_input_tokens",
    "output_tokens_details": "thinking_tokens",
    "server_tool_use": "web_search_requests",
}


def flaw_of(message: Mapping[str, Any]) -> str | None:
    """Return in words why a message, whose content is a list, cannot be read; None if it can."""
    stop_reason = message.get("stop_reason")
    if not isinstance(stop_reason, str | None):
        return f"its stop_reason is {stop_reason!r}"
    for index, block in enumerate(message["content"]):
        if (flaw := _flaw_of_block(block)) is not None:
            return f"its content block {index} {flaw}"
    return _flaw_of_usage(message.get("usage"))


def _flaw_of_block(block: Any) -> str | None:
    if not isinstance(block, dict) or not isinstance(kind := block.get("type"), str):
        return "is no object with a type"
    for name in TEXTS.get(kind, ()):
        if not isinstance(block.get(name), str):
            return f"is of type {kind}, and its {name} is {block.get(name)!r}"
    if kind == "tool_use" and "input" not in block:
        return "is of type tool_use, and has no input"
    if kind == "text" and not isinstance(block.get("citations"), list | None):
        return f"is of type text, and its citations are {block['citations']!r}"
    return None


def _flaw_of_usage(usage: Any) -> str | None:
    if usage is None:
        return None
    if not isinstance(usage, dict):
        return f"its usage is {usage!r}"
    for name in COUNTS:
        if not _is_count(usage.get(name)):
            return f"its usage has {name}={usage[name]!r}"
    for name, inner in DETAILS.items():
        details = usage.get(name)
        if details is not None and not (isinstance(details, dict) and _is_count(details.get(inner))):
            return f"its usage has {name}={details!r}"
    iterations = usage.get("iterations")
    if not isinstance(iterations, list | None):
        return f"its usage has iterations={iterations!r}"
    flaws = (
        _flaw_of_usage(each) if isinstance(each, dict) else f"has the iteration {each!r}" for each in iterations or ()
    )
    return next((flaw for flaw in flaws if flaw is not None), None)


def _is_count(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))
