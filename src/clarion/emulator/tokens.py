"""An offline estimate of token counts, for usage, limits and truncation alike.

The real tokenizers are not public. The estimate gives every character the average weight of its class, in
thousandths of a token, one table per tokenizer generation, fitted to measured averages (November 2026):
English 3.7 characters a token with the old tokenizer and 2.8 with the new, Python 3.4 and 2.6, compact JSON
2.5 and 1.7, Russian 2, Chinese 1.1. Expect errors of about 10 % on prose and code, more on German, base64
and tool preambles, which also drift on the server's side. Cost is linear and paid in C: text becomes bytes,
bytes become class codes, codes are counted.
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import orjson

from clarion.emulator.call import Call, blocks_of, kind_of
from clarion.emulator.media import Pdf, Picture, image_tokens, tier
from clarion.emulator.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Level", "Part", "count", "count_prompt", "openings", "parts", "prefix_length"]

Level = Literal["tools", "system", "messages"]

# class: (bytes that open a character of it, weight under the old tokenizer, under the new)
CLASSES: tuple[tuple[bytes, int, int], ...] = (
    (bytes(range(0x61, 0x7B)), 290, 400),  # a-z
    (bytes(range(0x41, 0x5B)), 1200, 1500),  # A-Z
    (b"0123456789", 450, 450),
    (b" \t", 40, 40),
    (b"\n\r", 800, 900),
    (bytes(range(0xC2, 0xD0)), 2500, 4000),  # accented Latin, Greek
    (bytes(range(0xD0, 0xD4)), 520, 520),  # Cyrillic
    (bytes(range(0xD4, 0xE3)), 850, 850),  # Hebrew, Arabic, Indic, Thai; typographic marks
    (bytes(range(0xE3, 0xF0)), 930, 930),  # Chinese, Japanese, Korean
    (bytes(range(0xF0, 0xF8)), 2500, 2500),  # emoji and rare scripts
    (bytes(range(0x80, 0xC0)), 0, 0),  # the rest of a character
)
OTHER = len(CLASSES)  # punctuation and control characters
WEIGHTS = {
    "old": (*(old for _, old, _ in CLASSES), 480),
    "new": (*(new for _, _, new in CLASSES), 720),
}
CODES = bytes(next((code for code, (opens, *_) in enumerate(CLASSES) if byte in opens), OTHER) for byte in range(256))

SHORT = 40  # bytes; in such a text it is quicker to look at each
PER_MESSAGE = {"old": 3, "new": 2}
THINKING = {"adaptive": 17, "enabled": 28}
UNSEEN_IMAGE = 1296  # an image by URL or file id, taken for 1000 x 1000 px
PDF_PAGE_TEXT = 1500  # a page is its text and its image
PDF_PAGE_IMAGE = 1560
UNSEEN_PDF_PAGES = 1
THOUGHTS = frozenset({"thinking", "redacted_thinking"})
LEVELS_OF_TOOLS: tuple[tuple[Level, bool], ...] = (("tools", False), ("system", True))  # second: web search or not
SERVER_TOOLS = {"bash_": 325, "text_editor_": 700, "computer_toolset_": 4500, "browser_toolset_": 6600}


class Part(NamedTuple):
    """A block of the prompt with its tokens; `message` is how many messages come before its own, `role` its own's."""

    level: Level
    message: int
    role: str
    block: dict[str, Any]
    tokens: int


def count(text: str, tokenizer: str) -> int:
    """Return the tokens of a text; at least one unless it is empty."""
    codes = text.encode("utf-8", "surrogatepass").translate(CODES)
    weights = WEIGHTS[tokenizer]
    if len(codes) < SHORT:
        weight = sum(map(weights.__getitem__, codes))
    else:
        weight = sum(map(mul, map(codes.count, range(len(weights))), weights))
    return max(1, math.ceil(weight / 1000)) if codes else 0


def prefix_length(text: str, tokens: int, tokenizer: str) -> int:
    """Return how many characters of a text fit into so many tokens."""
    if count(text, tokenizer) <= tokens:
        return len(text)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle], tokenizer) <= tokens else (low, middle - 1)
    return low


def count_prompt(call: Call) -> int:
    """Return the input tokens of a call: frame, system, tools, messages and media."""
    total = call.model.frame + PER_MESSAGE[call.model.tokenizer] * max(0, len(call.said) - 1)
    return total + sum(openings(call).values()) + sum(part.tokens for part in parts(call))


