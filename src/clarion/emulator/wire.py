"""What goes over the wire: answers, stream chunks, refusals, lost connections, ids and the headers of every answer.

A refusal is raised anywhere below `respond` and becomes an error body there. Ids start with the emulator's
ordinal and end with a hash of the request: two calls never share one, they sort in the order of the calls,
and a run repeats exactly.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

__all__ = ["Chunk", "ConnectionLost", "Refusal", "Response", "Stamp", "error", "invalid", "moment"]

JSON = "application/json"
EVENT_STREAM = "text/event-stream; charset=utf-8"

ORGANIZATION_ID = "00000000-0000-4000-8000-00000000c1a1"
WORKSPACE_ID = "wrkspc_01EmulatedC1arionDefau1t"

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
FIRST = 21 * 58**7  # ids of the first call look as those of any other
HOPELESS = frozenset({401, 404})  # the API says `x-should-retry: false` with these

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed body: wait `delay` seconds, then send `data`."""

    delay: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, to be sent after `delay` seconds.

    `body` is bytes, or an iterator of chunks when the answer is a stream; iterate it once. The iterator raises
    `ConnectionLost` where a script breaks the answer off.
    """

    status: int
    headers: dict[str, str]
    body: bytes | Iterator[Chunk]
    delay: float = 0.0


@dataclass(eq=False, slots=True)
class ConnectionLost(Exception):
    """The connection goes here, before the status line or in the body: reset, or closed like any other."""

    is_reset: bool = False
    delay: float = 0.0  # seconds until it goes


@dataclass(eq=False, slots=True)
class Refusal(Exception):
    """The API refuses the request: an HTTP status and the error it puts in the body, after `delay` seconds.

    The error's type is the one that belongs to the status, unless `kind` says another.
    """

    status: int
    message: str
    details: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    delay: float = 0.0

    @property
    def type(self) -> str:
        """The `error.type` of the body."""
        return self.kind or ERROR_TYPES[self.status]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes the ids of one call its own: its ordinal in this emulator and the hash of what was asked."""

    ordinal: int
    digest: bytes

    @classmethod
    def of(cls, ordinal: int, path: str, body: bytes) -> Stamp:
        """Stamp a call. Only the path and the body count; a retry counter in the headers changes nothing."""
        return cls(ordinal, hashlib.blake2b(body, digest_size=10, key=path.encode()[:64]).digest())

    def id(self, prefix: str, number: int = 0) -> str:
        """Return the id of what this call makes, such as `msg_01...`; further ones of a kind are numbered."""
        digest = self.digest
        if number:
            digest = hashlib.blake2b(digest + number.to_bytes(4), digest_size=10).digest()
        return f"{prefix}_01{_base58(FIRST + self.ordinal, 8)}{_base58(int.from_bytes(digest), 14)}"


def invalid(path: str, message: str, **details: Any) -> Refusal:
    """Return the 400 for a field: `path: message`, or the bare message when no field is to blame."""
    return Refusal(400, f"{path}: {message}" if path else message, details or None)


def error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Return what the API says of a refusal, as the body of an answer or the result of a request in a batch."""
    said: dict[str, Any] = {"type": refusal.type, "message": refusal.message}
    if refusal.details:
        said["details"] = refusal.details
    return {"type": "error", "error": said, "request_id": request_id}


def moment(when: datetime | None) -> str | None:
    """Return a time as the API writes it."""
    return None if when is None else when.isoformat(timespec="microseconds").replace("+00:00", "Z")


@lru_cache(256)  # the ids of one call share their parts, and the calls of one prompt
def _base58(number: int, width: int) -> str:
    """Write a number in so many letters, an even number of them."""
    pairs = []
    for _ in range(width // 2):
        number, rest = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[rest])
    return "".join(reversed(pairs))
