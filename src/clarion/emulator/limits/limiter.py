"""What the API lets an organisation do, and at what rate: checked when a request comes, settled with its answer.

    enter (endpoints that are limited by requests alone)
    admit (messages) -> settle: the answer is generated and paid, or -> give_back: it never was

Limits hold for the whole emulator, whatever the key. Those that are not kept are shown in the headers all the same, as
if nothing were ever used of them. A request that is refused draws nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from clarion.emulator import models
from clarion.emulator.limits import tiers
from clarion.emulator.limits.bucket import SECOND, Bucket
from clarion.emulator.limits.capacity import Capacity
from clarion.emulator.limits.meter import Meter, exceeded, headers, shown
from clarion.emulator.limits.ramp import Acceleration, Ramp
from clarion.emulator.limits.spending import Spending, SpendLimits
from clarion.emulator.limits.tiers import Limits, Pool, Tier, TierName
from clarion.emulator.prices import bill

if TYPE_CHECKING:
    from decimal import Decimal

    from clarion.emulator.call import Call
    from clarion.emulator.message import Message

__all__ = ["Admission", "Limiter"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAST = "anthropic-fast"


@dataclass(frozen=True, slots=True)
class Admission:
    """A request for a message that was let in. It must be settled or given back."""

    limiter: Limiter
    model: str
    is_fast: bool
    tokens: int

    def settle(self, message: Message, begins_at: datetime, ends_at: datetime) -> None:
        """Count the answer, as it is generated between two moments."""
        self.limiter.settle(self, message, begins_at, ends_at)

    def give_back(self) -> None:
        """Undo what the request has drawn: nothing was generated."""
        self.limiter.give_back(self)


class Limiter:
    """Threads may share it.

    Args:
        tier: Its limits are kept. Without one, and without `limits`, nothing is refused and Start is shown.
        limits: For every group of models, in place of the tier's.
        spend_limits: US dollars a month.
        ramp: How fast usage may grow.
        capacity: How many answers are given at a time.

    """

    def __init__(
        self,
        *,
        tier: TierName | None = None,
        limits: Limits | None = None,
        spend_limits: SpendLimits | None = None,
        ramp: Ramp | None = None,
        capacity: int | None = None,
    ) -> None:
        spend_limits = spend_limits or SpendLimits()
        self._tier = tiers.tier(tier or "start")
        if tier and spend_limits.tier is None:
            spend_limits = replace(spend_limits, tier=self._tier.spend_limit)
        self._limits = limits or Limits()
        self._keeps_meters = bool(tier or limits)
        self._keeps_pools = bool(tier)
        self._is_counting = bool(tier or limits or ramp or capacity is not None)
        self._is_paid = spend_limits != SpendLimits()
        self._spending = Spending(spend_limits)
        self._ramp = ramp
        self._capacity = None if capacity is None else Capacity(capacity)
        self._lock = threading.Lock()
        self._meters: dict[tuple[str, bool], Meter] = {}
        self._pools: dict[Pool, Bucket] = {}
        self._accelerations: dict[str, Acceleration] = {}

    @property
    def tier(self) -> Tier:
        """The tier that is kept or, where none is, shown."""
        return self._tier

    def numbers(self, group: str) -> tuple[int, int, int]:
        """Return the requests, input tokens and output tokens a minute of a group of models."""
        requests, came, went = self._tier.groups[group]
        own = self._limits
        return own.requests or requests, own.input_tokens or came, own.output_tokens or went

    def spent(self, now: datetime) -> Decimal:
        """Return the dollars spent this month; nothing is counted where no spend limit is set."""
        return self._spending.spent(now)

    def check_spending(self, now: datetime) -> None:
        """Refuse a request when the money of the month is spent."""
        self._spending.check(now)

    def enter(self, pool: Pool | None, now: datetime) -> None:
        """Let a request in where only requests are counted; messages are admitted apart.

        Raises:
            Refusal: The limit of the pool or of the money is reached.

        """
        if pool == "count_tokens":
            self.check_spending(now)
        if not self._keeps_pools or pool is None or pool == "messages":
            return
        with self._lock:
            bucket = self._pool(pool)
            bucket.advance(_micros(now))
            if wait := bucket.wait(1):
                raise exceeded(bucket.per_minute, "requests", wait)
            bucket.take(1)

    def admit(self, call: Call, tokens: int, now: datetime) -> Admission:
        """Let in a request for a message, with so many input tokens that are not read from the cache.

        Raises:
            Refusal: A limit is reached.

        """
        admission = Admission(self, call.model.id, call.is_fast, tokens)
        if self._is_paid:
            self._spending.check(now)
        if not self._is_counting:
            return admission
        time = _micros(now)
        with self._lock:
            meter, acceleration = self._meter(admission), self._acceleration(admission)
            if acceleration:
                acceleration.check(tokens, time, call.model.id)
            if meter:
                meter.advance(time)
                meter.check(tokens, call.model.id)
            if self._capacity:
                self._capacity.enter(time)
            if meter:
                meter.draw(tokens)
            if acceleration:
                acceleration.add(tokens)
        return admission

    def settle(self, admission: Admission, message: Message, begins_at: datetime, ends_at: datetime) -> None:
        """Count an answer: its output while it is generated, its place until it ends, its price."""
        if self._is_paid:
            self.pay(message.wire(), begins_at)
        if not self._is_counting:
            return
        with self._lock:
            if meter := self._meter(admission):
                meter.output.pour(message.usage.generated_tokens, _micros(begins_at), _micros(ends_at))
            if self._capacity:
                self._capacity.leave(_micros(ends_at))

    def pay(self, message: dict[str, Any], now: datetime) -> None:
        """Count the price of a message; one without a known price is free."""
        if self._is_paid and (dollars := bill(message)):
            self._spending.add(dollars, now)

    def give_back(self, admission: Admission) -> None:
        """Undo what an admission has drawn."""
        if not self._is_counting:
            return
        with self._lock:
            if meter := self._meter(admission):
                meter.give_back(admission.tokens)
            if acceleration := self._acceleration(admission):
                acceleration.add(-admission.tokens)
            if self._capacity:
                self._capacity.leave(None)

    def headers(self, pool: Pool | None, body: object, now: datetime) -> dict[str, str]:
        """Return the headers that tell of the limits of a pool; for messages, of the model that a body names."""
        if pool is None:
            return {}
        if pool == "messages":
            model, is_fast = _asked(body)
            return self._message_headers(tiers.group_of(model), now, is_fast=is_fast)
        if not self._keeps_pools:
            return shown({"requests": getattr(self._tier, pool)}, _micros(now))
        with self._lock:
            bucket = self._pool(pool)
            bucket.advance(_micros(now))
            return headers({"requests": (bucket.per_minute, bucket.left, bucket.fills_in)}, _micros(now))

    def left(self, now: datetime) -> dict[str, dict[str, int]]:
        """Return what is left for each group of models that has been used; nothing where limits are only shown."""
        found = {}
        with self._lock:
            for (group, is_fast), meter in self._meters.items():
                meter.advance(_micros(now))
                buckets = {"requests": meter.requests, "input_tokens": meter.input, "output_tokens": meter.output}
                found[f"{group}, fast" if is_fast else group] = {name: one.left for name, one in buckets.items()}
        return found

    def clear(self) -> None:
        """Begin anew: all is there again, nothing was spent, no answer is under way."""
        with self._lock:
            for kept in (self._meters, self._pools, self._accelerations):
                kept.clear()
            if self._capacity:
                self._capacity.clear()
        self._spending.clear()

    def _message_headers(self, group: str, now: datetime, *, is_fast: bool) -> dict[str, str]:
        if not self._keeps_meters:
            return _shown(self.numbers(group), int(now.timestamp()), is_fast)
        time = _micros(now)
        with self._lock:
            meter = self._meter_of(group, is_fast=False)
            meter.advance(time)
            found = meter.headers(time)
            if is_fast:
                meter = self._meter_of(group, is_fast=True)
                meter.advance(time)
                rows = meter.token_rows()
                del rows["tokens"]
                found |= headers(rows, time, FAST)
        return found

    def _meter(self, admission: Admission) -> Meter | None:
        if not self._keeps_meters:
            return None
        return self._meter_of(tiers.group_of(admission.model), is_fast=admission.is_fast)

    def _meter_of(self, group: str, *, is_fast: bool) -> Meter:
        """Return the meter of a group; at the higher speed tokens are counted apart, requests are not."""
        key = (group, is_fast)
        if key not in self._meters:
            requests, came, went = self.numbers(group)
            shared = self._meter_of(group, is_fast=False).requests if is_fast else Bucket(requests)
            self._meters[key] = Meter(shared, Bucket(came), Bucket(went))
        return self._meters[key]

    def _acceleration(self, admission: Admission) -> Acceleration | None:
        if not self._ramp:
            return None
        return self._accelerations.setdefault(tiers.group_of(admission.model), Acceleration(self._ramp))

    def _pool(self, pool: Pool) -> Bucket:
        return self._pools.setdefault(pool, Bucket(getattr(self._tier, pool)))


def _asked(body: object) -> tuple[str, bool]:
    """Return the model's id and whether it is to be fast, as far as a body that may be anything says so."""
    if not isinstance(body, dict) or not isinstance(name := body.get("model"), str):
        return "", False
    model = models.find(name)
    return (model.id, body.get("speed") == "fast" and model.fast != "ignored") if model else ("", False)


@lru_cache(maxsize=64)
def _shown(numbers: tuple[int, int, int], second: int, is_fast: bool) -> dict[str, str]:
    """Return the headers of limits that are not kept. They are the same for all requests of a second."""
    requests, came, went = numbers
    now = second * SECOND
    found = shown({"requests": requests, "tokens": came + went, "input-tokens": came, "output-tokens": went}, now)
    return found | shown({"input-tokens": came, "output-tokens": went}, now, FAST) if is_fast else found


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
