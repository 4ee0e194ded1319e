"""Errors of the SDK as values, on which is decided what comes next."""

from __future__ import annotations

import email.utils
import time
from typing import TYPE_CHECKING, Any

from clarion._errors import NotAMessageError, StreamInterrupted
from clarion._failure import Failure, Kind
from clarion._telemetry import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._reply import Reply

NOT_FOUND = 404
CLOSED = ("the client has been closed", "Session is closed", "Event loop is closed")
SHOULD_RETRY = {"true": True, "false": False}


def failure_of(error: Exception, started: float = 0.0, partial: Reply | None = None) -> Failure | None:
    """Return an error of the SDK, or of an answer that was none, as a value; None for an error of any other kind."""
    import anthropic

    when: dict[str, Any] = {"started": started, "ended": time.monotonic(), "error": error}
    match error:
        case StreamInterrupted():
            return Failure(
                kind="stream",
                message=str(error),
                type=error.error_type,
                request_id=error.request_id,
                text=error.text,
                partial=partial,
                **when,
            )
        case NotAMessageError():
            broken_off = not error.body.strip() or error.body.lstrip()[:1] == b"{"
            kind: Kind = "stream" if broken_off else "answer"
            return Failure(kind=kind, message=str(error), request_id=error.request_id, **when)
        case anthropic.APIStatusError():
            if error.status_code == NOT_FOUND and "/v1/v1/" in str(error.request.url):
                _note(error, "the base URL should not end in /v1, which the SDK adds")
            return Failure(
                kind="status",
                message=error.api_message or error.message,
                status=error.status_code,
                type=error.type,
                code=error.error_code,
                request_id=error.request_id,
                retry_after=retry_after_in(error.response.headers),
                should_retry=SHOULD_RETRY.get(error.response.headers.get("x-should-retry", "")),
                headers=error.response.headers,
                **when,
            )
        case anthropic.APITimeoutError():
            return Failure(kind="timeout", message="no answer in time", **when)
        case anthropic.APIConnectionError():
            where = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
            message = redacted(f"cannot reach {where}: {str(error.__cause__ or '') or error.message}")
            _note(error, message)
            return Failure(kind="local" if _is_local(error) else "connection", message=message, **when)
        case anthropic.AnthropicError():
            return Failure(kind="other", message=str(error), **when)
    return None


def _note(error: Exception, text: str) -> None:
    """Add what an error does not say by itself, once."""
    if text not in getattr(error, "__notes__", ()):
        error.add_note(text)


def _is_local(error: BaseException | None) -> bool:
    """Whether a connection failed by what is here, not on the way: certificates, the request, a closed client."""
    import ssl

    import httpx2

    if error is None:
        return False
    here = (ssl.SSLCertVerificationError, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)
    is_here = isinstance(error, here) or any(closed in str(error) for closed in CLOSED)
    return is_here or _is_local(error.__cause__ or error.__context__)


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Return what `retry-after` asks for, in seconds; None where it asks nothing that can be understood."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * scale)
        except (KeyError, ValueError):
            continue
    moment = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return None if moment is None else max(0.0, email.utils.mktime_tz(moment) - time.time())
