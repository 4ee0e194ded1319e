"""What blocks cost, and how an answer is cut: at a stop sequence, or where its tokens end."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from clarion.emulator import tokens
from clarion.emulator.message import (
    Block,
    Given,
    RedactedThinking,
    ServerResult,
    ServerToolUse,
    Summary,
    Text,
    Thinking,
    ToolUse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FRAME", "cost", "until", "within"]

Blocks = tuple[Block, ...]
FRAME = 8  # tokens of a tool call, beside its name and input


def cost(block: Block, tokenizer: str) -> int:
    """Return the output tokens of a block. What a tool on the server gave back is no output."""
    match block:
        case Text() | Summary():
            return tokens.count(block.text, tokenizer)
        case Thinking() | RedactedThinking():
            return block.tokens
        case ToolUse() | ServerToolUse():
            return _frame(block, tokenizer) + tokens.count(block.json, tokenizer)
        case ServerResult():
            return 0
        case Given():
            return FRAME + tokens.count(json.dumps(block.data, ensure_ascii=False), tokenizer)


def until(blocks: Blocks, sequences: Iterable[str]) -> tuple[Blocks, str | None]:
    """Return the blocks up to the first stop sequence in their text, and that sequence if there is one."""
    text = "".join(block.text for block in blocks if isinstance(block, Text))
    found = [(place, sequence) for sequence in sequences if (place := text.find(sequence)) >= 0]
    if not found:
        return blocks, None
    room, sequence = min(found, key=lambda each: each[0])
    kept: list[Block] = []
    for block in blocks:
        if isinstance(block, Text) and len(block.text) > room:
            begun = block.text[:room]
            kept += [replace(block, text=begun)] if begun.strip() else []
            break
        kept.append(block)
        room -= len(block.text) if isinstance(block, Text) else 0
    return tuple(kept), sequence


def within(blocks: Blocks, limit: int, tokenizer: str) -> tuple[Blocks, int, bool]:
    """Return what of the blocks fits into so many tokens, the tokens used, and whether anything was cut."""
    used = 0
    for place, block in enumerate(blocks):
        price = cost(block, tokenizer)
        if used + price > limit:
            begun = _begun(block, limit - used, tokenizer)
            return (*blocks[:place], *([begun] if begun else [])), limit, True
        used += price
    return blocks, used, False


def _begun(block: Block, room: int, tokenizer: str) -> Block | None:
    """Return the part of a block that fits, None when nothing of it does."""
    match block:
        case Text():
            most = tokens.prefix_length(block.text, room, tokenizer)
            begun = block.text[:most]
            return replace(block, text=begun) if begun.strip() else None
        case Thinking():
            most = tokens.prefix_length(block.text, room, tokenizer)
            return replace(block, text=block.text[:most], tokens=room) if room else None
        case ToolUse() | ServerToolUse():
            left = room - _frame(block, tokenizer)
            if left <= 0:
                return None
            most = tokens.prefix_length(block.json, left, tokenizer)
            return replace(block, input={}, json=block.json[:most])
        case RedactedThinking() | ServerResult() | Summary() | Given():
            return None


def _frame(block: ToolUse | ServerToolUse, tokenizer: str) -> int:
    return FRAME + tokens.count(block.name, tokenizer)
