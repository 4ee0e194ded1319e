"""The prompt as a chain of hashes: each block has a key that stands for all of the prompt up to and including it.

    scope, model -> tools -> system -> messages

What changes the prompt at a level without being a block of it goes into the chain where the level begins, so that a
change loses that level and those after it. Whether a change of thinking or effort also loses the tools and the system
prompt depends on the model, in a way that is not published; here it never does. Source: Claude documentation, "Prompt
caching", November 2026.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator import tokens
from clarion.emulator.call import blocks_of
from clarion.emulator.rules.marks import UNMARKABLE

if TYPE_CHECKING:
    from clarion.emulator.call import Call
    from clarion.emulator.tokens import Level, Part

__all__ = ["Prefix", "canonical", "is_marked", "manner", "prefixes"]

SPANS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
LEVELS: tuple[Level, ...] = ("tools", "system", "messages")
RUNS = frozenset({"tool_use", "tool_result"})  # several of a kind in a row count as one position


@dataclass(frozen=True, slots=True)
class Prefix:
    """The prompt up to a block: its key, its tokens, its position, and how long to keep it if the block is marked."""

    key: bytes
    tokens: int
    position: int
    span: timedelta | None


def is_marked(call: Call) -> bool:
    """Tell whether anything of a call is to be cached."""
    if call.body.get("cache_control"):
        return True
    contents = [message["content"] for message in call.messages]
    lists = [call.tools, call.body.get("system") or [], *contents]
    return any(_mark(block) for blocks in lists if not isinstance(blocks, str) for block in blocks)


def prefixes(call: Call, scope: str) -> list[Prefix]:
    """Return the prefixes of a prompt, block by block. Only calls of the same scope share keys."""
    parts = list(tokens.parts(call))
    openings = tokens.openings(call)
    spans = _spans(call, parts)
    chain = hashlib.blake2b(orjson.dumps([scope, call.model.id]), digest_size=16)
    ahead = list(LEVELS)
    total, position, found = 0, -1, []
    previous = ""
    for part, span in zip(parts, spans, strict=True):
        while ahead and LEVELS.index(ahead[0]) <= LEVELS.index(part.level):
            level = ahead.pop(0)
            chain.update(_settings(call, level))
            total += openings[level]
        chain.update(canonical(part.block, part.role))
        total += part.tokens
        kind = part.block.get("type") or ""
        if kind != previous or kind not in RUNS:
            position += 1
        previous = kind
        separators = tokens.PER_MESSAGE[call.model.tokenizer] * part.message
        found.append(Prefix(chain.copy().digest(), total + separators, position, span))
    return found


def manner(call: Call) -> list[object]:
    """Return how the model is to think and to use tools: what is in force, said or not."""
    choice = call.body.get("tool_choice") or {}
    is_alone = bool(choice.get("disable_parallel_tool_use"))
    budget = (call.body.get("thinking") or {}).get("budget_tokens")
    return [call.choice, choice.get("name"), is_alone, call.thinking, budget, call.effort]


def canonical(block: dict[str, Any], role: str = "") -> bytes:
    """Return a block as bytes that are the same for the same content; within a value the order of keys counts."""
    return orjson.dumps([role, _bare(block)])


def _settings(call: Call, level: Level) -> bytes:
    """Return what shapes the prompt from a level on; a default that is spelled out is one that is left out."""
    match level:
        case "tools":
            return b""
        case "system":
            return orjson.dumps([_cites(call), call.is_fast, call.schema])
        case "messages":
            return orjson.dumps([manner(call), any(block["type"] == "image" for _, block in call.blocks())])


def _bare(block: dict[str, Any]) -> dict[str, Any]:
    bare = {key: block[key] for key in sorted(block) if key != "cache_control" and block[key] is not None}
    match block:
        case {"type": "tool_result" | "search_result", "content": str() | list() as content}:
            bare["content"] = [_bare(each) for each in blocks_of(content)]
        case {"type": "document", "source": {"type": "content", "content": str() | list() as content}}:
            bare["source"] = [_bare(each) for each in blocks_of(content)]
    return bare


def _cites(call: Call) -> bool:
    return any((block.get("citations") or {}).get("enabled") for _, block in call.blocks() if "source" in block)


def _spans(call: Call, parts: list[Part]) -> list[timedelta | None]:
    """Return how long each block's prefix is to be kept: by its own mark, or by that of the whole request."""
    spans = [_span(_mark(part.block)) for part in parts]
    automatic = _span(call.body.get("cache_control"))
    last = next((index for index in reversed(range(len(parts))) if _is_cacheable(parts[index].block)), None)
    if automatic and last is not None and spans[last] is None:
        spans[last] = automatic
    return spans


def _span(mark: dict[str, Any] | None) -> timedelta | None:
    return SPANS[mark.get("ttl") or "5m"] if mark else None


def _mark(block: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mark of a block, or of a block within it, which stands for the whole."""
    mark: dict[str, Any] | None = block.get("cache_control")
    if mark:
        return mark
    match block:
        case {"type": "tool_result" | "search_result", "content": list(inner)}:
            return next((mark for each in reversed(inner) if (mark := _mark(each))), None)
        case {"type": "document", "source": {"type": "content", "content": list(inner)}}:
            return next((mark for each in reversed(inner) if (mark := _mark(each))), None)
    return None


def _is_cacheable(block: dict[str, Any]) -> bool:
    return block.get("type") not in UNMARKABLE and block.get("text") != ""
