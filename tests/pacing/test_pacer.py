from __future__ import annotations

import pytest

from clarion import InvalidSettingError, Usage
from clarion._pacing import Limits, Pacer, Reading, Reservation, Signal

ROOMY = (Reading(60_000, 60_000), Reading(6e6, 6e6), Reading(6e6, 6e6))


def served(
    requests: float = 60_000, input_tokens: float = 6e6, output_tokens: float = 6e6, limits: tuple[float, ...] = ()
) -> Signal:
    most = limits or (60_000, 6e6, 6e6)
    return Signal(
        readings=(Reading(most[0], requests), Reading(most[1], input_tokens), Reading(most[2], output_tokens))
    )


def refused(retry_after: float | None = 5.0, named: int | None = 0) -> Signal:
    return Signal(refusal="limit", named=named, retry_after=retry_after)


def answer(
    pacer: Pacer, now: float, booked: Reservation, usage: Usage | None = None, signal: Signal | None = None
) -> None:
    pacer.observe(now, booked, signal or served())
    pacer.settle(now, booked, usage or Usage(input_tokens=100, output_tokens=100))


def warm(now: float = 0.0, signal: Signal | None = None, limits: Limits | None = None) -> Pacer:
    """Return a pacer that has seen one answer, of a second."""
    pacer = Pacer(limits)
    answer(pacer, now, pacer.reserve(now - 1, input_tokens=100), signal=signal)
    return pacer


def test_until_the_first_answer_one_request_at_a_time_finds_out() -> None:
    pacer = Pacer()
    first = pacer.reserve(0.0, input_tokens=100)
    second = pacer.reserve(0.0, input_tokens=100)

    assert first.delay == 0.0
    assert second.delay > 0.0
    answer(pacer, 1.0, first)
    assert pacer.delay(1.0, second) == 0.0


def test_an_overestimate_is_given_back() -> None:
    limits = Limits(input_tokens=60_000)
    spent, saved = (
        warm(limits=limits, signal=Signal()),
        warm(limits=limits, signal=Signal()),
    )
    for pacer, used in ((spent, 50_000), (saved, 5_000)):
        booked = pacer.reserve(0.0, input_tokens=50_000)
        pacer.settle(0.0, booked, Usage(input_tokens=used, output_tokens=10))

    assert saved.reserve(0.0, input_tokens=40_000).delay == 0.0
    assert spent.reserve(0.0, input_tokens=40_000).delay > 1.0


def test_cache_reads_do_not_count_and_cache_writes_do() -> None:
    limits = Limits(input_tokens=60_000)
    reads, writes = warm(limits=limits, signal=Signal()), warm(limits=limits, signal=Signal())
    for pacer, usage in (
        (reads, Usage(input_tokens=10, cache_read_input_tokens=50_000, output_tokens=10)),
        (writes, Usage(input_tokens=10, cache_creation_input_tokens=50_000, output_tokens=10)),
    ):
        pacer.settle(0.0, pacer.reserve(0.0, input_tokens=50_000), usage)

    assert reads.reserve(0.0, input_tokens=40_000).delay == 0.0
    assert writes.reserve(0.0, input_tokens=40_000).delay > 1.0


def test_what_guesses_leave_out_is_learnt() -> None:
    pacer = Pacer(Limits(input_tokens=60_000))
    for second in range(20):
        booked = pacer.reserve(float(second), input_tokens=1_000)
        pacer.settle(second + 0.5, booked, Usage(input_tokens=100, cache_read_input_tokens=900, output_tokens=10))

    assert pacer.reserve(20.0, input_tokens=300_000).delay == 0.0


@pytest.mark.parametrize("named", [None, 0, 1, 2])
def test_a_refusal_is_obeyed_by_all_to_the_instant(named: int | None) -> None:
    pacer = warm()
    fetched, granted = (pacer.reserve(0.0, input_tokens=100) for _ in range(2))

    pacer.observe(0.5, fetched, refused(7.0, named))
    later = pacer.reserve(0.5, input_tokens=100)

    assert granted.delay == 0.0
    assert later.delay == 7.0
    assert pacer.delay(7.4999, later) > 0.0
    while (delay := pacer.delay(7.5, later)) > 0.0 and named is not None:
        assert delay < 1.0  # a limit that was empty, and has had 7 s to refill
        break
    assert pacer.delay(9.0, later) == 0.0


def test_a_grant_that_nobody_has_fetched_yet_is_taken_back_by_a_refusal() -> None:
    pacer = warm()
    first = pacer.reserve(0.0, input_tokens=100)
    waiting = [pacer.reserve(0.0, input_tokens=100) for _ in range(8)]
    last = waiting[-1]
    assert last.delay > 0.0
    pacer.delay(1.0, first)  # a second later they are all granted, and nobody has asked

    pacer.observe(1.0, first, refused(3.0))

    assert pacer.delay(1.0, last) >= 3.0
    assert pacer.standing(1.0).waiting == 7 - sum(booked.delay == 0.0 for booked in waiting[:-1]) + 1


