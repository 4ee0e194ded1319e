"""The conversation before a thinking block, as digests: what the block is bound to on the models that bind.

System prompt, tools and every turn have a digest of their own, so that a refusal can name what changed. Cache
marks, deferred tools and thinking itself leave none, nor do messages that a summary stands for; neighbouring messages
of one role are one turn, as in the prompt.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from clarion.emulator.call import blocks_of, is_summary

__all__ = ["DIGEST", "MOST_TURNS", "Marks", "Trail"]

DIGEST = 6  # bytes; a slip in 2^48 is no concern of an emulator
MOST_TURNS = 500  # kept of a conversation, its first; keeps a signature in bounds
UNTRACED = frozenset({"thinking", "redacted_thinking"})


@dataclass(frozen=True, slots=True)
class Marks:
    """The digests of a conversation up to some point, turn by turn."""

    system: bytes
    tools: bytes
    turns: tuple[bytes, ...] = ()

    def change(self, now: Marks) -> Literal["system", "tools", "turns"] | None:
        """Say what is no longer as it was; None when nothing is. Turns beyond `MOST_TURNS` may change."""
        if now.system != self.system:
            return "system"
        if now.tools != self.tools:
            return "tools"
        return None if now.turns[:MOST_TURNS] == self.turns[:MOST_TURNS] else "turns"


class Trail:
    """Walks a conversation and says, anywhere in it, what has come before."""

    def __init__(self, body: dict[str, Any]) -> None:
        """Start before the first message of a request."""
        self._system = _digest([block["text"] for block in blocks_of(body.get("system") or [])])
        self._tools = _digest([_bare(tool) for tool in body.get("tools") or () if not tool.get("defer_loading")])
        self._turns: tuple[bytes, ...] = ()
        self._role = ""
        self._turn = hashlib.blake2b(digest_size=DIGEST)
        self._is_open = False

    @classmethod
    def of(cls, body: dict[str, Any]) -> Trail:
        """Walk all messages of a request: what comes next is its answer."""
        trail = cls(body)
        for message in body["messages"]:
            for block in blocks_of(message["content"]):
                trail.add(message["role"], block)
        trail.turn_to("assistant")
        return trail

    def turn_to(self, role: str) -> None:
        """Say who speaks next; another role closes the turn."""
        if role != self._role:
            self._turns = self.marks().turns
            self._role, self._is_open = role, False
            self._turn = hashlib.blake2b(digest_size=DIGEST)

    def add(self, role: str, block: dict[str, Any]) -> None:
        """Go past a block."""
        self.turn_to(role)
        if is_summary(block):
            self._turns = ()
            self._turn = hashlib.blake2b(digest_size=DIGEST)
        if block["type"] not in UNTRACED:
            self._turn.update(orjson.dumps(_essence(block), option=orjson.OPT_SORT_KEYS))
            self._is_open = True

    def marks(self) -> Marks:
        """Return the digests of all that has been passed."""
        turns = (*self._turns, self._turn.digest()) if self._is_open else self._turns
        return Marks(self._system, self._tools, turns)


def _essence(block: dict[str, Any]) -> dict[str, Any]:
    """Return what the model reads of a block, however a client wrote it down."""
    match block["type"]:
        case "text":
            return {"text": block["text"]}
        case "tool_use" | "server_tool_use":
            return {"id": block["id"], "name": block["name"], "input": block["input"]}
        case "tool_result":
            content = [_essence(part) for part in blocks_of(block.get("content") or [])]
            return {"of": block["tool_use_id"], "content": content, "is_error": bool(block.get("is_error"))}
        case _:
            return _bare(block)


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if each is not None and key != "cache_control"}


def _digest(parts: list[Any]) -> bytes:
    return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=DIGEST).digest()
