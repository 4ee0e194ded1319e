"""Clarion's pacer as a policy of the simulation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clarion._pacing import Pacer, Page, Reservation, SharedPacer, Signal, Work
from clarion._pacing import Reading as Heard
from clarion._pacing.signal import Refusal as Why
from clarion._usage import Usage
from limiter.policies import Policy
from limiter.scenario import LIMITS, Reading, Row, Scenario
from limiter.server import GROWTH, OVERLOAD, Refusal

WHY: dict[str, Why] = {GROWTH: "ramp", OVERLOAD: "overload"}


@dataclass(slots=True)
class Paced(Policy):
    """Asks the pacer for the row at the head of the queue, and tells it of every answer."""

    holds_place: bool = False
    pacer: Pacer = field(default_factory=Pacer)
    head: Row | None = None
    next: Reservation | None = None
    under_way: dict[int, Reservation] = field(default_factory=dict)

    def wait(self, row: Row, now: float) -> float:
        if self.in_flight >= self.scenario.sockets:
            return math.inf
        if self.next and self.head is row:
            return self.pacer.delay(now, self.next)
        if self.next:  # a refused row has come before it
            self.pacer.cancel(now, self.next)
        self.head, self.next = row, self.pacer.reserve(now, input_tokens=row.guess)
        return self.next.delay

    def sent(self, row: Row, now: float) -> None:
        if self.next:
            self.under_way[id(row)], self.next = self.next, None

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        booked = self.under_way.pop(id(row))
        if self.pacer.listens(now, booked):
            self.pacer.observe(now, booked, Signal(readings=heard(headers, now)))
        usage = Usage(input_tokens=row.input_tokens, output_tokens=row.output_tokens)
        self.pacer.settle(now, booked, usage)

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        booked = self.under_way.pop(id(row))
        is_overload = refusal.limit == OVERLOAD
        signal = Signal(
            readings=heard(headers, now),
            refusal=WHY.get(refusal.limit, "limit"),
            named=None if refusal.limit in WHY else LIMITS.index(refusal.limit),
            retry_after=None if is_overload else refusal.retry_after,
        )
        self.pacer.observe(now, booked, signal)
        return refusal.retry_after if is_overload else 0.0


@dataclass(slots=True)
class Room:
    """Where the processes of a run meet."""

    known: dict[str, list[Any]] = field(default_factory=dict)
    work: dict[int, dict[str, Work]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seat:
    """The board as one process has it."""

    room: Room
    number: int

    def meet(self, now: float, act: Callable[[Page], None]) -> None:
        others = [work for number, work in self.room.work.items() if number != self.number]
        page = Page(self.room.known, others)
        act(page)
        self.room.work[self.number] = page.ours

    def leave(self) -> None:
        self.room.work.pop(self.number, None)


def shared() -> Callable[[Scenario], Paced]:
    """Return how to make policies for all processes of a run, which share what they know."""
    made = itertools.count()
    rooms: list[Room] = []

    def make(scenario: Scenario) -> Paced:
        number = next(made) % scenario.processes
        if number == 0:
            rooms.append(Room())
        return Paced(scenario, pacer=SharedPacer(Seat(rooms[-1], number)))

    return make


def heard(headers: dict[str, Reading], now: float) -> tuple[Heard, Heard, Heard]:
    """Return the levels as a pacer reads them from headers."""
    requests, input_tokens, output_tokens = (
        Heard(reading.limit, reading.remaining, max(0.0, reading.reset - now)) for reading in headers.values()
    )
    return requests, input_tokens, output_tokens
