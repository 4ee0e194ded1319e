"""How far a job is, in sums that its journal keeps: no row is counted for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows are where. `twins` share the outcome of an identical row."""

    ready: int
    leased: int
    done: int
    failed: int
    postponed: int
    twins: int

    @property
    def open(self) -> int:
        """Rows that have not come to their end."""
        return self.ready + self.leased + self.postponed

    @property
    def all(self) -> int:
        """All rows."""
        return self.open + self.done + self.failed + self.twins


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a job has used so far, in tokens, billionths of a US dollar, and calls."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    cost_nano: int
    attempts: int
