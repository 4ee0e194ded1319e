"""What a request comes to: the call it makes, the tokens of its prompt, and the answer if nobody scripts another.

All this depends on the request alone. So it is kept, and a small request that comes again is not looked at again: load
tests ask the same few things over and over. What is refused is not kept, nor what names files, which may change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.answer import answer
from clarion.emulator.cache.prefix import is_marked
from clarion.emulator.cache.store import Reading
from clarion.emulator.compaction import compaction
from clarion.emulator.rules.check import accept
from clarion.emulator.wire import Stamp

if TYPE_CHECKING:
    from datetime import date

    from clarion.emulator.call import Call
    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.message import Message
    from clarion.emulator.state import Profile

__all__ = ["Understanding", "understand"]

SMALL = 8 * 1024  # bytes
MOST = 256  # requests
NOBODY = Stamp(0, b"")  # nothing in a kept answer has an id


@dataclass(frozen=True, slots=True)
class Understanding:
    """A request that has been accepted.

    `reading` says how its prompt is billed; None where the prompt cache has to be asked, or the context is compacted.
    `kept` is its answer, where no part of that has an id.
    """

    call: Call
    input_tokens: int
    reading: Reading | None
    kept: Message | None = None

    def answer(self, stamp: Stamp, seed: int, now: datetime) -> Message:
        """Return the answer, with the ids of its parts."""
        return self.kept or answer(self.call, self.input_tokens, stamp, seed=seed, now=now)


def understand(request: Request, *, counting: bool = False) -> Understanding:
    """Accept a request, or raise the `Refusal` the API would answer with."""
    profile, user_profile = request.state.settings.profile, request.headers.get("anthropic-user-profile-id", "")
    is_small = len(request.exchange.body) <= SMALL  # as it came, which may be compressed
    if is_small and len(data := orjson.dumps(request.body)) <= SMALL and b'"file_id"' not in data:
        seed = request.state.settings.seed
        return _kept(data, request.version, request.betas, counting, profile, request.now.date(), user_profile, seed)
    body = request.state.files.resolved(request.body, request.now, takes_placeholders=request.takes_placeholders)
    return _understood(body, request.version, request.betas, counting, profile, request.now, user_profile)


@lru_cache(MOST)
def _kept(
    data: bytes,
    version: str,
    betas: frozenset[str],
    counting: bool,
    profile: Profile,
    day: date,
    user_profile: str,
    seed: int,
) -> Understanding:
    now = datetime.combine(day, time.min, UTC)
    found = _understood(orjson.loads(data), version, betas, counting, profile, now, user_profile)
    if counting or found.call.tools:
        return found
    return replace(found, kept=answer(found.call, found.input_tokens, NOBODY, seed=seed))


def _understood(
    body: Any,
    version: str,
    betas: frozenset[str],
    counting: bool,
    profile: Profile,
    now: datetime,
    user_profile: str,
) -> Understanding:
    call, input_tokens = accept(
        body, version, betas, counting=counting, profile=profile, now=now, user_profile=user_profile
    )
    is_plain = not is_marked(call) and compaction(call, input_tokens) is None
    return Understanding(call, input_tokens, Reading(input_tokens) if is_plain else None)
