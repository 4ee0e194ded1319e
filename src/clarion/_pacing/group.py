"""One group of models that share their limits: it decides when the next request may go.

All four must agree: nothing is closed, the ramp is ready, the service has room, and every bucket has enough. For output
tokens, which are drawn while they are generated, enough means that n requests in flight, drawing `speed` each, may draw

    n x speed <= net refill + (level - kept back) / landing

so that with a level at what is kept back they draw what flows in, and what has piled up is spent along a gentle slope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from clarion._pacing.bucket import SETTLING, Bucket
from clarion._pacing.concurrency import Concurrency
from clarion._pacing.elsewhere import ALONE, Elsewhere, Turn, Work
from clarion._pacing.flights import Flight, Flights
from clarion._pacing.forecast import Forecast
from clarion._pacing.meter import INPUT, OUTPUT, REQUESTS, Meter
from clarion._pacing.queue import Queue, Ticket
from clarion._pacing.ramp import Ramp

if TYPE_CHECKING:
    from clarion._pacing.signal import Signal

DOUBTS = 2.0  # times the mean error of guesses are kept back, for input tokens that no reading has told of yet

# seconds
LANDING = 10.0  # over which what has piled up is spent; less where a bucket holds less
LATENCIES = 2.0  # of those, at least, it takes to land: what is sent now draws until then
TRANSIT = 0.1  # of sending that no reading knows of yet
SOON = 1e-3  # the shortest delay
UNFETCHED = 5.0  # after which a grant is taken back that nobody has fetched, because its owner has died
BLIND, BLIND_MOST = 1.0, 60.0  # for which a refusal without retry-after closes, doubled by each that follows


@dataclass(slots=True, kw_only=True)
class Group:
    """The state of a group. Its methods take the time, in seconds; no other clock is read.

    `own` are buckets of the caller's limits, which no reading corrects. `blind` is for how long the next refusal closes
    that does not say when to come back; `unread` are input tokens charged lately, of which no reading has told yet.
    Until something `is_known`, one request at a time finds out.

    Groups of several processes may stand for the same limits. What is sent `elsewhere` counts, then, and as long as it
    is not our `turn`, a group knows only what was: no time passes for it, and nobody goes that has not been let go.
    """

    now: float
    closed_until: float
    own: list[Bucket | None]
    meter: Meter = field(default_factory=Meter)
    forecast: Forecast = field(default_factory=Forecast)
    ramp: Ramp = field(default_factory=Ramp)
    concurrency: Concurrency = field(default_factory=Concurrency)
    queue: Queue = field(default_factory=Queue)
    flights: Flights = field(default_factory=Flights)
    is_known: bool = False
    blind: float = BLIND
    unread: float = 0.0
    elsewhere: Elsewhere = ALONE
    turn: Turn = field(default_factory=Turn)
    has_own: bool = field(init=False)

    def __post_init__(self) -> None:
        self.has_own = any(self.own)

    @property
    def in_flight(self) -> int:
        """How many requests draw, here and elsewhere."""
        return len(self.flights.drawing) + self.elsewhere.in_flight

    def enter(self, now: float, number: int, guess: float) -> float:
        """Take a place in the queue, and return in how many seconds to ask again; 0 is to go."""
        self.advance(now)
        ticket = self.queue.enter(number, guess, now)
        self.grant()
        return self._fetch(ticket)

    def delay(self, now: float, number: int, guess: float) -> float:
        """Return in how many seconds to ask again; 0 is to go. Who has lost its place takes a new one."""
        self.advance(now)
        self.grant()
        ticket = self.queue.granted.get(number) or self.queue.waiting.get(number)
        if ticket:
            return self._fetch(ticket)
        return 0.0 if number in self.flights else self.enter(now, number, guess)

    def leave(self, now: float, number: int) -> None:
        """Give back what a request was charged: it has spent nothing."""
        self.advance(now)
        self.queue.cancel(number)
        self._give_back(number)
        self.grant()

    def settle(self, now: float, number: int, spent: tuple[float, float] | None) -> None:
        """End a request that spent so many input and output tokens; where that is unknown, what was assumed stands."""
        self.advance(now)
        self.queue.cancel(number)
        flight, drawn = self.flights.end(number)
        if flight and spent:
            counted, output = spent
            self._give(INPUT, flight.charge - counted)
            self._give(OUTPUT, drawn - output)
            self.forecast.learn(guessed=flight.guess, counted=counted, output=output, latency=self.now - flight.left)
            self.concurrency.answered(self.in_flight + 1)
            self.blind = BLIND
        self.is_known = True
        self.grant()

    def observe(self, now: float, number: int, signal: Signal) -> None:
        """Learn from an answer; one that refuses ends its request, which has spent nothing."""
        self.advance(now)
        if signal.refusal is None:
            self.meter.read(now, signal.readings, self.flights.get(number))
            self.is_known = True
        else:
            in_flight = self.in_flight
            self.queue.cancel(number)
            self._give_back(number)
            self.meter.read(now, signal.readings, None)
            self._refuse(signal, in_flight)
        self.grant()

    def advance(self, now: float) -> None:
        """Let time pass; it never goes back."""
        seconds = now - self.now
        if seconds <= 0 or not self.turn.is_ours:
            return
        self.now = now
        self.unread *= SETTLING / (SETTLING + seconds)
        each = self.flights.draw(self.forecast.speed, seconds, self.forecast.latency)
        in_flight = self.in_flight
        _refill(self.meter.buckets, seconds, each * in_flight)
        if self.has_own:
            _refill(self.own, seconds, each * len(self.flights.drawing))
        if not in_flight:
            self.meter.rise(seconds)
        self.ramp.advance(seconds, open_for=min(seconds, now - self.closed_until))
        self.flights.prune(now, self.forecast.latency)
        if self.queue.granted:
            self._drop_unfetched()

    def grant(self) -> None:
        """Let those who wait go, one after the other, as far as their time has come."""
        if not self.turn.is_ours:
            return
        if not self.in_flight:
            self.meter.rise(0.0)
        while (head := self.queue.head()) and self._wait(head) <= 0:
            self._depart(self.queue.grant())

    def work(self) -> Work:
        """Return what others should know of."""
        head = self.queue.head()
        return Work(len(self.flights.drawing), head.came if head else None, head.guess if head else 0.0)

    def _depart(self, ticket: Ticket) -> None:
        charge = ticket.guess * self.forecast.ratio
        self.ramp.take()
        self._give(REQUESTS, -1.0)
        self._give(INPUT, -charge)
        self.unread += charge
        flight = Flight(ticket.guess, charge, self.now, self.flights.drawn, self.meter.believed())
        self.flights.drawing[ticket.number] = flight

    def _fetch(self, ticket: Ticket) -> float:
        if self.queue.granted.pop(ticket.number, None):
            return 0.0
        head = self.queue.head() or ticket
        wait = max(SOON, self._wait(head))
        if head is ticket:
            return wait
        guesses = ticket.before + ticket.guess - head.before - head.guess
        return wait + self._queueing(ticket.place - head.place, guesses)

    def _queueing(self, requests: int, guesses: float) -> float:
        """Return about how long it takes until so many more requests can go, once the head has gone."""
        needs = (requests, guesses * self.forecast.ratio, requests * self.forecast.output)
        longest = requests / self.ramp.pace
        for buckets in (self.meter.buckets, self.own):
            for need, bucket in zip(needs, buckets, strict=True):
                if bucket:
                    longest = max(longest, need / bucket.net)
        return longest

    def _wait(self, ticket: Ticket) -> float:
        """Return in how many seconds the head of the queue can go."""
        wait = max(self.closed_until - self.now, self.ramp.wait)
        in_flight = self.in_flight
        if in_flight and not (self.is_known and self.concurrency.allows(in_flight)):
            wait = max(wait, self._next_end())
        need = ticket.guess * self.forecast.ratio
        if self.has_own:
            wait = max(wait, self._wait_for(self.own, need, len(self.flights.drawing)))
        sent = TRANSIT * self.ramp.used
        besides = sent * self.forecast.counted + DOUBTS * self.forecast.doubt * (need + self.unread)
        besides += self.elsewhere.before(ticket.came) * self.forecast.ratio
        return max(wait, self._wait_for(self.meter.buckets, need, in_flight, sent, besides))

    def _wait_for(
        self, buckets: list[Bucket | None], need: float, in_flight: int, sent: float = 0.0, besides: float = 0.0
    ) -> float:
        """Return in how many seconds there is enough in all buckets, `sent` requests and `besides` tokens kept back."""
        wait = -math.inf
        requests, input_tokens, output_tokens = buckets
        if requests:
            wait = requests.wait(1.0, sent)
        if input_tokens:
            wait = max(wait, input_tokens.wait(need, besides))
        if output_tokens:
            wait = max(wait, self._wait_for_output(output_tokens, in_flight))
        return wait

    def _wait_for_output(self, bucket: Bucket, in_flight: int) -> float:
        wait = bucket.wait(1.0)
        if wait > 0 or not in_flight:
            return wait
        landing = max(min(LANDING, bucket.capacity / bucket.rate), LATENCIES * self.forecast.latency)
        if (in_flight + 1) * self.forecast.speed <= bucket.net * (1 - wait / landing):
            return wait
        return self._next_end()

    def _next_end(self) -> float:
        return max(SOON, self.forecast.latency / (self.in_flight or 1))

    def _give(self, place: int, amount: float) -> None:
        for buckets in (self.meter.buckets, self.own):
            bucket = buckets[place]
            if bucket:
                bucket.give(amount)

    def _give_back(self, number: int) -> None:
        flight, drawn = self.flights.end(number)
        if flight:
            self._give(REQUESTS, 1.0)
            self._give(INPUT, flight.charge)
            self._give(OUTPUT, drawn)

    def _refuse(self, signal: Signal, in_flight: int) -> None:
        wait = signal.retry_after
        if signal.refusal == "overload":
            self.concurrency.overloaded(self.now, in_flight, self.forecast.latency)
        else:
            self._blame(signal)
            if wait is None:
                wait, self.blind = self.blind, min(BLIND_MOST, 2 * self.blind)
        if wait:
            self.closed_until = max(self.closed_until, self.now + wait)
            self.take_back()

    def take_back(self) -> None:
        """Let nobody go who has been let go and has not gone yet."""
        for granted in self.queue.take_back():
            self._give_back(granted)

    def _blame(self, signal: Signal) -> None:
        bucket = None if signal.named is None else self.meter.buckets[signal.named]
        if bucket and signal.named is not None:
            bucket.refuse(self.now, signal.readings[signal.named])
        else:
            self.ramp.cut(self.now, signal.refusal or "limit")

    def _drop_unfetched(self) -> None:
        while self.queue.granted:
            number = next(iter(self.queue.granted))
            flight = self.flights.get(number)
            if flight and self.now - flight.left <= UNFETCHED:
                return
            self.queue.cancel(number)
            self._give_back(number)


def _refill(buckets: list[Bucket | None], seconds: float, drawn: float) -> None:
    requests, input_tokens, output_tokens = buckets
    if requests:
        requests.advance(seconds)
    if input_tokens:
        input_tokens.advance(seconds)
    if output_tokens:
        output_tokens.advance(seconds, drawn)
