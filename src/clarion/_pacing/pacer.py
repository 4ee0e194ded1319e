"""The pacer: one for all who share a key."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._errors import InvalidSettingError
from clarion._pacing.bucket import Bucket
from clarion._pacing.elsewhere import Turn
from clarion._pacing.group import Group
from clarion._pacing.limits import NAMES, Limits
from clarion._pacing.signal import ABSURD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._pacing.signal import Signal
    from clarion._usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A place in the queue of a group. `delay` says in how many seconds to ask again; 0 is to go at once."""

    number: int
    group: str
    input_tokens: float
    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a group stands: of each limit what it is, a minute, what is left, and what others take, a minute.

    `limits` are by name; one that is not known is left out. `opens_in` is in seconds.
    """

    limits: Mapping[str, tuple[float, float, float]]
    in_flight: int
    waiting: int
    opens_in: float


class Pacer:
    """Says when a request may go, so that the rate limits are used to the full and almost never overrun.

    Every request is reserved, observed and settled, or cancelled:

        booked = pacer.reserve(clock(), input_tokens=1200)
        delay = booked.delay
        while delay:
            sleep(delay)  # or until something is settled
            delay = pacer.delay(clock(), booked)
        status, headers, usage = send()
        if status != 200 or pacer.listens(clock(), booked):
            pacer.observe(clock(), booked, Signal.of(status, headers))
        pacer.settle(clock(), booked, usage)

    The time may come from any clock in seconds that does not go back, the same for all calls; none is read here. Models
    of one `group` share their limits. `limits` are the caller's own, for each group. A pacer is a plain object: threads
    take turns by a lock of their own.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._groups: dict[str, Group] = {}
        self._turn = Turn()
        self._numbers = 0

    def reserve(self, now: float, *, input_tokens: float, group: str = "") -> Reservation:
        """Take a place for a request of about so many input tokens, and say how long to wait before asking again.

        Places are served in order: a big request is not overtaken by small ones. A guess of the input tokens will do,
        with or without what is read from the cache: how far guesses are off is learnt. Raises InvalidSettingError for
        a time or a number that is none.
        """
        if not 0 <= input_tokens < ABSURD:
            raise InvalidSettingError(f"input_tokens must be a number from 0; got {input_tokens!r}")
        self._numbers += 1
        delay = self._group(now, group).enter(now, self._numbers, input_tokens)
        return Reservation(number=self._numbers, group=group, input_tokens=input_tokens, delay=delay)

    def delay(self, now: float, booked: Reservation) -> float:
        """Return in how many seconds to ask again; 0 is to go at once.

        It is worth asking earlier when something has been settled. A reservation that was refused, cancelled, or not
        asked about for seconds after its time, takes a new place at the end.
        """
        return self._group(now, booked.group).delay(now, booked.number, booked.input_tokens)

    def listens(self, now: float, booked: Reservation) -> bool:
        """Whether the headers of an answer are worth reading; of one that refuses they always are.

        Thousands of answers a second tell no more of the limits than one in a few milliseconds.
        """
        return self._group(now, booked.group).meter.listens(now)

    def observe(self, now: float, booked: Reservation, signal: Signal) -> None:
        """Learn from the headers of an answer, as soon as they are there.

        A refusal ends the reservation, which has spent nothing, and closes the group until its `retry_after`, for
        everybody, whatever they were told before.
        """
        self._group(now, booked.group).observe(now, booked.number, signal)

    def settle(self, now: float, booked: Reservation, usage: Usage | None = None) -> None:
        """End a reservation with what it used; without `usage`, because the answer was lost, what was assumed stands.

        Cache reads do not count against the limits (Claude documentation, "Rate limits"); cache writes do.
        """
        spent = None
        if usage is not None:
            counted = usage.input_tokens + usage.cache_creation_input_tokens
            spent = (max(0.0, counted), max(0.0, usage.output_tokens))
        self._group(now, booked.group).settle(now, booked.number, spent)

    def cancel(self, now: float, booked: Reservation) -> None:
        """Give back a reservation that was not sent."""
        self._group(now, booked.group).leave(now, booked.number)

    def standing(self, now: float, group: str = "") -> Standing:
        """Return how a group stands."""
        found = self._group(now, group)
        found.advance(now)
        return Standing(
            limits={
                name: (bucket.limit, bucket.level, 60 * bucket.others)
                for name, bucket in zip(NAMES, found.meter.buckets, strict=True)
                if bucket
            },
            in_flight=len(found.flights.drawing) + len(found.flights.stalled),
            waiting=len(found.queue.waiting),
            opens_in=max(0.0, found.closed_until - found.now),
        )

    def _group(self, now: float, name: str) -> Group:
        if not math.isfinite(now):
            raise InvalidSettingError(f"now must be a finite number of seconds; got {now!r}")
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = Group(now=now, closed_until=now, own=self._own(now), turn=self._turn)
        return group

    def _own(self, now: float) -> list[Bucket | None]:
        limits = [getattr(self.limits, name) for name in NAMES]
        return [None if limit is None else Bucket.full(limit, now) for limit in limits]
