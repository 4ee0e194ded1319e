"""Lanes: whose call it is.

Each lane has its own place in a scenario, so that programs that share an emulator, and the conversations of one
program, do not take each other's steps.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.emulator.script.condition import Sight

__all__ = ["HEADER", "LANES", "check_lane", "digest", "lane_of", "unmarked"]

HEADER = "x-scenario-lane"
NAMED = "header:"


def lane_of(kind: str, sight: Sight) -> str:
    """Return the name of the lane a call is in, for lanes of this kind."""
    if kind.startswith(NAMED):
        return sight.headers.get(kind.removeprefix(NAMED).lower(), "")
    return LANES[kind](sight)


def check_lane(kind: str) -> str:
    """Return the kind of lane if there is such.

    Raises:
        ValueError: There is not.

    """
    if kind in LANES or (kind.startswith(NAMED) and kind != NAMED):
        return kind
    raise ValueError(f"there is no lane {kind!r}; lanes: {', '.join(LANES)}, or header:NAME")


def digest(data: object) -> str:
    """Return a short fingerprint of JSON data."""
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


def _session(sight: Sight) -> str:
    """A conversation: the lane header if it is sent, else the key and the message that began it."""
    if named := sight.headers.get(HEADER):
        return named
    messages = sight.body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return digest([sight.key, unmarked(first.get("content")) if isinstance(first, dict) else None])


def _key(sight: Sight) -> str:
    return digest(sight.key)  # a name that may be shown


LANES: dict[str, Callable[[Sight], str]] = {
    "session": _session,
    "key": _key,
    "model": lambda sight: str(sight.body.get("model", "")),
    "one": lambda _: "",
}
