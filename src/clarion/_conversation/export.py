"""A conversation to read, as Markdown, and to go on with elsewhere, as JSON. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import orjson

from clarion._errors import InvalidSettingError
from clarion._plural import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarion._conversation.history import ConversationTurn
    from clarion._conversation.store import StoredConversation
    from clarion._prompt import Message

Format = Literal["markdown", "json"]

SPEAKERS = {"user": "You", "assistant": "Claude", "system": "System"}


def exported(entry: StoredConversation, turns: Sequence[ConversationTurn], format: Format) -> str:
    """Return a conversation as text. Raises InvalidSettingError for a format that is not known."""
    if format not in FORMATS:
        raise InvalidSettingError(f"format must be one of {', '.join(FORMATS)}; got {format!r}")
    return FORMATS[format](entry, turns)


def as_markdown(entry: StoredConversation, turns: Sequence[ConversationTurn]) -> str:
    """Return a conversation to be read: who said what, calls of tools, and where an answer was cut off."""
    parts = [f"# {entry.name}", f"Begun {_when(entry.created)}, {number_of(len(turns), 'turn')}."]
    if system := entry.settings.get("system"):
        parts += ["## System", _text(system)]
    for turn in turns:
        if turn.kind == "summary":
            parts.append("*From here on, this summary stands for what came before.*")
        for message in turn.messages:
            parts += [f"## {_speaker(message)}", *_parts(message["content"])]
        if turn.kind == "partial":
            parts.append("*The answer was interrupted here.*")
    return "\n\n".join(parts) + "\n"


def as_json(entry: StoredConversation, turns: Sequence[ConversationTurn]) -> str:
    """Return a conversation with all that is known of it; times in seconds since the epoch, money in US dollars."""
    told = {
        "name": entry.name,
        "created": entry.created,
        "changed": entry.changed,
        "settings": entry.settings,
        "turns": [
            {
                "kind": turn.kind,
                "at": turn.at,
                "model": turn.model,
                "usage": turn.usage.to_dict(),
                "cost": None if turn.cost is None else turn.cost.to_dict(),
                "messages": [dict(message) for message in turn.messages],
            }
            for turn in turns
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n"


FORMATS = {"markdown": as_markdown, "json": as_json}


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _speaker(message: Message) -> str:
    content = message["content"]
    if not isinstance(content, str) and all(block["type"] == "tool_result" for block in content):
        return "Tools"
    model = getattr(message, "model", None)
    return SPEAKERS[message["role"]] + (f" ({model})" if model else "")


def _parts(content: Any) -> Iterator[str]:
    blocks: Iterable[Any] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    for block in blocks:
        match block:
            case {"type": "text", "text": str(text)} | {"type": "compaction", "content": str(text)}:
                yield text
            case {"type": "thinking", "thinking": str(text)}:
                if text:
                    yield "\n".join(f"> {line}".rstrip() for line in text.splitlines())
            case {"type": "tool_use", "name": name, "input": given}:
                yield f"Calls `{name}`:"
                yield _fenced(orjson.dumps(given, option=orjson.OPT_INDENT_2).decode(), "json")
            case {"type": "tool_result"}:
                yield _fenced(_text(block.get("content") or ""))
            case {"type": "redacted_thinking"}:
                continue
            case {"type": kind}:
                yield f"[{kind}]"


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "\n\n".join(_parts(content))


def _fenced(text: str, language: str = "") -> str:
    """Return a code block whose fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
