"""What the emulator says when nothing is scripted: a plain account of what arrived, so that a person sees
it got through.

The text is Markdown, depends only on the request, and opens with a mark that nobody can take for a model's
answer.
"""

from __future__ import annotations

import re
from typing import Any

from clarion.emulator.call import Call, blocks_of, is_summary, kind_of
from clarion.emulator.media import Pdf, Picture, image_tokens, look, tier

__all__ = ["MARK", "account", "last_words", "thoughts"]

MARK = "[emulated] "
QUOTED = 90  # characters
LISTED = 8  # names, blocks of a kind
IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
FUNCTION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE)
CLASS = re.compile(r"^[ \t]*class[ \t]+(\w+)[ \t]*[(:]", re.MULTILINE)
EFFORT_STEPS = {"low": 1, "medium": 2, "high": 3, "xhigh": 4, "max": 5}


def account(call: Call, input_tokens: int) -> str:
    """Return the answer: what the last user turn holds, block by block, and what stands around it."""
    index, blocks = _last_user(call)
    opening = (
        f"{MARK}**{call.model.id}** received your message: {_plural(len(blocks), 'block')}, "
        f"about {input_tokens:,} input tokens in all."
    )
    lines = []
    for number, block in enumerate(blocks[: LISTED * 4], 1):
        here = f"messages.{index}.content.{number - 1}"
        lines.append(f"{number}. {_describe(call, here, block)}")
    parts = [opening, "\n".join(lines), _surroundings(call)]
    closing = "No model was asked. This account is made from the request alone, the same one every time."
    return "\n\n".join([*(part for part in parts if part), closing])


def thoughts(call: Call) -> str:
    """Return the thinking that precedes the answer; longer the higher the effort."""
    _, blocks = _last_user(call)
    kinds = ", ".join(dict.fromkeys(block["type"].replace("_", " ") for block in blocks)) or "nothing"
    steps = [
        f"The last turn holds {kinds}. I am an emulator, so I will say what arrived instead of answering it.",
        f"I take {_plural(len(call.said), 'message')} and {_plural(len(call.tools), 'tool')} into account.",
        f"The words at the end are {_quote(last_words(call)) or 'missing'}, which I can only repeat.",
        "I check that every block is mentioned once and that the order is kept.",
        "Nothing is left to weigh; the account can be written.",
    ]
    count = EFFORT_STEPS[call.effort] if call.thinking == "adaptive" else len(steps)
    return " ".join(steps[:count])


def last_words(call: Call) -> str:
    """Return all text of the last user turn."""
    return "\n".join(block["text"] for block in _last_user(call)[1] if block["type"] == "text")


def _last_user(call: Call) -> tuple[int, list[dict[str, Any]]]:
    """Return the index and the blocks of the last user turn, or of the summary that stands for it."""
    for index in range(len(call.messages) - 1, -1, -1):
        message = call.messages[index]
        blocks = blocks_of(message["content"])
        if message["role"] == "user":
            return index, blocks
        if blocks and is_summary(blocks[0]):
            return index, blocks[:1]
    return 0, []


def _describe(call: Call, path: str, block: dict[str, Any]) -> str:
    match block["type"]:
        case "text":
            return _text(block["text"])
        case "image":
            return _image(call, path, block["source"])
        case "document":
            return _document(call, path, block)
        case "tool_result":
            return _tool_result(call, path, block)
        case "search_result":
            title, count = block["title"], len(block["content"])
            return f"**Search result** “{title}” of `{block['source']}`, {_plural(count, 'content block')}."
        case "compaction":
            return f"**Summary** of what was said before: {_quote(block.get('content') or '')}"
        case "container_upload":
            return f"**Container upload** of file `{block['file_id']}`."
        case kind:
            return f"**{kind.replace('_', ' ').capitalize()}**"


def _text(text: str) -> str:
    return f"**Text**, {_size(text)}: {_quote(text)}{_python(text)}"


def _size(text: str) -> str:
    lines = text.count("\n") + 1
    return f"{len(text):,} characters" + (f" in {lines:,} lines" if lines > 1 else "")


def _python(source: str) -> str:
    """Return the names in Python source, on a line of their own; nothing for text of another kind."""
    found = {
        "imports": IMPORT.findall(source),
        "classes": CLASS.findall(source),
        "functions": FUNCTION.findall(source),
    }
    if not found["functions"] and not found["classes"]:
        return ""
    return "\n   Python: " + "; ".join(f"{what} {_names(names)}" for what, names in found.items() if names) + "."


def _image(call: Call, path: str, source: dict[str, Any]) -> str:
    picture = call.media.get(path)
    if not isinstance(picture, Picture):
        return f"**Image** by {source['type']}, {_reference(source)}, not fetched."
    cost = image_tokens(picture.width, picture.height, tier(call.model.image_tier))
    kind = picture.media_type.removeprefix("image/").upper()
    return f"**Image**, {kind}, {picture.width} x {picture.height} px, {cost:,} tokens: {look(picture)}."


def _document(call: Call, path: str, block: dict[str, Any]) -> str:
    title = f" “{block['title']}”" if block.get("title") else ""
    source, pdf = block["source"], call.media.get(path)
    if isinstance(pdf, Pdf):
        first = _quote(pdf.first_line()) or "without text"
        return f"**Document**{title}, PDF of {_plural(pdf.pages, 'page')}, begins {first}"
    if source["type"] == "text":
        first = _quote(source["data"].strip().partition("\n")[0])
        return f"**Document**{title}, {_size(source['data'])}, begins {first}{_python(source['data'])}"
    if source["type"] == "content":
        return f"**Document**{title} of {_plural(len(blocks_of(source['content'])), 'content block')}."
    return f"**Document**{title} by {source['type']}, {_reference(source)}, not fetched."


def _reference(source: dict[str, Any]) -> str:
    return f"`{source.get('url') or source.get('file_id')}`"


def _tool_result(call: Call, path: str, block: dict[str, Any]) -> str:
    inner = f"{path}.tool_result.content"
    parts = blocks_of(block.get("content") or [])
    said = [
        _quote(part["text"]) if part["type"] == "text" else _describe(call, f"{inner}.{place}", part)
        for place, part in enumerate(parts[:LISTED])
    ]
    failed = " (an error)" if block.get("is_error") else ""
    return f"**Result of `{_tool_of(call, block['tool_use_id'])}`**{failed}: {', '.join(said) or 'empty'}"


def _tool_of(call: Call, tool_use_id: str) -> str:
    for _, block in call.blocks():
        if block["type"] == "tool_use" and block["id"] == tool_use_id:
            name: str = block["name"]
            return name
    return tool_use_id


def _surroundings(call: Call) -> str:
    system = "\n".join(block["text"] for block in blocks_of(call.body.get("system") or []))
    lines = []
    if system:
        lines.append(f"- System prompt of {len(system):,} characters: {_quote(system)}")
    if len(call.said) > 1:
        lines.append(f"- {len(call.said)} messages in the conversation.")
    if call.tools:
        lines.append(f"- Tools on offer: {_names([tool.get('name', kind_of(tool)) for tool in call.tools])}")
    return "\n".join(lines)


def _names(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - LISTED} more" if len(unique) > LISTED else ""
    return ", ".join(f"`{name}`" for name in unique[:LISTED]) + more


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _quote(text: str) -> str:
    words = " ".join(text[: QUOTED * 4].split())
    if len(words) <= QUOTED:
        return f"“{words}”" if words else ""
    return f"“{words[:QUOTED].rsplit(' ', 1)[0]}…”"
