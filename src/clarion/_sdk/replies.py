"""Replies, of what was read of an answer and of the response it came in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from clarion._reply import Reply
from clarion._sdk.objects import sdk_message

if TYPE_CHECKING:
    import httpx2

EMULATOR = "clarion-emulator"  # how the emulator names itself in the `server` header


def reply_of(
    message: dict[str, Any], response: httpx2.Response, start: float, first_token: float | None = None
) -> Reply:
    """Return the reply that a message is, in a response to a call that began at `start`, by the monotonic clock."""
    return Reply(
        message=message,
        request_id=request_id_of(response),
        latency=time.monotonic() - start,
        time_to_first_token=first_token,
        emulated=is_of_emulator(response),
        build=sdk_message,
        headers=response.headers,
    )


def is_of_emulator(response: httpx2.Response) -> bool:
    """Whether the emulator answered."""
    return response.headers.get("server") == EMULATOR


def request_id_of(response: httpx2.Response) -> str | None:
    """Return the id that the API gave to a request."""
    return response.headers.get("request-id")
