from __future__ import annotations

import threading

import pytest

from clarion import CircuitBreaker, InvalidSettingError


def fail(breaker: CircuitBreaker, times: int, now: float = 0.0, model: str = "m") -> None:
    for _ in range(times):
        breaker.record(model, now, failed=True)


def test_it_opens_at_the_rate_and_not_before_enough_have_failed() -> None:
    breaker = CircuitBreaker(rate=0.5, window=10, least=3)
    for failed in (True, False, True, False, False):
        breaker.record("m", 0.0, failed=failed)

    assert breaker.bar("m", 0.0) is None
    fail(breaker, 1)
    assert breaker.bar("m", 0.0) == 30.0


def test_old_outcomes_leave_the_window() -> None:
    breaker = CircuitBreaker(rate=1.0, window=3, least=3)
    breaker.record("m", 0.0, failed=False)
    fail(breaker, 2)

    assert breaker.bar("m", 0.0) is None
    fail(breaker, 1)
    assert breaker.bar("m", 0.0) is not None


def test_models_do_not_answer_for_each_other() -> None:
    breaker = CircuitBreaker(least=1)
    fail(breaker, 1, model="one")

    assert breaker.bar("two", 0.0) is None


def test_after_the_pause_one_probe_is_let_through_and_its_success_closes_it() -> None:
    breaker = CircuitBreaker(least=1, pause=10)
    fail(breaker, 1)

    assert breaker.bar("m", 9.0) == 1.0
    assert breaker.bar("m", 10.0) is None
    assert breaker.bar("m", 10.0) == 10.0
    breaker.record("m", 11.0, failed=False)
    assert breaker.bar("m", 11.0) is None
    assert breaker.bar("m", 11.0) is None


def test_a_probe_that_fails_opens_it_for_another_pause() -> None:
    breaker = CircuitBreaker(least=1, pause=10)
    fail(breaker, 1)
    breaker.bar("m", 10.0)

    breaker.record("m", 12.0, failed=True)

    assert breaker.bar("m", 13.0) == 9.0
    assert breaker.bar("m", 22.0) is None


def test_a_probe_that_tells_nothing_makes_room_for_another() -> None:
    breaker = CircuitBreaker(least=1, pause=10)
    fail(breaker, 1)
    breaker.bar("m", 10.0)

    breaker.forget("m")

    assert breaker.bar("m", 10.0) is None


def test_a_late_outcome_from_before_it_opened_changes_nothing() -> None:
    breaker = CircuitBreaker(least=1, pause=10)
    fail(breaker, 1)

    breaker.record("m", 5.0, failed=False)

    assert breaker.bar("m", 5.0) == 5.0


def test_many_threads_let_exactly_one_probe_through() -> None:
    breaker = CircuitBreaker(least=1, pause=10)
    fail(breaker, 1)
    admitted: list[int] = []

    def ask(number: int) -> None:
        if breaker.bar("m", 10.0) is None:
            admitted.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(admitted) == 1


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"rate": 1.1}, {"least": 0}, {"least": 30}, {"pause": 0.0}])
def test_a_breaker_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSettingError):
        CircuitBreaker(**wrong)  # type: ignore[arg-type]  # the mistakes under test
