"""What a job tells of itself: where it stands, and what came of each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from clarion.bulk.columns import output_of, text_of
from clarion.bulk.outcome import NANO

if TYPE_CHECKING:
    from decimal import Decimal

    from clarion.bulk.record import Record
    from clarion.bulk.tally import Counts, Totals


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row that is done, or has failed: `error` is the name of what was wrong, None for a result."""

    record: Record = field(repr=False)

    @property
    def custom_id(self) -> str | None:
        """The input's own name for the row."""
        return self.record.custom_id

    @property
    def input(self) -> Any:
        """The row as it was read."""
        return orjson.loads(self.record.input)

    @property
    def text(self) -> str | None:
        """The text of the answer."""
        return text_of(self.record)

    @property
    def output(self) -> Any:
        """The answer as data, where a schema was given."""
        return output_of(self.record)

    @property
    def message(self) -> Any:
        """The API's message, as data; None where there is none."""
        return orjson.loads(self.record.answer or "null")

    @property
    def error(self) -> str | None:
        """What was wrong, by its name: `refusal`, `invalid_request_error`, ..."""
        return self.record.error

    @property
    def cost(self) -> Decimal | None:
        """What the row has cost, in US dollars."""
        return None if self.record.cost_nano is None else self.record.cost_nano / NANO


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a job stands: its rows by state, and what it has used and cost so far."""

    counts: Counts
    totals: Totals

    @property
    def cost(self) -> Decimal:
        """What the job has cost so far, in US dollars."""
        return self.totals.cost_nano / NANO

    @property
    def is_finished(self) -> bool:
        """Whether every row is done or has failed."""
        return not self.counts.open
