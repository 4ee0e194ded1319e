"""What comes in place of an answer: an error of the API, bytes of somebody else, or no reply at all.

A reply is given the response there would have been and returns its own, or raises what the emulator turns
into one. It keeps the response's delay.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from clarion.emulator.wire import ERROR_TYPES, ConnectionLost, Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Never

    from clarion.emulator.recording.recording import Recording

__all__ = ["ApiError", "Gone", "Raw", "Recorded", "Reply", "message_of", "status_of", "type_of"]

MESSAGES = {
    400: "The request is invalid.",
    401: "invalid x-api-key",
    403: "Your API key does not have permission to use the specified resource.",
    404: "The requested resource could not be found.",
    408: "Request timed out",
    413: "Request exceeds the maximum size",
    429: "This request would exceed your organization's rate limit. Please try again later.",
    500: "Internal server error",
    503: "Service unavailable",
    504: "Request timed out",
    529: "Overloaded",
}
STATUSES = {type: status for status, type in reversed(ERROR_TYPES.items())}


class Reply(Protocol):
    """Something in place of an answer."""

    def instead(self, plain: Response) -> Response:
        """Return what is sent instead of the plain answer, or raise it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error with the API's own body."""

    status: int
    type: str
    message: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def instead(self, plain: Response) -> Never:
        """Raise the error; the emulator makes the API's answer of it."""
        details = {"error_code": self.code} if self.code else None
        raise Refusal(self.status, self.message, details, self.headers, kind=self.type, delay=plain.delay)


@dataclass(frozen=True, slots=True)
class Raw:
    """Any bytes, under the headers of the plain answer or under others."""

    data: bytes
    status: int = 200
    headers: Mapping[str, str] | None = None

    def instead(self, plain: Response) -> Response:
        """Return the bytes as an answer."""
        headers = plain.headers if self.headers is None else dict(self.headers)
        return replace(plain, status=self.status, headers=headers, body=self.data)


@dataclass(frozen=True, slots=True)
class Gone:
    """No reply: the connection is reset, or closed."""

    is_reset: bool

    def instead(self, plain: Response) -> Never:
        """Raise the loss of the connection."""
        raise ConnectionLost(self.is_reset, plain.delay)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was answered at another time."""

    recording: Recording
    is_timed: bool

    def instead(self, plain: Response) -> Response:
        """Return the answer, fresh, after the plain one's delay."""
        return replace(self.recording.response(is_timed=self.is_timed), delay=plain.delay)


def type_of(status: int) -> str:
    """Return the error type the API uses with a status; it documents none for some."""
    return ERROR_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")


def status_of(type: str) -> int:
    """Return the status the API uses with an error type; 500 for one we do not know."""
    return STATUSES.get(type, 500)


def message_of(status: int) -> str:
    """Return a message as the API words it."""
    return MESSAGES.get(status, "An error occurred")
