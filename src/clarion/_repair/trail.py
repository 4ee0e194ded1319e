"""What the model reads before a thinking block, as digests: whether mending changed it.

Thinking of the newest models is bound to it. What is no part of it: how messages of one role are cut, cache marks,
fields that the API does not take, and thinking itself. Source: Claude documentation, "Preserved thinking" (2026).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from clarion._repair.blocks import KINDS, THINKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion._repair.draft import Slot, Turn

UNREAD = ("cache_control", "type")


class Trail:
    """Walks a history and remembers, for every thinking block, what came before it."""

    def __init__(self) -> None:
        self._digest = blake2b(digest_size=16)
        self.before: dict[int, bytes] = {}  # by the identity of the slot

    @classmethod
    def of(cls, turns: Iterable[Turn]) -> Trail:
        """Walk messages as they are."""
        trail = cls()
        for turn in turns:
            for slot in turn.slots:
                trail.add(turn.role, slot.block, [slot])
        return trail

    def add(self, role: str, block: Any, slots: Iterable[Slot], *, is_lossy: bool = False) -> None:
        """Go past a block that was read into slots."""
        if isinstance(block, dict) and block.get("type") in THINKING:
            self.before |= {id(slot): self._digest.digest() for slot in slots}
            return
        self._digest.update(f"{role}{'!' if is_lossy else ':'}".encode())
        self._digest.update(orjson.dumps(_essence(block), option=orjson.OPT_SORT_KEYS, default=repr))

    def add_junk(self, where: str) -> None:
        """Go past something that is not in the history any more."""
        self._digest.update(b"junk" + where.encode())


def _essence(block: Any) -> Any:
    """Return what a model reads of a block, however it is written down."""
    if isinstance(block, str):
        return {"text": block, "type": "text"}
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return block
    known = KINDS.get(block["type"])
    kept = {key: value for key, value in block.items() if key not in UNREAD and (known is None or key in known.fields)}
    if block["type"] == "tool_result":
        kept["content"] = _inner(block.get("content"))
    return {key: value for key, value in kept.items() if value or key in ("input", "text")} | {"type": block["type"]}


def _inner(content: Any) -> Any:
    if isinstance(content, str):
        return [_essence(content)] if content else []
    return [_essence(part) for part in content] if isinstance(content, list) else content
