"""Pacers of several processes that meet at a board: here one in memory."""

from __future__ import annotations

import pytest

from clarion import Usage
from clarion._pacing import BoardTrouble, Limits, Reading, Reservation, SharedPacer, Signal
from clarion._pacing.shared import BEAT, LOOK, LOST, TURN
from limiter.ours import Room, Seat

LEVELS = Signal(readings=(Reading(6_000, 6_000), Reading(600_000, 600_000), Reading(600_000, 600_000)))
REFUSED = Signal(refusal="limit", retry_after=30.0)


def answered(pacer: SharedPacer, now: float, booked: Reservation, signal: Signal = LEVELS) -> None:
    pacer.observe(now, booked, signal)
    pacer.settle(now, booked, Usage(input_tokens=700, output_tokens=100))


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def both(room: Room) -> tuple[SharedPacer, SharedPacer]:
    """Two pacers that know the limits, and each other; the time is 1.0."""
    pacers = SharedPacer(Seat(room, 1)), SharedPacer(Seat(room, 2))
    for now in (0.0, 1.0):
        for pacer in pacers:
            answered(pacer, now, pacer.reserve(now, input_tokens=700))
    return pacers


def test_whoever_is_alone_decides_at_any_time(room: Room) -> None:
    pacer = SharedPacer(Seat(room, 1))
    answered(pacer, 0.0, pacer.reserve(0.0, input_tokens=700))

    assert pacer.reserve(TURN / 4, input_tokens=700).delay == 0
    assert pacer.reserve(TURN / 2, input_tokens=700).delay == 0


def test_where_others_are_nobody_goes_before_the_next_turn(both: tuple[SharedPacer, SharedPacer]) -> None:
    pacer, _ = both
    pacer.reserve(2.0, input_tokens=700)

    booked = pacer.reserve(2.0 + TURN / 4, input_tokens=700)

    assert booked.delay == pytest.approx(3 / 4 * TURN)
    assert pacer.delay(2.0 + TURN / 2, booked) > 0
    assert pacer.delay(2.0 + TURN, booked) == 0


def test_a_refusal_of_one_stops_all(both: tuple[SharedPacer, SharedPacer]) -> None:
    one, other = both
    one.observe(2.0, one.reserve(2.0, input_tokens=700), REFUSED)

    booked = other.reserve(2.0, input_tokens=700)

    assert booked.delay == LOOK
    assert other.delay(31.9, booked) > 0
    assert other.delay(32.0, booked) == 0


def test_who_has_been_let_go_and_has_not_gone_yet_stops_as_well(both: tuple[SharedPacer, SharedPacer]) -> None:
    one, other = both
    first = one.reserve(2.0, input_tokens=700)
    second = one.reserve(2.0 + TURN / 4, input_tokens=700)
    one.settle(2.0 + TURN, first, Usage())  # a turn, in which the second is let go
    other.observe(2.0 + TURN, other.reserve(2.0 + TURN, input_tokens=700), REFUSED)

    assert one.delay(2.0 + 2 * TURN, second) > 0


def test_who_falls_silent_leaves_nothing_in_flight_for_the_others(
    room: Room, both: tuple[SharedPacer, SharedPacer]
) -> None:
    one, _ = both
    flying = [one.reserve(2.0, input_tokens=700)]
    flying += [one.reserve(2.0 + turn * TURN, input_tokens=700) for turn in range(1, 4)]
    assert room.work[1][""].in_flight == 4

    for booked in flying:
        answered(one, 2.0 + 3.1 * TURN, booked)

    assert room.work[1][""].in_flight == 0


def test_a_newcomer_knows_what_the_others_know(room: Room, both: tuple[SharedPacer, SharedPacer]) -> None:
    newcomer = SharedPacer(Seat(room, 3))

    delays = [newcomer.reserve(2.0 + TURN * turn, input_tokens=700).delay for turn in range(3)]

    assert delays == [0, 0, 0]
    assert newcomer.standing(2.1).limits["requests"][0] == 6_000


def test_what_was_known_before_anybody_was_there_is_forgotten(room: Room) -> None:
    gone = SharedPacer(Seat(room, 1))
    gone.observe(0.0, gone.reserve(0.0, input_tokens=700), REFUSED)
    gone.close(0.0)

    pacer = SharedPacer(Seat(room, 2))

    assert pacer.reserve(1.0, input_tokens=700).delay == 0


