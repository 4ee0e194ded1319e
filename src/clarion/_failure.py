"""A failed call as a value: what a decision about it, or a sentence about it, needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call failed. `status` and `type` are the HTTP status and the API's name of the error, where it came."""

    kind: Literal["status", "connection", "timeout", "other"]
    message: str
    status: int | None = None
    type: str | None = None
    request_id: str | None = None
