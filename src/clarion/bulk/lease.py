"""A row that a worker has leased: which it is, and, once it has been read, what it asks; and how many there may be.

Leases and rows are tuples with names, as there is one for every row: frozen dataclasses take several times as long to
make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson


class Lease(NamedTuple):
    """A row that is leased.

    `seq` is its place in the input; `attempt` counts its leases, from 1; `failures` how often it has failed by what may
    have been its own fault.
    """

    seq: int
    attempt: int
    failures: int


class Row(NamedTuple):
    """A row that is leased, with its input, which took so many bytes as JSON."""

    seq: int
    attempt: int
    failures: int
    input: Any
    size: int

    @classmethod
    def of(cls, lease: Lease, read: bytes) -> Row:
        """Return a row whose input is read as it stands in the journal."""
        return cls(*lease, orjson.loads(read), len(read))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a job may cost, and what a row is thought to cost, in billionths of a US dollar."""

    limit_nano: int
    each_nano: int

    def allows(self, spent_nano: int, leased: int) -> int:
        """Return how many more rows may be under way, beside those that are leased."""
        return max(0, (self.limit_nano - spent_nano) // max(1, self.each_nano) - leased)
