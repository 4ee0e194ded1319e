"""What the ledger records of one attempt: from what was sent, and what came."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from clarion._cost import Unpriced, cost_of
from clarion._failure import Failure
from clarion._usage import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._catalog import Catalog
    from clarion._reply import Reply
    from clarion._steps import Send

ABANDONED = "abandoned"  # nobody waited for the end of the call


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was let go: when it began, in seconds since the epoch, and what is held for it."""

    send: Send
    at: float
    hold: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One attempt, in the columns of the ledger; tokens by class, `cost_nano` None where the cost is not known."""

    at: float
    model: str
    tags: str
    status: int | None
    error: str | None
    request_id: str | None
    latency: float
    first_token: float | None
    emulated: bool
    input_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cache_read_tokens: int
    output_tokens: int
    searches: int
    cost_nano: int | None

    @classmethod
    def of(
        cls,
        call: Call,
        came: Reply | Failure | None,
        partial: Reply | None,
        latency: float,
        catalog: Catalog,
        *,
        emulated: bool,
    ) -> Entry:
        """Return the entry of an attempt; `came` is None for one that was abandoned, as far as `partial`."""
        failure = came if isinstance(came, Failure) else None
        reply = partial if came is None else came.partial if isinstance(came, Failure) else came
        message: dict[str, Any] = reply.message if reply else {}
        served: dict[str, Any] = message.get("usage") or {}
        model, usage = str(message.get("model") or call.send.body["model"]), Usage.of(served)
        return cls(
            at=call.at,
            model=model,
            tags=tags_of(call.send.tags),
            status=failure.status if failure and not reply else 200 if reply else None,
            error=ABANDONED if came is None else (failure.code or failure.type or failure.kind) if failure else None,
            request_id=reply.request_id if reply else failure.request_id if failure else None,
            latency=latency,
            first_token=reply.time_to_first_token if reply else None,
            emulated=emulated or bool(reply and reply.emulated),
            input_tokens=usage.input_tokens,
            cache_write_5m_tokens=usage.cache_creation_input_tokens - usage.ephemeral_1h_input_tokens,
            cache_write_1h_tokens=usage.ephemeral_1h_input_tokens,
            cache_read_tokens=usage.cache_read_input_tokens,
            output_tokens=usage.output_tokens,
            searches=usage.web_search_requests,
            cost_nano=_cost(model, usage, served, call.at, catalog) if reply else _cost_without_reply(failure),
        )

    def row(self) -> tuple[Any, ...]:
        """Return the values in the order of COLUMNS."""
        return astuple(self)


COLUMNS = tuple(field.name for field in fields(Entry))


def tags_of(tags: Mapping[str, str]) -> str:
    """Return tags as the ledger keeps them: JSON, the names in order."""
    return orjson.dumps({str(name): str(value) for name, value in tags.items()}, option=orjson.OPT_SORT_KEYS).decode()


def _cost(model: str, usage: Usage, served: Mapping[str, Any], at: float, catalog: Catalog) -> int | None:
    """Return the cost by the prices of the hour in which the call began: they do not change within one."""
    hour = datetime.fromtimestamp(at, UTC).replace(minute=0, second=0, microsecond=0)
    cost = cost_of(model, usage, served=served, facts=catalog.find(model), at=hour)
    return None if isinstance(cost, Unpriced) else cost.nano


def _cost_without_reply(failure: Failure | None) -> int | None:
    """Return what a call without any reply costs: nothing if the API refused it; else nobody knows."""
    return 0 if failure and failure.kind == "status" else None
