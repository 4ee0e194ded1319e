"""What there is to see of a job at one moment, and what follows from two moments. Pure: time is passed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from clarion.bulk.outcome import NANO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarion._fit import Adjustment
    from clarion._pacing import Standing
    from clarion.bulk.tally import Counts, Totals

SPAN = 20.0  # seconds over which rates are taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How fast a job goes, all its processes together, a second. Input tokens are those that count against limits."""

    rows: float
    requests: float
    input_tokens: float
    output_tokens: float


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A job at one moment: what its file says of all processes, and what this one knows besides.

    `in_flight` are the calls of this process; `waiting` its rows that wait for the rate limits; `batches` those
    of the API that are being processed; `refused` its calls that failed, by the name of what was wrong, and `errors`
    what the last of them said. `failures` are the rows of the job that have failed, by name, where anybody has looked;
    `stopped` says why rows are left, where the run is over.
    """

    job: str
    elapsed: float
    counts: Counts
    totals: Totals
    rates: Rates | None = None
    in_flight: int = 0
    waiting: int = 0
    batches: int = 0
    standings: Mapping[str, Standing] = field(default_factory=dict)
    budget: Decimal | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    errors: Sequence[str] = ()
    failures: Mapping[str, int] = field(default_factory=dict)
    adjustments: Mapping[Adjustment, int] = field(default_factory=dict)
    stopped: str | None = None

    @property
    def finished(self) -> int:
        """Rows that have come to their end; those that share the outcome of another are not counted."""
        return self.counts.done + self.counts.failed

    @property
    def share(self) -> float:
        """What part of the job is over, from 0 to 1."""
        return self.finished / max(1, self.finished + self.counts.open)

    @property
    def cost(self) -> Decimal:
        """What the job has cost, in US dollars."""
        return self.totals.cost_nano / NANO

    @property
    def forecast(self) -> Decimal | None:
        """What the job will have cost, if rows go on costing what they did; None before the first."""
        return self.cost / self.finished * (self.finished + self.counts.open) if self.finished else None

    @property
    def left(self) -> float | None:
        """Seconds until the job is over, at this rate; None where that is not known."""
        return self.counts.open / self.rates.rows if self.rates and self.rates.rows else None


class Meter:
    """Takes rates from what is counted, over the last seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, tuple[int, ...]]] = deque()

    def rates(self, now: float, counts: Counts, totals: Totals) -> Rates | None:
        """Take note of what is counted now, and return the rates; None for the first time."""
        counted = (
            counts.done + counts.failed,
            totals.attempts,
            totals.input_tokens + totals.cache_creation_tokens,
            totals.output_tokens,
        )
        self._marks.append((now, counted))
        while len(self._marks) > 2 and self._marks[1][0] <= now - SPAN:
            self._marks.popleft()
        since, before = self._marks[0]
        if now <= since:
            return None
        rows, requests, read, written = (
            (end - start) / (now - since) for start, end in zip(before, counted, strict=True)
        )
        return Rates(rows=max(0.0, rows), requests=requests, input_tokens=read, output_tokens=written)
