"""One attempt that has ended, as a value: what the ledger keeps of it, a line of the log says, and a span shows."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clarion._cost import HOUR, Cost, Unpriced, cost_of_message, hour
from clarion._failure import Failure
from clarion._usage import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._catalog import Catalog
    from clarion._reply import Reply
    from clarion._steps import Send
    from clarion._telemetry.spans import AttemptSpan

ABANDONED = "abandoned"  # nobody waited for the end of the call


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was let go: when it began, in seconds since the epoch, what is held for it, and its span.

    `key` names a call whose outcome may come more than once, and is recorded once.
    """

    send: Send
    at: float
    hold: int | None = None
    key: bytes | None = None
    span: AttemptSpan | None = None

    def current(self) -> AbstractContextManager[None]:
        """Return the context in which the call is made in one go."""
        return NOWHERE if self.span is None else self.span.current()


NOWHERE: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One attempt, as it went. Never a prompt or an answer.

    `at` is in seconds since the epoch, `latency` and `first_token` in seconds. `asked` is the model that was asked,
    `model` the one that answered, if one did. `error` is what the failure is called, None for an answer; `cost` is None
    where it is not known: the model has no known price, or no answer came.
    """

    at: float
    asked: str
    model: str
    tags: Mapping[str, str]
    status: int | None
    error: str | None
    request_id: str | None
    latency: float
    first_token: float | None
    emulated: bool
    stop_reason: str | None
    usage: Usage
    cost: Cost | None


class Ended:
    """An attempt that has ended. Its record is worked out when somebody asks for it, once.

    `came` is None for a call that was abandoned; `partial` is the reply as far as it had come.
    """

    def __init__(
        self,
        call: Call,
        came: Reply | Failure | None,
        partial: Reply | None,
        *,
        latency: float,
        catalog: Catalog,
        emulated: bool,
    ) -> None:
        self.call = call
        self.came = came
        self.failure = came if isinstance(came, Failure) else None
        self.reply: Reply | None = partial if came is None else came.partial if isinstance(came, Failure) else came
        self._latency = latency
        self._catalog = catalog
        self._emulated = emulated

    @property
    def error(self) -> str | None:
        """What the failure is called; None for an answer."""
        if self.failure is not None:
            return name_of(self.failure)
        return ABANDONED if self.came is None else None

    @cached_property
    def record(self) -> Record:
        """The record of the attempt."""
        call, failure, reply = self.call, self.failure, self.reply
        message: dict[str, Any] = reply.message if reply else {}
        asked = str(call.send.body["model"])
        return Record(
            at=call.at,
            asked=asked,
            model=str(message.get("model") or asked),
            tags=call.send.tags,
            status=failure.status if failure and not reply else 200 if reply else None,
            error=self.error,
            request_id=reply.request_id if reply else failure.request_id if failure else None,
            latency=self._latency,
            first_token=reply.time_to_first_token if reply else None,
            emulated=self._emulated or bool(reply and reply.emulated),
            stop_reason=message.get("stop_reason"),
            usage=reply.usage if reply else Usage(),
            cost=self._cost(reply, asked) if reply else _cost_without_reply(failure),
        )

    def _cost(self, reply: Reply, asked: str) -> Cost | None:
        """Return the cost by the prices of the hour in which the call began: they do not change within one."""
        at = hour(int(self.call.at // HOUR))
        cost = cost_of_message(reply.message, self._catalog, model=asked, at=at, parts=reply.parts)
        return None if isinstance(cost, Unpriced) else cost


def name_of(failure: Failure) -> str:
    """Return what a failure is called: by its code, by the API's type of error, or by how it failed."""
    return failure.code or failure.type or failure.kind


def _cost_without_reply(failure: Failure | None) -> Cost | None:
    """Return what a call without any reply costs: nothing if the API refused it; else nobody knows."""
    return Cost() if failure and failure.kind == "status" else None
