"""Real time or batches: by the deadline, the price and the tools, with the reason. Pure.

Batches cost half; most end within an hour, all within 24 (Claude documentation, "Batch processing", November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from clarion._plural import number_of

Via = Literal["realtime", "batches"]

HOUR = 3600.0
DAY = 24 * HOUR
FEW = 20  # rows, for which half the price is not worth a wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What is known of a job.

    `within` is when it has to be done, in seconds from now, None where it does not matter; `factor` what a batch
    multiplies prices by, None where its price is not known; `requests_a_minute` what the rate limits allow, if known.
    """

    rows: int
    within: float | None = None
    has_tools: bool = False
    factor: Decimal | None = Decimal("0.5")
    requests_a_minute: float | None = None

    @property
    def takes(self) -> float | None:
        """Seconds that the job takes at least in real time; None where the rate limits are not known."""
        return None if self.requests_a_minute is None else 60 * self.rows / self.requests_a_minute


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and why, in a sentence."""

    via: Via
    why: str


def choose(job: Prospect) -> Choice:
    """Return how to run a job."""
    if job.has_tools:
        return Choice("realtime", "tools are run between calls, and a batch has one call a row")
    if job.factor is None or job.factor >= 1:
        return Choice("realtime", "no lower price is known for batches of this model")
    price = f"{job.factor:.0%} of the price"
    if job.within is None and job.rows < FEW:
        return Choice("realtime", f"{number_of(job.rows, 'row')} will be done soon")
    if job.within is None:
        return Choice("batches", f"{price}, and no time is given within which it has to be done")
    if job.within >= DAY:
        return Choice("batches", f"{price}, and a batch ends within 24 hours")
    if job.takes is not None and job.takes > job.within and job.within >= HOUR:
        return Choice("batches", f"{price}; in real time the rate limits make it {_time(job.takes)} at least")
    if job.within < 2 * HOUR:
        return Choice("realtime", f"most batches end within an hour, but none has to, and {_time(job.within)} are left")
    return Choice("batches", f"{price}; most batches end within an hour, {_time(job.within)} are left")


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"