def test_the_earlier_end_of_a_later_refusal_does_not_open_what_is_closed() -> None:
    pacer = warm()
    first, second = (pacer.reserve(0.0, input_tokens=100) for _ in range(2))
    pacer.observe(0.0, first, refused(10.0))

    pacer.observe(0.1, second, refused(1.0))

    assert pacer.standing(0.1).opens_in == pytest.approx(9.9)


def test_without_retry_after_each_refusal_in_a_row_closes_for_longer() -> None:
    pacer, now, waits = warm(), 0.0, []
    for _ in range(4):
        booked = pacer.reserve(now, input_tokens=100)
        while (delay := pacer.delay(now, booked)) > 0:
            now += delay
        pacer.observe(now, booked, refused(None, named=None))
        waits.append(pacer.standing(now).opens_in)
        now += waits[-1]

    assert waits == pytest.approx([1.0, 2.0, 4.0, 8.0])


def test_an_overload_lowers_how_many_are_in_flight_and_answers_raise_it_again() -> None:
    pacer, now = warm(), 0.0
    flying: list[Reservation] = []
    while len(flying) < 20:
        booked = pacer.reserve(now, input_tokens=100)
        while (delay := pacer.delay(now, booked)) > 0:
            now += delay
        flying.append(booked)

    pacer.observe(now, flying.pop(), Signal(refusal="overload"))
    held = pacer.reserve(now, input_tokens=100)

    assert held.delay > 0.0
    for _ in range(5):
        answer(pacer, now, flying.pop())
        assert pacer.delay(now + 1, held) > 0.0
    for _ in range(2):
        answer(pacer, now + 1, flying.pop())
    assert pacer.delay(now + 1, held) == 0.0


def test_a_big_request_is_not_overtaken_by_small_ones() -> None:
    pacer = warm(signal=served(input_tokens=10_000, limits=(60_000, 60_000, 6e6)))
    big = pacer.reserve(0.0, input_tokens=40_000)
    small = pacer.reserve(0.0, input_tokens=10)

    now = 0.0
    while (delay := pacer.delay(now, small)) > 0:
        assert pacer.standing(now).in_flight == 0
        now += delay

    assert pacer.delay(now, big) == 0.0
    assert 25 < now < 60


def test_a_request_that_no_bucket_holds_goes_when_it_is_full() -> None:
    pacer = warm(signal=served(input_tokens=0, limits=(60_000, 60_000, 6e6)))
    giant = pacer.reserve(0.0, input_tokens=1_000_000)

    assert 50 < giant.delay <= 60
    assert pacer.delay(61.0, giant) == 0.0


def test_a_queue_that_is_told_to_come_back_later_is_told_about_when() -> None:
    pacer = warm(signal=served(requests=0, limits=(60, 6e6, 6e6)))

    delays = [pacer.reserve(0.0, input_tokens=10).delay for _ in range(5)]

    assert delays == sorted(delays)
    assert delays[4] - delays[0] == pytest.approx(4.0)


def test_the_callers_own_limit_is_kept_minute_by_minute() -> None:
    pacer, now, left = warm(limits=Limits(requests=30)), 0.0, []
    while now < 600:
        booked = pacer.reserve(now, input_tokens=10)
        while (delay := pacer.delay(now, booked)) > 0:
            now += delay
        left.append(now)
        answer(pacer, now, booked)

    late = [moment for moment in left if moment >= 120]
    assert len(left) <= 30 * 11
    assert all(sum(start <= moment < start + 60 for moment in late) <= 31 for start in range(120, 540))
    assert len(late) >= 0.97 * 30 * 8


def test_groups_do_not_wait_for_each_other() -> None:
    pacer = warm()
    pacer.observe(0.0, pacer.reserve(0.0, input_tokens=10), refused(60.0))

    assert pacer.reserve(0.0, input_tokens=10).delay >= 60.0
    assert pacer.reserve(0.0, input_tokens=10, group="haiku").delay == 0.0


def test_a_cancelled_place_holds_nobody_up() -> None:
    pacer = warm(signal=served(input_tokens=10_000, limits=(60_000, 60_000, 6e6)))
    big = pacer.reserve(0.0, input_tokens=50_000)
    small = pacer.reserve(0.0, input_tokens=10)

    pacer.cancel(0.0, big)

    assert pacer.delay(0.0, small) == 0.0
    assert pacer.standing(0.0).waiting == 0


def test_a_grant_whose_owner_has_died_is_taken_back() -> None:
    pacer = warm(signal=served(requests=0, limits=(60, 6e6, 6e6)))
    pacer.reserve(0.0, input_tokens=10)  # and is never asked about again

    pacer.cancel(3.0, pacer.reserve(3.0, input_tokens=10))

    assert pacer.standing(7.0).in_flight == 1
    assert pacer.standing(9.0).in_flight == 0


