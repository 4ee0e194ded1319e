"""The pacer against simulated limits, in virtual time: how much of them it uses, and how often it is refused."""

from __future__ import annotations

import pytest

from limiter.ours import Paced, shared
from limiter.policies import Semaphore
from limiter.run import Run
from limiter.scenario import SCENARIOS

pytestmark = pytest.mark.untraced

SETTLED = 0.97  # of the scarcest limit, once the ramp is over
REFUSED = 1.0  # of 1,000 rows


@pytest.mark.parametrize("key", ["A1", "B1", "D1", "F", "G3", "J"])
def test_the_limit_is_used_to_the_full_and_almost_never_overrun(key: str) -> None:
    outcome = Run(SCENARIOS[key], Paced).outcome()

    assert outcome.left == 0
    assert outcome.settled >= SETTLED
    assert outcome.refused <= REFUSED


@pytest.mark.parametrize("key", ["K", "KB1"])
def test_four_processes_that_share_use_the_limit_as_one_does(key: str) -> None:
    outcome = Run(SCENARIOS[key], shared()).outcome()

    assert outcome.settled >= SETTLED
    assert outcome.refused <= REFUSED


def test_four_processes_that_do_not_share_are_refused_where_buckets_are_small() -> None:
    outcome = Run(SCENARIOS["KB1"], Paced).outcome()

    assert outcome.refused > 10 * REFUSED


@pytest.mark.parametrize(("limit", "too_few", "too_many"), [(100, True, False), (300, False, True)])
def test_the_simulation_tells_too_little_from_too_much(limit: float, too_few: bool, too_many: bool) -> None:
    outcome = Run(SCENARIOS["A"], lambda scenario: Semaphore(scenario, limit=limit)).outcome()

    assert (outcome.settled < SETTLED) is too_few
    assert (outcome.refused > REFUSED) is too_many


def test_a_share_of_overloads_that_come_for_no_reason_costs_little_more_than_that_share() -> None:
    outcome = Run(SCENARIOS["I2"], Paced).outcome()

    assert outcome.left == 0
    assert outcome.settled >= 0.85
    assert outcome.refused <= 25


def test_growth_that_is_limited_is_followed_from_below() -> None:
    outcome = Run(SCENARIOS["H"], Paced, seed=3).outcome()

    assert outcome.left == 0
    assert outcome.settled >= 0.8
    assert outcome.refused <= REFUSED


def test_a_capacity_is_used_and_almost_never_overrun() -> None:
    outcome = Run(SCENARIOS["I"], Paced).outcome()

    assert outcome.left == 0
    assert outcome.refused <= REFUSED
    assert outcome.seconds < 270
