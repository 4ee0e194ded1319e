"""A bucket that fills: exact, whatever is asked of it and when."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.emulator.limits.bucket import MINUTE, SECOND, Bucket


@settings(max_examples=60)
@given(
    st.integers(1, 10_000),
    st.lists(st.tuples(st.integers(0, 90 * SECOND), st.integers(0, 3_000)), min_size=1, max_size=40),
)
def test_a_bucket_gives_no_more_than_it_held_and_has_taken_in(per_minute: int, steps: list[tuple[int, int]]) -> None:
    bucket, now, given_out = Bucket(per_minute), 0, 0
    bucket.advance(now)

    for pause, wanted in steps:
        now += pause
        bucket.advance(now)
        if not bucket.wait(wanted):
            bucket.take(wanted)
            given_out += wanted

    assert given_out * MINUTE <= per_minute * (MINUTE + now)


@settings(max_examples=60)
@given(st.integers(1, 10_000), st.integers(0, 20_000), st.integers(1, 10_000), st.integers(0, 120 * SECOND))
def test_waiting_as_long_as_told_is_enough(rate: int, flow: int, wanted: int, end: int) -> None:
    bucket = Bucket(rate)
    bucket.advance(0)
    bucket.take(rate // 2)
    bucket.pour(flow, 0, end)
    wait = bucket.wait(wanted)

    bucket.advance(wait)
    assert bucket.wait(min(wanted, rate)) == 0


@settings(max_examples=60)
@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_waiting_any_less_is_not_enough(rate: int, taken: int) -> None:
    bucket = Bucket(rate)
    bucket.advance(0)
    bucket.take(taken)

    bucket.advance(bucket.wait(rate) - 1)
    assert bucket.wait(rate) == 1


def test_a_clock_that_is_set_back_does_not_stop_the_filling() -> None:
    bucket = Bucket(60)
    bucket.advance(3_600 * SECOND)
    bucket.take(60)
    bucket.advance(0)
    bucket.advance(5 * SECOND)

    assert bucket.left == 5
