"""A stream put together again: from the bytes to the events, and from the events to the message they tell.

Made for looking at streams that may be spoilt: nothing is refused, and what cannot be read is left as it is.
"""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["events", "message", "text"]

GROWS = {  # a delta's type: the field of the delta, and the field of the block that it lengthens
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("partial_json", "partial_json"),
}


def events(body: bytes) -> list[Any]:
    """Return the data of the server-sent events in order; one that is no JSON is given as text."""
    frames = body.replace(b"\r\n", b"\n").split(b"\n\n")
    return [_data(lines) for frame in frames if (lines := _data_lines(frame))]


def message(events: list[Any]) -> dict[str, Any] | None:
    """Return the message that the events tell as far as they go; an `error` event as it is, None without either."""
    found: dict[str, Any] | None = None
    blocks: list[dict[str, Any]] = []
    for event in events:
        match event:
            case {"type": "message_start", "message": dict() as start}:
                found, blocks = dict(start), []
            case {"type": "error"}:
                return event if found is None else found | {"content": blocks, "error": event.get("error")}
            case {"type": "content_block_start", "content_block": dict() as block}:
                blocks.append(dict(block))
            case {"type": "content_block_delta", "delta": dict() as delta} if blocks:
                _grow(blocks[-1], delta)
            case {"type": "content_block_stop"} if blocks:
                _settle(blocks[-1])
            case {"type": "message_delta", "delta": dict() as delta} if found:
                beside = {name: value for name, value in event.items() if name not in {"type", "delta"}}
                found |= delta | beside | {"usage": _fields(found.get("usage")) | _fields(event.get("usage"))}
    return None if found is None else found | {"content": blocks}


def text(content: object) -> str:
    """Return the text of a message's content: a string as it is, of blocks those that are text."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    found = [block.get("text") for block in blocks if isinstance(block, dict) and block.get("type") == "text"]
    return "".join(part for part in found if isinstance(part, str))


def _data_lines(frame: bytes) -> list[bytes]:
    return [line[5:].removeprefix(b" ") for line in frame.split(b"\n") if line.startswith(b"data:")]


def _data(lines: list[bytes]) -> Any:
    data = b"\n".join(lines)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.decode(errors="replace")


def _grow(block: dict[str, Any], delta: dict[str, Any]) -> None:
    kind = delta.get("type")
    if kind == "citations_delta":
        known = block.get("citations")
        block["citations"] = [*(known if isinstance(known, list) else ()), delta.get("citation")]
    elif kind == "compaction_delta":
        block |= {name: value for name, value in delta.items() if name != "type"}
    elif isinstance(kind, str) and kind in GROWS:
        source, field = GROWS[kind]
        block[field] = str(block.get(field) or "") + str(delta.get(source) or "")


def _fields(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _settle(block: dict[str, Any]) -> None:
    """Read the input of a tool call; what is no JSON stays there as `partial_json`."""
    if partial := block.pop("partial_json", ""):
        try:
            block["input"] = orjson.loads(partial)
        except orjson.JSONDecodeError:
            block["partial_json"] = partial
