"""Message batches: what was asked for, how far it has come by the clock, and what came of each request.

    in_progress ──▶ (canceling) ──▶ ended        24 h after creation at the latest

Requests are worked off evenly over the time a batch takes. Nothing runs in the background: the work is done when
somebody looks at a batch whose time has come, and every outcome bears the moment at which it would have come.
Until the whole batch has ended all its requests count as `processing`. Source: Claude documentation, "Batch
processing", November 2026.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from clarion.emulator.wire import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["Batch", "Batches", "Outcome"]

EXPIRY = timedelta(hours=24)
ARCHIVAL = timedelta(days=29)  # from creation
CANCELING = timedelta(seconds=1)  # what is under way when a batch is canceled gets so long at most
MOST_KEPT = 500_000  # requests, of all batches; beyond it, batches that have ended are forgotten, oldest first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one request, and when: a result as the API gives it."""

    custom_id: str
    at: datetime
    result: dict[str, Any]


@dataclass(slots=True)
class Batch:
    """One batch. `version`, `betas` and `scope` are those it was created with: they govern its requests."""

    id: str
    created_at: datetime
    takes: timedelta
    version: str
    betas: frozenset[str]
    scope: str
    requests: list[dict[str, Any]]
    cancel_initiated_at: datetime | None = None
    outcomes: list[Outcome] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def expires_at(self) -> datetime:
        """When what has not been answered is given up."""
        return self.created_at + EXPIRY

    @property
    def stops_at(self) -> datetime:
        """The moment after which no outcome counts any more."""
        if self.cancel_initiated_at is None:
            return self.expires_at
        return min(self.expires_at, self.cancel_initiated_at + min(CANCELING, self.takes))

    def due(self, index: int) -> datetime:
        """Return when the request at an index is answered."""
        return self.created_at + self.takes * ((index + 1) / len(self.requests))

    def is_due(self, now: datetime) -> bool:
        """Tell whether the time for the work has come."""
        return now >= min(self.created_at + self.takes, self.stops_at)

    def has_ended(self, now: datetime) -> bool:
        """Tell whether all requests have come to their ends."""
        return self.outcomes is not None and now >= self.ended_at

    @property
    def ended_at(self) -> datetime:
        """When the last request came to its end, once the work has been done."""
        last = max((outcome.at for outcome in self.outcomes or ()), default=self.created_at)
        return min(last, self.stops_at)

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the results by custom id, in an order of their own, as the API promises none."""
        for outcome in sorted(self.outcomes or (), key=_shuffled):
            yield outcome.custom_id, self._settled(outcome)

    def info(self, now: datetime, base_url: str) -> dict[str, Any]:
        """Return the batch as the API describes it."""
        ended = self.has_ended(now)
        is_archived = now >= self.created_at + ARCHIVAL
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self._status(ended=ended),
            "request_counts": self._counts(ended=ended),
            "created_at": moment(self.created_at),
            "expires_at": moment(self.expires_at),
            "ended_at": moment(self.ended_at) if ended else None,
            "cancel_initiated_at": moment(self.cancel_initiated_at),
            "archived_at": moment(self.created_at + ARCHIVAL) if is_archived else None,
            "results_url": f"{base_url}/v1/messages/batches/{self.id}/results" if ended and not is_archived else None,
        }

    def _status(self, *, ended: bool) -> str:
        if ended:
            return "ended"
        return "in_progress" if self.cancel_initiated_at is None else "canceling"

    def _counts(self, *, ended: bool) -> dict[str, int]:
        kinds: dict[str, int] = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        if not ended:
            return kinds | {"processing": len(self.requests)}
        for outcome in self.outcomes or ():
            kinds[self._settled(outcome)["type"]] += 1
        return kinds

    def _settled(self, outcome: Outcome) -> dict[str, Any]:
        if outcome.at <= self.stops_at:
            return outcome.result
        return {"type": "expired" if self.cancel_initiated_at is None else "canceled"}


class Batches:
    """All batches, the newest last. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batches: OrderedDict[str, Batch] = OrderedDict()

    def add(self, batch: Batch) -> None:
        """Keep a batch, and forget the oldest that have ended if there are too many requests in all."""
        with self._lock:
            self._batches[batch.id] = batch
            kept = sum(len(one.requests) for one in self._batches.values())
            for old in list(self._batches.values()):
                if kept <= MOST_KEPT:
                    return
                if old.has_ended(batch.created_at):
                    kept -= len(old.requests)
                    del self._batches[old.id]

    def find(self, id: str) -> Batch | None:
        """Return a batch by its id."""
        with self._lock:
            return self._batches.get(id)

    def remove(self, id: str) -> None:
        """Forget a batch."""
        with self._lock:
            self._batches.pop(id, None)

    def clear(self) -> None:
        """Forget all batches."""
        with self._lock:
            self._batches.clear()

    def newest_first(self) -> list[Batch]:
        """Return all batches, as the API lists them."""
        with self._lock:
            return list(reversed(self._batches.values()))

    def queued(self, now: datetime) -> int:
        """Return how many requests wait in batches that have not ended."""
        with self._lock:
            return sum(len(batch.requests) for batch in self._batches.values() if not batch.has_ended(now))


def _shuffled(outcome: Outcome) -> bytes:
    return hashlib.blake2b(outcome.custom_id.encode(), digest_size=8).digest()
