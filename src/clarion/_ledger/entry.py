"""What the ledger keeps of one attempt."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._telemetry.record import Record


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
    def of(cls, record: Record) -> Entry:
        """Return the entry of an attempt."""
        usage = record.usage
        return cls(
            at=record.at,
            model=record.model,
            tags=tags_of(record.tags),
            status=record.status,
            error=record.error,
            request_id=record.request_id,
            latency=record.latency,
            first_token=record.first_token,
            emulated=record.emulated,
            input_tokens=usage.input_tokens,
            cache_write_5m_tokens=usage.cache_creation_input_tokens - usage.ephemeral_1h_input_tokens,
            cache_write_1h_tokens=usage.ephemeral_1h_input_tokens,
            cache_read_tokens=usage.cache_read_input_tokens,
            output_tokens=usage.output_tokens,
            searches=usage.web_search_requests,
            cost_nano=None if record.cost is None else record.cost.nano,
        )

    def row(self) -> tuple[Any, ...]:
        """Return the values in the order of COLUMNS."""
        return astuple(self)


COLUMNS = tuple(field.name for field in fields(Entry))


def tags_of(tags: Mapping[str, str]) -> str:
    """Return tags as the ledger keeps them: JSON, the names in order."""
    return orjson.dumps({str(name): str(value) for name, value in tags.items()}, option=orjson.OPT_SORT_KEYS).decode()
