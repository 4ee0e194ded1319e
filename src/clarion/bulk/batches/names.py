"""Custom ids, which name the job, the row and the attempt; and what a line of results says. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from clarion._failure import Failure, Kind

PREFIX = "clarion"

# The API's names of errors, and the HTTP status each has in an answer of its own.
STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one request: a message, a failure, or neither, when it was `canceled` or has `expired`."""

    seq: int
    attempt: int
    kind: str
    message: dict[str, Any] | None = None
    failure: Failure | None = None


def custom_id(key: str, seq: int, attempt: int) -> str:
    """Return the custom id of a row's attempt."""
    return f"{PREFIX}-{key}-{seq}-{attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a result comes from: the API's name of its batch, when that was created, and whether it was emulated.

    `at` is in seconds since the epoch.
    """

    batch_id: str
    at: float
    emulated: bool

    def key_of(self, custom_id: str) -> bytes:
        """Return what names a result of the batch in a ledger."""
        return hashlib.blake2b(f"{self.batch_id}/{custom_id}".encode(), digest_size=16).digest()


def row_of(custom_id: object, key: str) -> tuple[int, int] | None:
    """Return the row and the attempt that a custom id names; None if it is not of this job."""
    match str(custom_id).split("-"):
        case [prefix, job, seq, attempt] if prefix == PREFIX and job == key and seq.isdecimal() and attempt.isdecimal():
            return int(seq), int(attempt)
    return None


def read_result(line: bytes, key: str) -> Result | None:
    """Return what a line of results says; None if it is of another job. Raises ValueError for what is no result."""
    said = orjson.loads(line)
    if not isinstance(said, dict) or not isinstance(said.get("result"), dict):
        raise ValueError(f"not a result: {line[:80]!r}")
    if (row := row_of(said.get("custom_id"), key)) is None:
        return None
    seq, attempt = row
    result: dict[str, Any] = said["result"]
    kind = str(result.get("type"))
    match result:
        case {"type": "succeeded", "message": {"content": list()}}:
            return Result(seq=seq, attempt=attempt, kind=kind, message=result["message"])
        case {"type": "canceled" | "expired"}:
            return Result(seq=seq, attempt=attempt, kind=kind)
        case {"type": "errored", "error": dict(error)}:
            return Result(seq=seq, attempt=attempt, kind=kind, failure=_failure(error))
    unread = Failure(kind="answer", message=f"a result that is none: {line[:80]!r}")
    return Result(seq=seq, attempt=attempt, kind="errored", failure=unread)


def _failure(said: dict[str, Any]) -> Failure:
    inner = said.get("error")
    error: dict[str, Any] = inner if isinstance(inner, dict) else said
    name = str(error.get("type"))
    status = STATUSES.get(name)
    kind: Kind = "other" if status is None else "status"
    details = error.get("details")
    return Failure(
        kind=kind,
        message=str(error.get("message")),
        status=status,
        type=name,
        code=details.get("error_code") if isinstance(details, dict) else None,
        request_id=said.get("request_id"),
    )
