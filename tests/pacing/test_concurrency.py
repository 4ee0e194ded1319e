"""How many may be in flight: as many as the service has room for, whatever share of requests it fails to serve."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion._pacing.concurrency import BACK, Concurrency

pytestmark = pytest.mark.untraced

SEEDS = st.integers(0, 10_000)
SECOND = 1.0
CHANCE = settings(max_examples=40, derandomize=True)  # what is asserted may fail by chance once in 10,000 seeds


@dataclass(slots=True)
class Service:
    """Serves so many at a time, each in a second, and refuses a share of `strays` for no reason.

    `most` are ever in flight, `present` how many were in each second.
    """

    seed: int
    capacity: int = 1_000_000
    strays: float = 0.0
    most: int = 200
    bound: Concurrency = field(default_factory=Concurrency)
    now: float = 0.0
    in_flight: int = 0
    present: list[int] = field(default_factory=list)
    refused: int = 0

    def run(self, seconds: int) -> None:
        rng, end = random.Random(f"{self.seed} {self.now}"), self.now + seconds
        while self.now < end:
            while self.in_flight < self.most and self.bound.allows(self.in_flight):
                is_full = self.in_flight >= self.capacity
                if is_full or rng.random() < self.strays:
                    self.refused += 1
                    self.bound.overloaded(self.now, self.in_flight + 1, SECOND)
                else:
                    self.in_flight += 1
                if is_full:
                    break  # until somebody leaves
            self._leave()

    def mean(self, last: int) -> float:
        return sum(self.present[-last:]) / last

    def _leave(self) -> None:
        before = int(self.now)
        self.now += SECOND / self.in_flight
        if int(self.now) > before:
            self.present.append(self.in_flight)
        self.bound.answered(self.in_flight)
        self.in_flight -= 1


@CHANCE
@given(SEEDS, st.floats(0.005, 0.06), st.integers(50, 200))
def test_overloads_that_do_not_come_of_how_many_there_are_do_not_make_them_few(
    seed: int, strays: float, most: int
) -> None:
    service = Service(seed, strays=strays, most=most)

    service.run(200)

    assert service.mean(last=100) > 0.25 * most


@CHANCE
@given(SEEDS, st.integers(10, 100))
def test_a_capacity_is_used_and_almost_never_overrun(seed: int, capacity: int) -> None:
    service = Service(seed, capacity=capacity)

    service.run(200)

    assert BACK * capacity < service.mean(last=100) <= capacity
    assert service.refused < 2 + 200 / (0.25 * capacity)


@CHANCE
@given(SEEDS, st.integers(40, 100), st.floats(0.005, 0.05))
def test_a_capacity_is_kept_also_where_there_are_strays(seed: int, capacity: int, strays: float) -> None:
    service = Service(seed, capacity=capacity, strays=strays)

    service.run(200)

    assert 0.5 * capacity < service.mean(last=100) <= capacity
    assert service.refused < 200 + 2 * strays * sum(service.present)


@CHANCE
@given(SEEDS, st.integers(60, 100))
def test_a_capacity_that_shrinks_is_found_within_a_few_rounds(seed: int, capacity: int) -> None:
    service = Service(seed, capacity=capacity, strays=0.02)
    service.run(100)

    service.capacity = capacity // 3
    refused = service.refused
    service.run(20)

    assert service.refused - refused < 1.3 * capacity + 0.04 * sum(service.present[-20:])
    assert (service.bound.most or 1e9) < capacity


@CHANCE
@given(SEEDS)
def test_where_most_requests_are_refused_few_are_sent(seed: int) -> None:
    service = Service(seed, strays=0.6)

    service.run(100)

    assert service.mean(last=50) < 30
