"""The order in which leased rows are begun: mixed, and none much later than in order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from clarion.bulk.lease import Lease
from clarion.bulk.mixture import Mixture, fair_part


def mixture(window: int, places: int, *, seed: int = 7) -> Mixture:
    mixed = Mixture(window, random.Random(seed))
    mixed.add(Lease(place, 1, 0) for place in range(1, places + 1))
    return mixed


def order(mixed: Mixture) -> list[int]:
    return [lease.seq for lease in iter(mixed.next, None)]


@given(st.integers(0, 50), st.integers(0, 200), st.integers(0, 2**32))
def test_all_come_and_none_after_one_that_is_a_window_later_in_the_input(window: int, places: int, seed: int) -> None:
    found = order(mixture(window, places, seed=seed))

    assert sorted(found) == list(range(1, places + 1))
    assert all(later - place <= window for at, place in enumerate(found) for later in found[:at])


def test_blocks_of_alike_rows_come_in_equal_parts() -> None:
    found = order(mixture(2_000, 10_000))

    parts = [sum(place // 500 % 2 for place in found[start : start + 500]) for start in range(2_000, 8_000, 500)]
    assert all(190 <= part <= 310 for part in parts), parts


def test_without_a_window_rows_come_in_order() -> None:
    assert order(mixture(0, 9)) == list(range(1, 10))


def test_a_row_that_was_leased_before_comes_first() -> None:
    mixed = mixture(100, 1_000)
    while len(mixed) > 500:
        mixed.next()
    mixed.add([Lease(3, 2, 1)])

    assert mixed.next() == Lease(3, 2, 1)


def test_more_is_to_be_leased_where_a_row_after_the_last_may_be_the_next() -> None:
    mixed = mixture(100, 1_000)

    while not mixed.is_short:
        last = mixed.next()

    assert last is not None
    assert last.seq > 900 - 1
    assert 0 < len(mixed) < 100


def test_what_is_taken_from_the_end_would_have_come_last() -> None:
    whole, cut = order(mixture(50, 100)), mixture(50, 100)

    taken = cut.last(30)

    assert [lease.seq for lease in taken] == whole[70:]
    assert order(cut) == whole[:70]


@given(st.integers(0, 10_000), st.integers(0, 2_000), st.integers(1, 9))
def test_fair_parts_of_all_are_what_there_is(ready: int, held: int, workers: int) -> None:
    assert 0 <= workers * fair_part(ready, held, workers) - (ready + held) < workers
