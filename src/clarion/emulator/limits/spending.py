"""What may be spent in a month, in US dollars, and the three ways in which the API says that it is spent.

Nothing is looked up ahead: the request that goes over a limit is answered, and the next one refused. All begins anew at
00:00 UTC on the first of the month. Source: Claude documentation, "Rate limits" and "Errors"; the words of the refusals
beyond what is documented are as recorded, those of the contract's are a guess.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal

from clarion.emulator.wire import Refusal

__all__ = ["SpendLimits", "Spending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendLimits:
    """US dollars a month: what the organisation has set itself, what its tier allows, what its contract says.

    None is no limit; the tier's is that of the emulator's tier, if it has one.
    """

    own: Decimal | float | None = None
    tier: Decimal | float | None = None
    contract: Decimal | float | None = None

    def __post_init__(self) -> None:
        """Refuse limits below nothing."""
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and not value >= 0:
                raise ValueError(f"SpendLimits({one.name}={value}): a limit is a number of dollars, or None")


class Spending:
    """What was spent this month. Threads may share it."""

    def __init__(self, limits: SpendLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._month = (0, 0)
        self._spent = Decimal(0)

    def spent(self, now: datetime) -> Decimal:
        """Return the dollars spent in the month of `now`."""
        with self._lock:
            return self._spent if self._month == _month(now) else Decimal(0)

    def check(self, now: datetime) -> None:
        """Refuse a request when the money of the month is spent."""
        spent = self.spent(now)
        limits = self._limits
        again = f"You will regain access on {_next_month(now)} at 00:00 UTC."
        if _is_reached(limits.own, spent):
            raise Refusal(400, f"You have reached your specified API usage limits. {again}")
        if _is_reached(limits.contract, spent):
            message = f"You have reached the spend limit of your contract. {again}"
            raise Refusal(429, message, {"error_code": "contract_spend_limit_reached"})
        if _is_reached(limits.tier, spent):
            message = f"You have reached your API usage limits: the monthly spend limit of your usage tier. {again}"
            raise Refusal(429, message, {"error_code": "enforced_spend_limit_reached"})

    def add(self, dollars: Decimal, now: datetime) -> None:
        """Count what an answer cost."""
        with self._lock:
            if self._month != _month(now):
                self._month, self._spent = _month(now), Decimal(0)
            self._spent += dollars

    def clear(self) -> None:
        """Forget what was spent."""
        with self._lock:
            self._spent = Decimal(0)


def _is_reached(limit: Decimal | float | None, spent: Decimal) -> bool:
    return limit is not None and spent >= Decimal(str(limit))


def _month(now: datetime) -> tuple[int, int]:
    there = now.astimezone(UTC)
    return there.year, there.month


def _next_month(now: datetime) -> str:
    year, month = _month(now)
    return f"{year + month // 12}-{month % 12 + 1:02}-01"
