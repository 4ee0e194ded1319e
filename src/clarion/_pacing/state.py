"""What the groups of several processes have in common, as plain data: all that is known of limits that they share.

Who waits and what is in flight stays with each process, and so do limits of its own.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from zlib import crc32

from clarion._pacing.bucket import Bucket
from clarion._pacing.concurrency import Concurrency
from clarion._pacing.forecast import Forecast
from clarion._pacing.ramp import Ramp

if TYPE_CHECKING:
    from clarion._pacing.group import Group


class _Fields:
    """The fields of a class, to be read and set in order."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.of = attrgetter(*names)

    def put(self, values: list[Any], into: object) -> None:
        for name, value in self.named(values).items():
            setattr(into, name, value)

    def named(self, values: list[Any]) -> dict[str, Any]:
        return dict(zip(self.names, values, strict=True))


GROUP = _Fields("now", "is_known", "closed_until", "blind", "unread")
METER = _Fields("late", "early")
FORECAST, RAMP, CONCURRENCY, BUCKET = (
    _Fields(*(field.name for field in fields(part))) for part in (Forecast, Ramp, Concurrency, Bucket)
)
PARTS = (GROUP, FORECAST, RAMP, CONCURRENCY, METER, BUCKET)
LAYOUT = f"{crc32(repr([part.names for part in PARTS]).encode()):08x}"  # who has another one shares nothing


def common(group: Group) -> list[Any]:
    """Return what is known, as data that JSON can hold."""
    return [
        GROUP.of(group),
        FORECAST.of(group.forecast),
        RAMP.of(group.ramp),
        CONCURRENCY.of(group.concurrency),
        METER.of(group.meter),
        [bucket and BUCKET.of(bucket) for bucket in group.meter.buckets],
        group.flights.drawn,
    ]


def adopt(group: Group, state: list[Any]) -> None:
    """Know what others know instead of what was known."""
    plain, forecast, ramp, concurrency, meter, buckets, drawn = state
    heed(group, state)
    group.advance(plain[0])  # for limits of its own
    GROUP.put(plain, group)
    FORECAST.put(forecast, group.forecast)
    RAMP.put(ramp, group.ramp)
    CONCURRENCY.put(concurrency, group.concurrency)
    METER.put(meter, group.meter)
    group.meter.buckets = [values and Bucket(**BUCKET.named(values)) for values in buckets]
    group.flights.drawn = drawn


def heed(group: Group, state: list[Any]) -> None:
    """Stop for as long as others have been told to stop."""
    closed_until = state[0][GROUP.names.index("closed_until")]
    if closed_until > group.closed_until:
        group.closed_until = closed_until
        group.take_back()
