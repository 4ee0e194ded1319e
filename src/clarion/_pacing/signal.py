"""What an answer says of the limits: its status, the `anthropic-ratelimit-*` headers, and the sentence of a refusal.

Source: Claude documentation, "Rate limits" (August 2026): token levels are rounded to thousands; `reset` is the moment
when the bucket will be full, in RFC 3339; `retry-after` is in seconds, and earlier retries fail. That usage grows too
fast is told by an error code, or by a message alone, as in 2025: of the "maximum usage increase rate for input tokens
per minute" and the "acceleration limit". What cannot be read, or cannot be, is left out: a header never stops anybody.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from clarion._failure import SPEND_CAPS

if TYPE_CHECKING:
    from collections.abc import Mapping

Refusal = Literal["limit", "ramp", "overload"]

ABSURD = 1e12  # no limit is that high, and no wait that long
NAMED = re.compile(r"\b(requests|input tokens|output tokens|tokens)\b[^.]*\bper.minute", re.IGNORECASE)
GROWTH = re.compile(r"\b(acceleration limit|usage increase rate)\b", re.IGNORECASE)
PLACES = {"requests": 0, "input tokens": 1, "tokens": 1, "output tokens": 2}


class Reading(NamedTuple):
    """One limit, a minute; what is left of its bucket; in how many seconds that will be full, where it is said."""

    limit: float
    remaining: float
    full_in: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What one answer says of the limits.

    `readings` are those of requests, input tokens and output tokens. `refusal` says why the request was not served:
    a limit was reached, usage has grown too fast, or the service is over its capacity; None if it was served, or
    failed for a reason that is none of a pacer's. `named` is the place of the limit a refusal names.
    """

    readings: tuple[Reading | None, Reading | None, Reading | None] = (None, None, None)
    refusal: Refusal | None = None
    named: int | None = None
    retry_after: float | None = None

    @classmethod
    def of(
        cls,
        status: int,
        headers: Mapping[str, str],
        *,
        code: str | None = None,
        message: str = "",
        fast: bool = False,
    ) -> Signal:
        """Read an answer; names of headers in lower case, or in a mapping that does not care.

        `code` and `message` are the API's of an error; `fast` mode has headers of its own for tokens.
        """
        now = _moment(headers.get("date", ""))
        requests, input_tokens, output_tokens = _header_names(fast)
        readings = (
            _reading(headers, requests, now),
            _reading(headers, input_tokens, now),
            _reading(headers, output_tokens, now),
        )
        refusal = _refusal(status, code, message)
        if refusal is None:
            return cls(readings=readings)
        named = NAMED.search(message) if refusal == "limit" else None
        return cls(
            readings=readings,
            refusal=refusal,
            named=PLACES[named[1].lower()] if named else _empty(readings) if refusal == "limit" else None,
            retry_after=_number(headers.get("retry-after", "")),
        )


def _refusal(status: int, code: str | None, message: str) -> Refusal | None:
    if status == 529:
        return "overload"
    if status != 429 or code in SPEND_CAPS:
        return None
    return "ramp" if code == "ramp_limit_exceeded" or GROWTH.search(message) else "limit"


def _empty(readings: tuple[Reading | None, ...]) -> int | None:
    return next((place for place, reading in enumerate(readings) if reading and reading.remaining < 1), None)


def _reading(headers: Mapping[str, str], names: tuple[str, str, str], now: float | None) -> Reading | None:
    limit, remaining = _number(headers.get(names[0], "")), _number(headers.get(names[1], ""))
    if not limit or remaining is None:
        return None
    full = _moment(headers.get(names[2], "")) if now is not None else None
    return Reading(limit, min(remaining, limit), None if full is None or now is None else max(0.0, full - now))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < ABSURD else None  # which is false for what is no number, too


@lru_cache
def _header_names(fast: bool) -> tuple[tuple[str, str, str], ...]:
    tokens = "anthropic-fast" if fast else "anthropic-ratelimit"
    limits = ("anthropic-ratelimit-requests", f"{tokens}-input-tokens", f"{tokens}-output-tokens")
    return tuple((f"{limit}-limit", f"{limit}-remaining", f"{limit}-reset") for limit in limits)


@lru_cache(maxsize=256)  # within a second they are all the same
def _moment(text: str) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            value = read(text).timestamp()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return value if math.isfinite(value) else None
    return None
