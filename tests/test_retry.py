from __future__ import annotations

from typing import Any, get_args

import pytest
from anthropic.types.beta import BetaStopReason
from hypothesis import given
from hypothesis import strategies as st

from clarion import InvalidSettingError, RetryPolicy
from clarion._failure import Failure
from clarion._retry import Fallback, GiveUp, Pause, decide
from clarion._stops import STOPS, outcome_of


def failure(status: int | None = 500, **fields: Any) -> Failure:
    return Failure(kind="status" if status else "connection", message="it failed", status=status, **fields)


def decided(failed: Failure, policy: RetryPolicy | None = None, **state: Any) -> Any:
    now = {"attempts": 1, "overloads": int(failed.is_overload), "elapsed": 0.0, "fallbacks": 0, **state}
    return decide(failed, policy or RetryPolicy(), **now)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 501, 502, 503, 504, 529, None])
def test_what_may_pass_is_tried_again(status: int | None) -> None:
    assert isinstance(decided(failure(status)), Pause)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_what_will_not_pass_is_given_up(status: int) -> None:
    assert decided(failure(status)) == GiveUp()


@pytest.mark.parametrize("code", ["enforced_spend_limit_reached", "contract_spend_limit_reached"])
def test_a_spend_cap_is_given_up_whatever_the_server_says(code: str) -> None:
    assert decided(failure(429, code=code, should_retry=True, retry_after=0.1), fallbacks=1) == GiveUp()


def test_a_ramp_limit_is_waited_for() -> None:
    assert decided(failure(429, code="ramp_limit_exceeded", retry_after=3.0)) == Pause(3.0, 3.0 * 1.1)


@pytest.mark.parametrize(("status", "says", "outcome"), [(400, True, Pause), (529, False, GiveUp)])
def test_what_the_server_says_of_trying_again_is_obeyed(status: int, says: bool, outcome: type) -> None:
    assert isinstance(decided(failure(status, should_retry=says)), outcome)


def test_a_retry_after_is_obeyed_up_to_the_deadline() -> None:
    limited = failure(429, retry_after=50.0)

    assert decided(limited, RetryPolicy(deadline=60)) == Pause(50.0, 50.0 * 1.1)
    assert decided(limited, RetryPolicy(deadline=60), elapsed=8.0) == Pause(50.0, 52.0)


def test_a_retry_after_past_the_deadline_fails_at_once_and_says_when_it_would_work() -> None:
    gave_up = decided(failure(429, retry_after=90.0), RetryPolicy(deadline=60))

    assert gave_up == GiveUp("it would work in 90 s, past the deadline of 60 s")


def test_a_retry_after_past_the_deadline_turns_to_another_model_if_there_is_one() -> None:
    assert decided(failure(429, retry_after=90.0), RetryPolicy(deadline=60), fallbacks=1) == Fallback()


def test_overloads_turn_to_another_model_after_so_many() -> None:
    policy = RetryPolicy(overloads=2)

    assert isinstance(decided(failure(529), policy, overloads=1, fallbacks=1), Pause)
    assert decided(failure(529), policy, overloads=2, fallbacks=1) == Fallback()
    assert isinstance(decided(failure(529), policy, overloads=2, fallbacks=0), Pause)


def test_an_overload_within_a_stream_is_one_too() -> None:
    broken = Failure(kind="stream", message="", type="overloaded_error")

    assert decided(broken, RetryPolicy(overloads=1), fallbacks=1) == Fallback()


@pytest.mark.parametrize(("type_", "outcome"), [(None, Pause), ("api_error", Pause), ("invalid_request_error", GiveUp)])
def test_a_broken_stream_is_tried_again_unless_the_request_was_wrong(type_: str | None, outcome: type) -> None:
    assert isinstance(decided(Failure(kind="stream", message="", type=type_)), outcome)


def test_an_answer_that_is_none_is_given_up() -> None:
    assert decided(Failure(kind="answer", message="<html>")) == GiveUp()


def test_attempts_run_out() -> None:
    assert decided(failure(), RetryPolicy(attempts=3), attempts=3) == GiveUp("3 attempts failed")
    assert decided(failure(), RetryPolicy(attempts=3), attempts=3, fallbacks=1) == Fallback()


def test_the_deadline_ends_it() -> None:
    gave_up = decided(failure(), RetryPolicy(deadline=60), attempts=2, elapsed=61.0)

    assert gave_up == GiveUp("the deadline of 60 s has passed after 2 attempts")


def test_waits_double_up_to_the_cap_and_are_drawn_from_nothing_on() -> None:
    policy = RetryPolicy(base=1, cap=10, attempts=9)

    waits = [decided(failure(), policy, attempts=attempts) for attempts in range(1, 7)]

    assert waits == [Pause(0.0, most) for most in (1, 2, 4, 8, 10, 10)]


@given(
    st.sampled_from([400, 408, 429, 500, 529, None]),
    st.one_of(st.none(), st.floats(0, 1000)),
    st.integers(1, 10),
    st.floats(0, 1000),
    st.integers(0, 2),
)
def test_no_wait_goes_past_the_deadline(
    status: int | None, retry_after: float | None, attempts: int, elapsed: float, fallbacks: int
) -> None:
    policy = RetryPolicy(deadline=300)

    outcome = decided(
        failure(status, retry_after=retry_after), policy, attempts=attempts, elapsed=elapsed, fallbacks=fallbacks
    )

    if isinstance(outcome, Pause):
        assert 0 <= outcome.least <= outcome.most <= policy.deadline - elapsed
        assert outcome.least == (retry_after or 0)
    if not fallbacks:
        assert not isinstance(outcome, Fallback)


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"deadline": -1}, {"base": "1"}, {"cap": True}, {"overloads": 0}])
def test_a_policy_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingError, match=next(iter(wrong))):
        RetryPolicy(**wrong)


def test_every_stop_reason_of_the_sdk_has_its_row() -> None:
    assert set(get_args(BetaStopReason)) == STOPS.keys()


def test_a_stop_reason_of_tomorrow_counts_as_done() -> None:
    assert outcome_of("became_sentient") == "done"


def test_statuses_are_the_callers_to_choose() -> None:
    careful = RetryPolicy(statuses=frozenset({429}))
    flaky = RetryPolicy(statuses=frozenset({403, 500}))

    assert [careful.covers(status(number)) for number in (429, 500, 403)] == [True, False, False]
    assert [flaky.covers(status(number)) for number in (429, 500, 403)] == [False, True, True]
    assert careful.covers(status(500, should_retry=True))
    assert not flaky.covers(status(403, code="enforced_spend_limit_reached"))
    assert careful.covers(Failure(kind="connection", message="gone"))


def status(number: int, **fields: Any) -> Failure:
    return Failure(kind="status", message="no", status=number, **fields)


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("fallback_models", "sonnet", "names of models in a tuple"),
        ("fallback_models", [5], "names of models in a tuple"),
        ("on_retry", 5, "a function of an Attempt"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(option: str, value: Any, wanted: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{option} of a RetryPolicy must be {wanted}; got"):
        RetryPolicy(**{option: value})
