"""A row as it goes into a journal, and as it comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row as it was read. `digest` is of its request, where identical ones are sent once."""

    input: Any
    place: str
    custom_id: str | None = None
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A row and what is known of it. `state` is the name of its state; what has not come is None."""

    seq: int
    custom_id: str | None
    place: str
    input: str
    state: str
    attempt: int
    answer: str | None
    error: str | None
    detail: str | None
    model: str | None
    stop_reason: str | None
    request_id: str | None
    latency: float | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_creation_tokens: int | None
    cost_nano: int | None