def test_what_one_has_known_alone_stands_when_another_comes(room: Room) -> None:
    one, other = SharedPacer(Seat(room, 1)), SharedPacer(Seat(room, 2))
    answered(one, 0.0, one.reserve(0.0, input_tokens=700))
    other.reserve(0.1, input_tokens=700)  # before the first has seen that it is not alone any more
    one.observe(0.2, one.reserve(0.2, input_tokens=700), REFUSED)

    one.reserve(BEAT, input_tokens=700)

    assert other.reserve(BEAT, input_tokens=700).delay > 0
    assert other.standing(BEAT).opens_in == pytest.approx(30.2 - BEAT)


@pytest.mark.untraced
def test_together_they_take_no_more_than_there_is(room: Room) -> None:
    both = SharedPacer(Seat(room, 1)), SharedPacer(Seat(room, 2))
    for now in (0.0, BEAT):
        for pacer in both:
            answered(pacer, now, pacer.reserve(now, input_tokens=1), Signal(readings=(Reading(600, 0), None, None)))
    waiting = [(pacer, pacer.reserve(1.0, input_tokens=1)) for pacer in both for _ in range(200)]

    now = 1.0
    while now < 21.0:
        now += TURN
        waiting = [(pacer, booked) for pacer, booked in waiting if pacer.delay(now, booked)]

    assert 170 <= 400 - len(waiting) <= 210  # 10 a second


def test_a_big_request_is_not_overtaken_for_ever_by_those_of_another_process(room: Room) -> None:
    one, other = SharedPacer(Seat(room, 1)), SharedPacer(Seat(room, 2))
    low = Signal(readings=(Reading(60_000, 60_000), Reading(600_000, 5_000), Reading(600_000, 600_000)))
    for pacer in (one, other, one, other):
        answered(pacer, 0.0, pacer.reserve(0.0, input_tokens=700), low)
    big, now = one.reserve(1.0, input_tokens=200_000), 1.0

    while one.delay(now, big):
        now += TURN
        small = other.reserve(now, input_tokens=700)
        if small.delay:
            other.cancel(now, small)
        else:
            other.settle(now, small, Usage(input_tokens=700, output_tokens=10))

    assert now < 40  # 200,000 tokens take 20 s


@pytest.mark.untraced
def test_limits_of_its_own_hold_for_one_pacer_alone(room: Room) -> None:
    modest, other = SharedPacer(Seat(room, 1), Limits(requests=60)), SharedPacer(Seat(room, 2))
    for now in (0.0, BEAT):
        for pacer in (modest, other):
            answered(pacer, now, pacer.reserve(now, input_tokens=700))
    gone = dict.fromkeys((modest, other), 0)
    waiting = {pacer: [pacer.reserve(1.0, input_tokens=700) for _ in range(20_000)] for pacer in gone}

    for turn in range(2, 4_000):
        now, pacer = 1.0 + turn * TURN / 2, (modest, other)[turn % 2]
        booked = waiting[pacer]
        while booked and pacer.delay(now, booked[0]) == 0:
            answered(pacer, now, booked.pop(0))
            gone[pacer] += 1

    assert 70 < gone[modest] < 82  # a minute's at once, and one a second for 20
    assert gone[other] > 1_000


def lost(*_: object) -> None:
    raise BoardTrouble("there is no board")


def test_where_no_turn_can_be_had_nobody_goes_for_a_while_and_then_each_for_itself(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Seat, "meet", lost)
    pacer = SharedPacer(Seat(room, 1))
    booked = pacer.reserve(0.0, input_tokens=700)

    assert pacer.delay(LOST - TURN, booked) > 0
    assert not caplog.records
    assert pacer.delay(LOST, booked) == 0
    assert caplog.messages == ["there is no board: other processes are not regarded in the pace until it can be used"]


def test_a_turn_that_cannot_be_had_at_once_is_had_later(
    both: tuple[SharedPacer, SharedPacer], monkeypatch: pytest.MonkeyPatch
) -> None:
    pacer, _ = both
    monkeypatch.setattr(Seat, "meet", lost)
    booked = pacer.reserve(2.0, input_tokens=700)
    assert booked.delay > 0
    monkeypatch.undo()

    assert pacer.delay(2.0 + TURN, booked) == 0


def test_who_went_on_alone_and_was_refused_tells_the_others_when_they_meet_again(
    both: tuple[SharedPacer, SharedPacer], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    monkeypatch.setattr(Seat, "meet", lost)
    for now in (2.0, 2.0 + LOST):
        for pacer in both:
            answered(pacer, now, pacer.reserve(now, input_tokens=700))
    other.observe(5.0, other.reserve(5.0, input_tokens=700), REFUSED)
    assert one.reserve(5.0, input_tokens=700).delay == 0
    monkeypatch.undo()

    other.reserve(6.0, input_tokens=700)

    assert one.reserve(6.0 + TURN, input_tokens=700).delay > 0
