"""Why a prompt did not begin as the one before it: the request that gave a message is remembered by its fingerprint.

Only requests that ask for diagnostics are remembered. The comparison is of the requests, whether or not anything was
cached, and names the first difference in the order model, tools, system, messages. Source: Claude documentation, "Cache
diagnostics", November 2026; the order of tools and system is that of the prompt.
"""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator import tokens
from clarion.emulator.cache.prefix import canonical, manner
from clarion.emulator.call import blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.emulator.call import Call
    from clarion.emulator.tokens import Level, Part

__all__ = ["Diagnostics"]

MOST_KEPT = 1_000  # requests; beyond it the oldest are forgotten
HORIZON = 2_000  # blocks of messages that are remembered of a request
SIZE = 8  # bytes of a hash
NOT_FOUND = {"type": "previous_message_not_found"}
UNAVAILABLE = {"type": "unavailable"}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A request without its content: hashes, and the tokens up to the tools' end and around each message block.

    `messages` are the hashes of all blocks in a row, to take little room.
    """

    scope: str
    model: str
    tools: bytes
    system: bytes
    rest: bytes
    messages: bytes
    tools_end: int
    ends: array[int]
    total: int


class Diagnostics:
    """The fingerprints of the requests that gave the latest messages, by message. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Fingerprint] = OrderedDict()

    def diagnose(self, call: Call, scope: str, id: str) -> dict[str, Any] | None:
        """Remember the request that gives a message and return what its answer says of the one before it."""
        asked = call.body.get("diagnostics")
        if asked is None:
            return None
        new = _fingerprint(call, scope)
        previous = asked.get("previous_message_id")
        with self._lock:
            old = self._kept.get(previous) if previous else None
            self._kept[id] = new
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        if previous is None:
            return None
        reason = _difference(old, new) if old and old.scope == scope else NOT_FOUND
        return reason and {"cache_miss_reason": reason}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def _fingerprint(call: Call, scope: str) -> Fingerprint:
    parts: dict[Level, list[Part]] = {"tools": [], "system": [], "messages": []}
    for part in tokens.parts(call):
        parts[part.level].append(part)
    tools, system = (sum(part.tokens for part in parts[level]) for level in ("tools", "system"))
    ends = tuple(accumulate((part.tokens for part in parts["messages"]), initial=tools + system))
    return Fingerprint(
        scope=scope,
        model=f"{call.model.id} {'fast' if call.is_fast else 'standard'}",
        tools=_digest(canonical(tool) for tool in call.tools),
        system=_digest(canonical(block) for block in blocks_of(call.body.get("system") or [])),
        rest=_digest([orjson.dumps([manner(call), call.schema, sorted(call.betas)])]),
        messages=b"".join(_digest([canonical(part.block, part.role)]) for part in parts["messages"][:HORIZON]),
        tools_end=tools,
        ends=array("Q", ends[: HORIZON + 1]),
        total=ends[-1],
    )


def _difference(old: Fingerprint, new: Fingerprint) -> dict[str, Any] | None:
    """Return the first difference between two requests; None where the second goes on from the first."""
    if old.model != new.model:
        return _changed("model", old.total)
    if old.tools != new.tools:
        return _changed("tools", old.total)
    if old.system != new.system:
        return _changed("system", old.total - old.tools_end)
    if old.rest != new.rest:
        return UNAVAILABLE
    starts = range(0, len(old.messages), SIZE)
    changed = next((at for at in starts if old.messages[at : at + SIZE] != new.messages[at : at + SIZE]), None)
    if changed is not None:
        return _changed("messages", old.total - old.ends[changed // SIZE])
    return UNAVAILABLE if len(old.messages) == HORIZON * SIZE else None


def _changed(what: str, missed: int) -> dict[str, Any]:
    return {"type": f"{what}_changed", "cache_missed_input_tokens": missed}


def _digest(pieces: Iterable[bytes]) -> bytes:
    return hashlib.blake2b(b"\0".join(pieces), digest_size=SIZE).digest()
