"""Usage that grows too fast, and more answers at a time than the service gives."""

from __future__ import annotations

from clarion.emulator.limits import Ramp
from clarion.emulator.script import error
from desk import desk, problem

# Ramp


def test_usage_may_grow_by_a_step_a_minute() -> None:
    asking = desk(ramp=Ramp(input_tokens=2_000, step=1_000))
    size = asking.count(system="word " * 1_000)  # about 1,650
    asking.emulator.clock.advance(15)

    first, second = asking.post(system="word " * 1_000), asking.post(system="word " * 1_000)
    status, kind, message, code = problem(second)

    assert first.status == 200
    assert (status, kind, code) == (429, "rate_limit_error", "ramp_limit_exceeded")
    assert "Your current limit is 2,000 input tokens per minute, and will increase to 3,000" in message
    assert second.headers["retry-after"] == "45"
    asking.emulator.clock.advance(45)
    assert asking.post(system="word " * 1_000).status == 200
    assert 2 * size > 3_000
    assert asking.post(system="word " * 1_000).status == 429


def test_after_an_idle_minute_the_ramp_begins_anew() -> None:
    asking = desk(ramp=Ramp(input_tokens=2_000, step=100_000))
    asking.post()
    asking.emulator.clock.advance(60)
    asking.post()
    asking.emulator.clock.advance(120)

    assert "current limit is 2,000" in problem(asking.post(system="word " * 2_000))[2]


# Capacity


def test_answers_beyond_the_capacity_are_answered_with_529() -> None:
    asking = desk(capacity=2, first_token_delay=5.0)

    responses = [asking.post() for _ in range(3)]
    asking.emulator.clock.advance(5)

    assert [response.status for response in responses] == [200, 200, 529]
    assert problem(responses[2])[1:3] == ("overloaded_error", "Overloaded")
    assert "retry-after" not in responses[2].headers
    assert asking.post().status == 200


def test_a_failure_takes_no_capacity() -> None:
    asking = desk(capacity=1, first_token_delay=5.0, script=[error(500)])
    asking.post()

    assert asking.post().status == 200
