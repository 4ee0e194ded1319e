"""What must not be on a tape: keys, cookies, and whose account it was.

Headers are kept by name, and all others left out, since a list of secrets is never complete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["bare_request", "bare_response", "scrubbed"]

ASKED = ("anthropic-version", "anthropic-beta", "content-type")
ANSWERED = ("content-type", "request-id", "retry-after", "retry-after-ms", "x-should-retry", "via")
LIMITS = ("anthropic-ratelimit-", "anthropic-priority-", "anthropic-fast-")
ACCOUNT = ("anthropic-organization-id", "anthropic-workspace-id")
KEY = re.compile(rb"sk-ant-[A-Za-z0-9_-]{4,}")


def bare_request(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a request that may be kept, in the order of their names."""
    return {name: value for name, value in _lowered(headers) if name in ASKED}


def bare_response(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that may be kept, in the order of their names."""
    return {name: value for name, value in _lowered(headers) if name in ANSWERED or name.startswith(LIMITS)}


def scrubbed(body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a body without keys, and without the ids of the account that the headers of the answer name."""
    body = KEY.sub(b"sk-ant-...", body)
    for name, value in (headers or {}).items():
        if name.lower() in ACCOUNT and value:
            body = body.replace(value.encode(), b"...")
    return body


def _lowered(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in headers.items())
