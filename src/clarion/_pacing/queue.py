"""Who waits: in the order in which they came, whatever their size.

    enter ──▶ waiting ──▶ granted ──▶ fetched
                 ▲           │
                 └───────────┘ taken back when everything is closed

Grants are given whoever asks, so that nobody is held up by an owner that is late; its owner fetches it by asking.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple


class Ticket(NamedTuple):
    """A request that waits since it `came`; `place` and `before` count requests, and their input tokens, before it."""

    number: int
    guess: float
    place: int
    before: float
    came: float


@dataclass(slots=True)
class Queue:
    """Tickets in order; those that were cancelled stay in `order` until they come to its head."""

    order: deque[Ticket] = field(default_factory=deque)
    waiting: dict[int, Ticket] = field(default_factory=dict)
    granted: dict[int, Ticket] = field(default_factory=dict)
    place: int = 0
    before: float = 0.0

    def enter(self, number: int, guess: float, now: float) -> Ticket:
        """Go to the end."""
        ticket = Ticket(number, guess, self.place, self.before, now)
        self.place += 1
        self.before += guess
        self.order.append(ticket)
        self.waiting[number] = ticket
        return ticket

    def head(self) -> Ticket | None:
        """Return who is next."""
        while self.order:
            ticket = self.order[0]
            if self.waiting.get(ticket.number) is ticket:
                return ticket
            self.order.popleft()
        return None

    def grant(self) -> Ticket:
        """Let the next go, as soon as its owner asks."""
        ticket = self.order.popleft()
        del self.waiting[ticket.number]
        self.granted[ticket.number] = ticket
        return ticket

    def cancel(self, number: int) -> None:
        """Forget a request."""
        self.waiting.pop(number, None)
        self.granted.pop(number, None)

    def take_back(self) -> list[int]:
        """Put what is granted and not fetched before all others again, and return the numbers."""
        numbers = list(self.granted)
        for number, ticket in reversed(self.granted.items()):
            self.order.appendleft(ticket)
            self.waiting[number] = ticket
        self.granted.clear()
        return numbers
