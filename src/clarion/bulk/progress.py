"""What one run of a job has done so far, for whoever watches it."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from clarion.bulk.settlement import Done, Failed, Postponed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion._failure import Failure
    from clarion._fit import Adjustment
    from clarion.bulk.batches.choice import Choice
    from clarion.bulk.settlement import Settlement

REMEMBERED = 5  # errors


class Progress:
    """Numbers that only grow, but for `under_way`, and the last errors."""

    def __init__(self) -> None:
        self.choice: Choice | None = None  # of the way to run the job, where that was left to Clarion
        self.under_way = 0
        self.batches = 0  # that are being processed, where the job runs through them
        self.done = 0
        self.failed = 0
        self.postponed = 0
        self.calls = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost_nano = 0
        self.refused: Counter[str] = Counter()  # calls that failed, by the name of what was wrong
        self.errors: deque[str] = deque(maxlen=REMEMBERED)
        self.adjustments: dict[Adjustment, int] = {}

    def begin(self, rows: int = 1) -> None:
        """Take note that a row is under way, or several."""
        self.under_way += rows

    def release(self, rows: int) -> None:
        """Take note that rows were given back, and not asked."""
        self.under_way -= rows

    def end(self, settlement: Settlement) -> None:
        """Take note of what came of it."""
        self.under_way -= 1
        match settlement:
            case Done():
                self.done += 1
            case Failed(outcome=outcome):
                self.failed += 1
                self.errors.append(f"{outcome.error}: {outcome.detail}")
            case Postponed():
                self.postponed += 1
        spent = settlement.spent
        self.calls += spent.attempts
        self.input_tokens += spent.input_tokens + spent.cache_creation_tokens + spent.cache_read_tokens
        self.output_tokens += spent.output_tokens
        self.cost_nano += spent.cost_nano

    def fail(self, failure: Failure) -> None:
        """Take note of a call that failed, whatever becomes of its row."""
        self.refused[failure.code or failure.type or failure.kind] += 1
        self.errors.append(failure.message)

    def tell(self, adjustments: Iterable[Adjustment]) -> None:
        """Take note of how requests were changed."""
        for adjustment in adjustments:
            self.adjustments[adjustment] = self.adjustments.get(adjustment, 0) + 1