def test_what_hangs_for_minutes_does_not_stop_the_others() -> None:
    pacer = warm(signal=served(output_tokens=60_000, limits=(60_000, 6e6, 60_000)))
    for second in range(10):
        pacer.reserve(float(second), input_tokens=10)

    booked = pacer.reserve(600.0, input_tokens=10)

    assert booked.delay == 0.0


def test_usage_grows_slowly_at_first_and_again_after_it_has_been_idle() -> None:
    pacer = warm()

    def sent_in_a_second(now: float) -> int:
        end, count = now + 1, 0
        while now < end:
            booked = pacer.reserve(now, input_tokens=10)
            while (delay := pacer.delay(now, booked)) > 0:
                now += delay
            answer(pacer, now, booked)
            count += 1
        return count

    first, counts = sent_in_a_second(0.0), [sent_in_a_second(float(second)) for second in range(1, 10)]
    after = sent_in_a_second(600.0)

    assert 15 <= first <= 40
    assert counts == sorted(counts)
    assert counts[-1] > 5 * first
    assert after < 100 < counts[-1]


def test_too_much_growth_is_followed_by_less() -> None:
    pacer = warm()
    now = 0.0
    for _ in range(200):
        booked = pacer.reserve(now, input_tokens=10)
        while (delay := pacer.delay(now, booked)) > 0:
            now += delay
        answer(pacer, now, booked)
    fast = pacer.reserve(now, input_tokens=10)
    pacer.observe(now, fast, Signal(refusal="ramp", retry_after=1.0))
    now += 1.0
    start = now
    for _ in range(50):
        booked = pacer.reserve(now, input_tokens=10)
        while (delay := pacer.delay(now, booked)) > 0:
            now += delay
        answer(pacer, now, booked)

    assert 50 / (now - start) < 30


def test_when_a_refusal_is_over_one_goes_first_and_finds_out() -> None:
    pacer = warm()
    for step in range(1, 200):
        answer(pacer, step / 20, pacer.reserve(step / 20, input_tokens=10))
    pacer.observe(10.0, pacer.reserve(10.0, input_tokens=10), Signal(refusal="ramp", retry_after=5.0))
    waiting = [pacer.reserve(14.0, input_tokens=10) for _ in range(10)]

    gone = [booked for booked in waiting if pacer.delay(15.0, booked) == 0.0]

    assert gone == waiting[:1]


def test_a_level_below_what_was_believed_holds_requests_back() -> None:
    pacer = warm()
    for step in range(200):
        now = step / 100
        booked = pacer.reserve(now, input_tokens=10)
        if pacer.delay(now, booked) == 0.0:
            answer(pacer, now, booked, signal=served(input_tokens=0))
        else:
            pacer.cancel(now, booked)

    assert pacer.reserve(2.0, input_tokens=10).delay > 0.0


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), 1e15])
def test_a_number_of_tokens_that_cannot_be_is_an_error_that_names_it(wrong: float) -> None:
    with pytest.raises(InvalidSettingError, match="input_tokens must be a number from 0; got"):
        Pacer().reserve(0.0, input_tokens=wrong)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_time_that_cannot_be_is_an_error_that_names_it(wrong: float) -> None:
    with pytest.raises(InvalidSettingError, match="now must be a finite number of seconds; got"):
        Pacer().reserve(wrong, input_tokens=1)


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf"), True, "many"])
def test_a_limit_that_cannot_be_is_an_error_that_names_it(wrong: float) -> None:
    with pytest.raises(InvalidSettingError, match="output_tokens of Limits must be a number above 0, a minute; got"):
        Limits(output_tokens=wrong)


def test_an_answer_larger_than_a_minutes_limit_does_not_hold_the_next_up_for_long() -> None:
    tiny = Signal(readings=(None, None, Reading(1_000, 1_000)))
    pacer = warm(signal=tiny)
    answer(pacer, 11.0, pacer.reserve(10.0, input_tokens=10), Usage(output_tokens=100_000), signal=tiny)

    assert pacer.reserve(11.0, input_tokens=10).delay < 60.0  # a hundred minutes would be owed, and one answer tells


def test_thousands_of_answers_a_second_need_not_all_be_read() -> None:
    pacer = Pacer()
    booked = pacer.reserve(0.0, input_tokens=100)

    assert pacer.listens(1.0, booked)
    pacer.observe(1.0, booked, served())
    assert not pacer.listens(1.001, booked)
    assert pacer.listens(1.01, booked)


def test_what_has_told_of_one_limit_alone_is_listened_to_for_the_others() -> None:
    pacer = Pacer()
    booked = pacer.reserve(0.0, input_tokens=100)

    pacer.observe(1.0, booked, Signal(readings=(Reading(60_000, 60_000), None, None)))

    assert pacer.listens(1.0, booked)
