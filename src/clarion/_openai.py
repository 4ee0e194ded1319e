"""Pieces of OpenAI's chat API as content blocks: calls of tools, and parts of messages. Pure.

What has no counterpart is None, for the caller to name.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

Block = dict[str, Any]

DATA_URL = re.compile(r"data:(?P<type>[\w/+.-]+);base64,(?P<data>.*)", re.DOTALL)


def block_of_call(call: Any) -> Block | None:
    """Return a call of a function as a block; None for arguments that are no JSON object, or what is no call."""
    match call:
        case {"id": id, "function": {"name": name, **rest}}:
            arguments: Any = rest.get("arguments") or "{}"
            try:
                given = orjson.loads(arguments)
            except (orjson.JSONDecodeError, TypeError):
                return None
            return {"type": "tool_use", "id": id, "name": name, "input": given} if isinstance(given, dict) else None
    return None


def block_of_part(part: Any) -> Block | None:
    """Return a part of a message as a block; None for one that has no counterpart."""
    match part:
        case {"type": "text" | "input_text" | "output_text", "text": text}:
            return {"type": "text", "text": text}
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            found = DATA_URL.fullmatch(url)
            if found is None:
                return {"type": "image", "source": {"type": "url", "url": url}}
            source = {"type": "base64", "media_type": found["type"], "data": found["data"]}
            return {"type": "image", "source": source}
    return None
