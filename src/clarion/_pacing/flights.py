"""What is in flight, and how much of its output it has drawn so far.

Every request is taken to draw the same number of tokens a second, so one sum serves all: `drawn` is what a request has
drawn that was in flight from the start, and each remembers what that was when it left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

STALLED, TIMES = 60.0, 10.0  # seconds, and times the mean latency: what is in flight for longer draws nothing any more
GONE = 3600.0  # seconds after which it is given up: whoever sent it has died


@dataclass(slots=True)
class Flight:
    """A request in flight: guess and charge of its input tokens, when it left, and the levels believed then.

    `believed` are levels less all corrections up to then. `drawn` is the sum as of the departure; of a request that has
    stalled, what it had drawn by then.
    """

    guess: float
    charge: float
    left: float
    drawn: float
    believed: tuple[float, ...]


@dataclass(slots=True)
class Flights:
    """Those that draw, in the order in which they left, and those that have stalled."""

    drawing: dict[int, Flight] = field(default_factory=dict)
    stalled: dict[int, Flight] = field(default_factory=dict)
    drawn: float = 0.0

    def __contains__(self, number: int) -> bool:
        return number in self.drawing or number in self.stalled

    def get(self, number: int) -> Flight | None:
        """Return a request in flight."""
        return self.drawing.get(number) or self.stalled.get(number)

    def draw(self, speed: float, seconds: float, latency: float) -> float:
        """Let each draw for some seconds, at most until it has stalled, and return how much that is for each."""
        amount = speed * (seconds if seconds < STALLED else min(seconds, max(STALLED, TIMES * latency)))
        self.drawn += amount
        return amount

    def end(self, number: int) -> tuple[Flight | None, float]:
        """Take a request out, and return it with what it is taken to have drawn."""
        flight = self.drawing.pop(number, None)
        if flight:
            return flight, self.drawn - flight.drawn
        flight = self.stalled.pop(number, None)
        return flight, flight.drawn if flight else 0.0

    def prune(self, now: float, latency: float) -> None:
        """Set aside what takes too long, and forget what takes far too long."""
        while self.drawing:
            number = next(iter(self.drawing))
            flight = self.drawing[number]
            if now - flight.left <= STALLED or now - flight.left <= TIMES * latency:
                break
            del self.drawing[number]
            flight.drawn = self.drawn - flight.drawn
            self.stalled[number] = flight
        while self.stalled:
            number, flight = next(iter(self.stalled.items()))
            if now - flight.left <= GONE:
                break
            del self.stalled[number]
