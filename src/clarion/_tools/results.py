"""What a tool returned, as the `tool_result` block that answers its call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clarion._prompt import Part

if TYPE_CHECKING:
    from clarion._completion import ToolCall

Block = dict[str, Any]
Render = Callable[[Part | Block], Block]  # makes the block of an image or a document

MAX_CHARACTERS = 100_000  # of text in one result
DONE = "done"
EMPTY = "(empty)"  # the API refuses text that is blank

KEYS_OF_BLOCKS = {"text": "text", "image": "source", "document": "source", "search_result": "content"}


def plain(value: Part | Block) -> Block:
    """Return the block of an image or a document as it is for a model that nothing is known of."""
    return value if isinstance(value, dict) else value.block()


def result_block(call: ToolCall, value: object, *, limit: int = MAX_CHARACTERS, render: Render = plain) -> Block:
    """Return the answer to a call: text as it is, images and documents as blocks, everything else as JSON.

    A list that holds blocks becomes blocks. Text beyond `limit` characters is cut, with a note that says so. This may
    read the file of an image. Raises ValueError for a value that JSON has no way to write.
    """
    return {"type": "tool_result", "tool_use_id": call.id, "content": _content(value, limit, render)}


def error_block(call: ToolCall, text: str, *, limit: int = MAX_CHARACTERS) -> Block:
    """Return the answer to a call that failed or was not run."""
    return {"type": "tool_result", "tool_use_id": call.id, "content": _cut(text, limit) or EMPTY, "is_error": True}


def unrun_block(call: ToolCall, why: str) -> Block:
    """Return the answer to a call that was not run."""
    return error_block(call, f"This call was not run: {why}.")


def _content(value: object, limit: int, render: Render) -> str | list[Block]:
    if _is_block(value):
        return _within([_block(value, render)], limit)
    if isinstance(value, list | tuple) and any(map(_is_block, value)):
        return _within([_block(part, render) for part in value], limit)
    return _cut(_text(value), limit)


def _is_block(value: object) -> bool:
    if isinstance(value, dict):
        key = KEYS_OF_BLOCKS.get(str(value.get("type")))
        return key is not None and key in value
    return isinstance(value, Part)


def _block(value: object, render: Render) -> Block:
    if isinstance(value, Part) or (isinstance(value, dict) and _is_block(value)):
        return render(value)
    return {"type": "text", "text": _text(value)}


def _text(value: object) -> str:
    if value is None:
        return DONE
    if isinstance(value, str):
        return value if value.strip() else EMPTY
    from pydantic_core import to_json

    return to_json(value).decode()


def _within(blocks: list[Block], limit: int) -> list[Block]:
    """Return the blocks with no more than `limit` characters of text in all of them; what has no room has its note."""
    left, kept = limit, []
    for block in blocks:
        text = block.get("text")
        if isinstance(text, str):
            kept.append({**block, "text": _cut(text, left)})
            left = max(0, left - len(text))
        else:
            kept.append(block)
    return kept


def _cut(text: str, limit: int) -> str:
    text = text if text.isascii() else text.encode("utf-8", "replace").decode()  # halves of characters cannot be sent
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n[cut: {len(text) - limit:,} of {len(text):,} characters are left out]".lstrip("\n")
