from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._pacing import Reading, Signal

HEADERS = {
    "date": "Wed, 25 Nov 2026 10:00:00 GMT",
    "anthropic-ratelimit-requests-limit": "1000",
    "anthropic-ratelimit-requests-remaining": "999",
    "anthropic-ratelimit-requests-reset": "2026-11-25T10:00:01Z",
    "anthropic-ratelimit-input-tokens-limit": "2000000",
    "anthropic-ratelimit-input-tokens-remaining": "1990000",
    "anthropic-ratelimit-input-tokens-reset": "2026-11-25T11:00:03+01:00",
    "anthropic-ratelimit-output-tokens-limit": "400000",
    "anthropic-ratelimit-output-tokens-remaining": "400000",
    "anthropic-ratelimit-output-tokens-reset": "2026-11-25T10:00:00Z",
}
ABSURD = ["", "nan", "NaN", "inf", "-inf", "-5", "1e400", "many", "0x10", "None", "9" * 400, "2026-13-45T99:00:00Z"]


def test_the_headers_tell_limit_level_and_in_how_many_seconds_it_is_full() -> None:
    assert Signal.of(200, HEADERS).readings == (
        Reading(1000, 999, 1.0),
        Reading(2_000_000, 1_990_000, 3.0),
        Reading(400_000, 400_000, 0.0),
    )


def test_a_reset_means_nothing_without_the_servers_own_time() -> None:
    headers = {name: value for name, value in HEADERS.items() if name != "date"}

    assert [reading and reading.full_in for reading in Signal.of(200, headers).readings] == [None, None, None]


def test_a_server_without_these_headers_tells_nothing() -> None:
    assert Signal.of(200, {"content-type": "application/json"}).readings == (None, None, None)


def test_fast_mode_has_tokens_of_its_own() -> None:
    fast = {
        "anthropic-fast-output-tokens-limit": "60000",
        "anthropic-fast-output-tokens-remaining": "5000",
    }

    requests, *_ = Signal.of(200, HEADERS).readings
    assert Signal.of(200, {**HEADERS, **fast}, fast=True).readings == (requests, None, Reading(60_000, 5_000))


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("This request would exceed your organization's rate limit of 400,000 output tokens per minute.", 2),
        ("This request would exceed your organization's rate limit of 50,000 input tokens per minute", 1),
        ("This request would exceed the rate limit of your organization (a.b) of 50 requests per minute.", 0),
        ("Number of request tokens has exceeded your per-minute rate limit", 1),
        ("Please try again later.", None),
    ],
)
def test_a_refusal_names_the_limit_in_its_message(message: str, place: int | None) -> None:
    assert Signal.of(429, {}, message=message).named == place


def test_a_refusal_that_names_no_limit_means_the_one_that_is_empty() -> None:
    empty = {**HEADERS, "anthropic-ratelimit-output-tokens-remaining": "0"}

    assert Signal.of(429, empty).named == 2
    assert Signal.of(429, HEADERS).named is None


def test_growth_and_overload_are_told_from_limits_and_spend_caps_are_no_matter_of_pace() -> None:
    assert Signal.of(429, {"retry-after": "3"}).refusal == "limit"
    assert Signal.of(429, {}, code="ramp_limit_exceeded").refusal == "ramp"
    assert Signal.of(529, {}).refusal == "overload"
    assert Signal.of(429, {}, code="enforced_spend_limit_reached").refusal is None
    assert Signal.of(500, {}).refusal is None


def test_a_refusal_of_growth_is_known_by_its_message_too_and_names_no_limit() -> None:
    message = (
        "This request would exceed your organization's maximum usage increase rate for input tokens per minute. Please "
        "scale up your input tokens usage more gradually to stay within the acceleration limit."
    )

    signal = Signal.of(429, HEADERS, message=message)

    assert (signal.refusal, signal.named) == ("ramp", None)


@given(st.dictionaries(st.sampled_from([*HEADERS, "retry-after"]), st.sampled_from(ABSURD) | st.text(max_size=12)))
def test_no_header_is_so_absurd_that_it_raises_or_becomes_a_number_that_is_none(headers: dict[str, str]) -> None:
    signal = Signal.of(429, {**HEADERS, **headers})

    numbers = [value for reading in signal.readings if reading for value in reading] + [signal.retry_after]
    assert all(value is None or (math.isfinite(value) and value >= 0) for value in numbers)
    assert all(reading.limit > 0 and reading.remaining <= reading.limit for reading in signal.readings if reading)
