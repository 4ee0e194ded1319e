"""Whatever callers do and servers say, in whatever order: drawn at random."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from clarion import Usage
from clarion._pacing import Limits, Pacer, Reading, Reservation, SharedPacer, Signal
from clarion._pacing.shared import BEAT, TURN
from clarion._pacing.state import adopt, common
from limiter.ours import Room, Seat

NUMBERS = ["0", "1", "40", "5000", "90000", "nan", "inf", "-7", "1e300", ""]
RETRY_AFTER = ["0", "0.5", "3", "20", "nan", "-1", ""]
NAMES = ["requests-limit", "requests-remaining", "input-tokens-limit", "input-tokens-remaining", "output-tokens-limit"]


def headers(seed: int) -> dict[str, str]:
    """Return headers that may or may not make sense."""
    rng = random.Random(seed)
    levels = {f"anthropic-ratelimit-{name}": rng.choice(NUMBERS) for name in (*NAMES, "output-tokens-remaining")}
    return {**levels, "retry-after": rng.choice(RETRY_AFTER)}


STATUSES = st.sampled_from([200, 200, 200, 200, 429, 429, 529, 500])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "ask", "answer", "lose", "cancel"]),
        st.integers(0, 30),
        st.floats(-1.0, 3.0),
        st.integers(0, 100_000),
        STATUSES,
        st.integers(0, 200).map(headers),
    ),
    max_size=40,
)
Step = tuple[str, int, float, int, int, dict[str, str]]


@dataclass
class World:
    """A pacer, and what its callers hold."""

    pacer: Pacer = field(default_factory=Pacer)
    now: float = 1000.0
    waiting: list[Reservation] = field(default_factory=list)
    flying: list[Reservation] = field(default_factory=list)
    closed_until: float = 0.0

    def take(self, step: Step) -> None:
        what, which, seconds, tokens, status, said = step
        self.now += seconds
        if what == "reserve":
            booked = self.pacer.reserve(self.now, input_tokens=tokens)
            (self.waiting if booked.delay else self.flying).append(booked)
            assert booked.delay or self.is_open()
        elif what == "ask" and self.waiting:
            self.ask(self.waiting[which % len(self.waiting)])
        elif what == "cancel" and self.waiting:
            self.pacer.cancel(self.now, self.waiting.pop(which % len(self.waiting)))
        elif self.flying:
            booked = self.flying.pop(which % len(self.flying))
            self.end(booked, None if what == "lose" else Usage(output_tokens=tokens), Signal.of(status, said))

    def ask(self, booked: Reservation) -> None:
        if self.pacer.delay(self.now, booked) == 0:
            assert self.is_open()
            self.waiting.remove(booked)
            self.flying.append(booked)

    def end(self, booked: Reservation, usage: Usage | None, signal: Signal) -> None:
        self.pacer.observe(self.now, booked, signal)
        self.pacer.settle(self.now, booked, usage)
        if signal.refusal and signal.retry_after:
            self.closed_until = max(self.closed_until, self.latest + signal.retry_after)

    @property
    def latest(self) -> float:
        """The latest time that the pacer was told: a clock that goes back is not followed."""
        group = self.pacer._groups.get("")
        return group.now if group else -math.inf

    def is_open(self) -> bool:
        return self.latest >= self.closed_until - 1e-9

    def settle_all(self) -> None:
        for booked in self.flying:
            self.pacer.settle(self.now, booked)
        for booked in self.waiting:
            self.pacer.cancel(self.now, booked)
        self.flying, self.waiting = [], []


@given(STEPS)
def test_a_refusal_is_obeyed_to_the_instant_and_nothing_becomes_absurd(steps: list[Step]) -> None:
    world = World()

    for step in steps:
        world.take(step)
        group = world.pacer._groups.get("")
        for bucket in group.meter.buckets if group else ():
            assert bucket is None or (math.isfinite(bucket.level) and bucket.level <= bucket.capacity)
            assert bucket is None or (0 < bucket.net <= bucket.rate and 0 <= bucket.others < bucket.rate)
        assert all(0 <= world.pacer.delay(world.now, booked) < math.inf for booked in world.flying)


@given(STEPS)
def test_time_is_never_seen_to_go_back(steps: list[Step]) -> None:
    world, seen = World(), 0.0

    for step in steps:
        world.take(step)
        group = world.pacer._groups.get("")
        if group:
            assert group.now >= seen
            seen = group.now


@given(STEPS)
def test_when_all_is_settled_nothing_is_in_flight_and_an_idle_pacer_recovers(steps: list[Step]) -> None:
    world = World()
    for step in steps:
        world.take(step)
    world.settle_all()

    assert world.pacer.standing(world.now).in_flight == 0
    assert world.pacer.standing(world.now).waiting == 0
    booked, start = world.pacer.reserve(world.now, input_tokens=100_000), world.now
    delay = booked.delay
    while delay:
        world.now += delay
        note(f"{world.now}: {delay}")
        # the longest refusal, then a full refill, if all but a twentieth of it is thought to go to others
        assert world.now < start + 60 + 1300
        delay = world.pacer.delay(world.now, booked)


@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 50_000), st.booleans()), max_size=40))
def test_what_is_reserved_and_settled_adds_up(rows: list[tuple[int, int, bool]]) -> None:
    limit = 1e9
    pacer = Pacer(Limits(requests=limit, input_tokens=limit, output_tokens=limit))
    pacer.settle(0.0, pacer.reserve(0.0, input_tokens=0), Usage())
    booked = [(pacer.reserve(0.0, input_tokens=guess), used, is_settled) for guess, used, is_settled in rows]

    spent = requests = 0
    for reservation, used, is_settled in booked:
        if reservation.delay == 0.0 and is_settled:
            pacer.settle(0.0, reservation, Usage(input_tokens=used))
            spent, requests = spent + used, requests + 1
        else:
            pacer.cancel(0.0, reservation)

    left_of_requests, left_of_input, _ = (bucket.level for bucket in pacer._groups[""].own if bucket)
    assert math.isclose(left_of_input, limit - spent, abs_tol=1e-3)
    assert left_of_requests == limit - requests - 1


@given(st.lists(st.integers(0, 200_000), min_size=2, max_size=25), st.randoms(use_true_random=False))
def test_requests_go_in_the_order_of_their_reservations(sizes: list[int], order: object) -> None:
    pacer, now = Pacer(), 0.0
    first = pacer.reserve(now, input_tokens=10)
    pacer.observe(now, first, Signal(readings=(Reading(60, 5), Reading(600_000, 50_000), Reading(60_000, 60_000))))
    pacer.settle(now, first, Usage(input_tokens=10, output_tokens=10))
    waiting = [pacer.reserve(now, input_tokens=size) for size in sizes]
    gone = [booked.number for booked in waiting if not booked.delay]
    waiting = [booked for booked in waiting if booked.delay]

    while waiting:
        now += 0.5
        going = [booked for booked in reversed(waiting) if not pacer.delay(now, booked)]
        gone += sorted(booked.number for booked in going)
        waiting = [booked for booked in waiting if booked not in going]
        assert not going or not waiting or max(booked.number for booked in going) < waiting[0].number
        for booked in going:
            pacer.settle(now, booked, Usage(input_tokens=int(booked.input_tokens), output_tokens=10))

    assert gone == sorted(gone)


@given(STEPS, STEPS)
def test_who_adopts_what_a_group_knows_knows_the_same(before: list[Step], after: list[Step]) -> None:
    begun: Step = ("reserve", 0, 0.0, 700, 200, {})
    one, other = World(), World()
    for step in [begun, *before]:
        one.take(step)
    for step in [begun, *after]:
        other.take(step)
    known = as_written(one)

    adopt(other.pacer._groups[""], known)

    assert as_written(other) == known


@given(st.lists(st.tuples(st.integers(0, 2), STEPS), max_size=12))
def test_processes_that_share_all_obey_a_refusal_and_end_with_nothing_in_flight(turns: list[tuple[int, Any]]) -> None:
    room = Room()
    pacers = [SharedPacer(Seat(room, number)) for number in range(3)]
    worlds = [World(pacer) for pacer in pacers]
    for world in [*worlds, *worlds]:  # the second time all are there
        world.take(("reserve", 0, BEAT, 700, 200, {}))
        world.settle_all()
    now, closed_until = max(world.now for world in worlds), 0.0

    for who, steps in turns:
        for step in steps:
            worlds[who].now = now = max(now, worlds[who].now)
            worlds[who].take(step)
            if worlds[who].closed_until > closed_until:
                closed_until = worlds[who].closed_until
                now = max(now, worlds[who].now) + 2 * TURN  # by then the others will hear of it
            for world in worlds:
                world.closed_until = closed_until

    for world, pacer in zip(worlds, pacers, strict=True):
        world.now = now
        world.settle_all()
        pacer.close(now)
    assert [pacer.standing(now).in_flight for pacer in pacers] == [0, 0, 0]
    assert [pacer.standing(now).waiting for pacer in pacers] == [0, 0, 0]
    assert not room.work


def as_written(world: World) -> Any:
    return json.loads(json.dumps(common(world.pacer._groups[""]), allow_nan=False))
