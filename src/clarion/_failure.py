"""A failed call as a value: what a decision about it, or a sentence about it, needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._reply import Reply

Kind = Literal["status", "connection", "timeout", "stream", "answer", "circuit", "ledger", "local", "other"]

HOPELESS_TYPES = frozenset(
    {"invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error"}
)
TEMPORARY = frozenset({408, 409, 429, *range(500, 600)})  # statuses after which the same call may well succeed
HOPELESS = frozenset({401, 402, 403})  # statuses that every other call would meet, too
OUT_OF_MONEY = ("Your credit balance is too low", "You have reached your specified")  # with status 400
SPEND_CAPS = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call failed, and when.

    `kind` says how: with an HTTP status, without a connection, by a timeout, in the middle of a stream, by an
    answer that is none, or without a call, by an open circuit breaker, by the ledger and its budgets, or by what is on
    this machine (`local`): certificates that are not trusted, a header that cannot be sent. `status`,
    `type` and `code` are the HTTP status and the API's names of the error, where they came; `retry_after` is in
    seconds; `should_retry` is what the server itself says of it. `text` is what a stream had shown, `partial` the
    reply as far as it had come. `started` and `ended` are readings of one monotonic clock, in seconds. `error` is
    what is raised in the end; `headers` are the answer's.
    """

    kind: Kind
    message: str
    status: int | None = None
    type: str | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    should_retry: bool | None = None
    text: str = ""
    partial: Reply | None = None
    started: float = 0.0
    ended: float = 0.0
    error: Exception = field(default_factory=Exception, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_overload(self) -> bool:
        """Whether the service, not the caller, is over its capacity."""
        return self.status == 529 or self.type == "overloaded_error"

    @property
    def is_the_servers(self) -> bool:
        """Whether the server is to blame, and not the caller, the caller's limits, or what stands in between."""
        if self.kind == "status":
            return (self.status or 0) >= 500 or self.is_overload
        return self.kind in ("connection", "timeout") or (self.kind == "stream" and self.is_temporary)

    @property
    def is_spend_cap(self) -> bool:
        """Whether a limit of money was reached, which no waiting within a turn will lift."""
        return self.code in SPEND_CAPS

    @property
    def concerns_all(self) -> bool:
        """Whether every other call would meet the same failure, and nothing but the user can mend it."""
        if self.kind in ("ledger", "local") or self.is_spend_cap or self.status in HOPELESS:
            return True
        return self.status == 400 and self.message.startswith(OUT_OF_MONEY)

    @property
    def is_temporary(self) -> bool:
        """Whether the same call may well succeed later."""
        if self.is_spend_cap:
            return False
        if self.should_retry is not None:
            return self.should_retry
        if self.kind == "stream":
            return self.type not in HOPELESS_TYPES
        if self.kind == "status":
            return self.status in TEMPORARY
        return self.kind in ("connection", "timeout")
