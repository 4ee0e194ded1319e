"""Fingerprints: two pieces of JSON data that say the same have the same one."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

__all__ = ["fingerprint", "unmarked"]


def fingerprint(data: object) -> str:
    """Return a short fingerprint of JSON data; the order of keys does not count."""
    return hashlib.blake2b(orjson.dumps(data, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def unmarked(content: Any) -> Any:
    """Return content as blocks without cache marks, which move from call to call."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        return content
    return [_unmarked(block) if isinstance(block, dict) else block for block in content]


def _unmarked(block: dict[str, Any]) -> dict[str, Any]:
    bare = {key: value for key, value in block.items() if key != "cache_control"}
    return bare | {"content": unmarked(bare["content"])} if isinstance(bare.get("content"), list) else bare