def openings(call: Call) -> dict[Level, int]:
    """Return the tokens the API writes itself before the tools, the system prompt and the messages."""
    schema = 0 if call.schema is None else _json(call.schema, call.model.tokenizer)
    tools = call.model.tool_tokens[call.is_forced] if call.tools else 0
    return {"tools": tools, "system": schema, "messages": THINKING.get(call.thinking, 0)}


def parts(call: Call) -> Iterator[Part]:
    """Yield the blocks of the prompt as the model reads them, without those it is not shown.

    Web search is written into the system prompt, and a tool whose loading is deferred is not in the prompt at all.
    Source: Claude documentation, "Prompt caching" and "Tool use with prompt caching", November 2026.
    """
    shown = [tool for tool in call.tools if not tool.get("defer_loading")]
    for level, is_search in LEVELS_OF_TOOLS:
        for tool in shown:
            if kind_of(tool).startswith("web_search") is is_search:
                yield Part(level, 0, "", tool, _tool(tool, call.model.tokenizer))
    for block in blocks_of(call.body.get("system") or []):
        yield Part("system", 0, "", block, count(block["text"], call.model.tokenizer))
    stripped = 0 if call.model.keep_thinking else _last_turn(call)
    ahead = 0
    for index, message in enumerate(call.messages):
        for place, block in enumerate(blocks_of(message["content"])):
            path = f"messages.{index}.content.{place}"
            is_stripped = index < stripped and block["type"] in THOUGHTS
            if not is_stripped and path not in call.dropped:
                yield Part("messages", ahead, message["role"], block, _block(call, path, block))
        ahead += bool(message["content"])


def _block(call: Call, path: str, block: dict[str, Any]) -> int:
    tokenizer = call.model.tokenizer
    match block["type"]:
        case "text":
            return count(block["text"], tokenizer)
        case "image":
            return _image(call, path)
        case "document":
            return _document(call, path, block)
        case "thinking" | "redacted_thinking":
            return _thinking(block, tokenizer)
        case "tool_result":
            inner = f"{path}.tool_result.content"
            parts = blocks_of(block.get("content", []))
            return 12 + sum(_block(call, f"{inner}.{place}", part) for place, part in enumerate(parts))
        case "tool_use" | "server_tool_use":
            return 12 + count(block["name"], tokenizer) + _json(block["input"], tokenizer)
        case "compaction":
            return count(block.get("content") or "", tokenizer)
        case _:
            return _unmarked(block, tokenizer)


def _thinking(block: dict[str, Any], tokenizer: str) -> int:
    """Return what the model reads again: all it thought, however little of it is shown."""
    seal = Seal.read(block["signature"] if block["type"] == "thinking" else block["data"])
    return seal.tokens if seal else count(block.get("thinking", ""), tokenizer)


def _image(call: Call, path: str) -> int:
    picture = call.media.get(path)
    if not isinstance(picture, Picture):
        return UNSEEN_IMAGE
    return image_tokens(picture.width, picture.height, tier(call.model.image_tier))


def _document(call: Call, path: str, block: dict[str, Any]) -> int:
    tokenizer = call.model.tokenizer
    about = count(f"{block.get('title') or ''}{block.get('context') or ''}", tokenizer)
    source = block["source"]
    if source["type"] == "text":
        return about + count(source["data"], tokenizer)
    if source["type"] == "content":
        inner = f"{path}.document.source.content.content"
        parts = blocks_of(source["content"])
        return about + sum(_block(call, f"{inner}.{place}", part) for place, part in enumerate(parts))
    pdf = call.media.get(path)
    pages = pdf.pages if isinstance(pdf, Pdf) else UNSEEN_PDF_PAGES
    return about + pages * (PDF_PAGE_TEXT + PDF_PAGE_IMAGE)


def _tool(tool: dict[str, Any], tokenizer: str) -> int:
    kind = kind_of(tool)
    fixed = next((tokens for start, tokens in SERVER_TOOLS.items() if kind.startswith(start)), None)
    return _unmarked(tool, tokenizer) if fixed is None else fixed


def _unmarked(block: dict[str, Any], tokenizer: str) -> int:
    return _json({key: value for key, value in block.items() if key != "cache_control"}, tokenizer)


def _json(value: Any, tokenizer: str) -> int:
    return count(orjson.dumps(value).decode(), tokenizer)


def _last_turn(call: Call) -> int:
    """Return the index of the last user message that is not tool results: where the last turn began."""
    for index in range(len(call.messages) - 1, -1, -1):
        message = call.messages[index]
        blocks = blocks_of(message["content"])
        if message["role"] == "user" and not any(block["type"] == "tool_result" for block in blocks):
            return index
    return 0
