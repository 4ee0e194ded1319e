"""Rate limits: who is let in, what the headers say, and when to come again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import httpx2
import pytest

from clarion.emulator import Emulator, EmulatorTransport, models
from clarion.emulator.limits import Limits, Ramp, SpendLimits
from clarion.emulator.limits.tiers import group_of, tier
from clarion.emulator.script import error, say
from desk import FIVE, LONG, MODEL, NOON, Fields, desk, key, problem, text, told, user

# The table


def test_every_model_that_answers_is_in_one_group() -> None:
    rows = [(model.id, group_of(model.id)) for model in models.catalogue() if model.lifecycle != "retired"]

    grouped: dict[str, list[str]] = {}
    for model, group in rows:
        grouped.setdefault(group, []).append(model)
    assert sorted(grouped["fable"]) == ["claude-fable-5", "claude-fable-5-1", "claude-fable-5-2"]
    assert grouped["opus-5-5"] == ["claude-opus-5-5"]
    assert len(grouped["opus-4"]) == 4
    assert set(grouped) == set(tier("start").groups)


@pytest.mark.parametrize(
    ("name", "model", "numbers"),
    [
        ("start", "claude-fable-5-2", (1_000, 500_000, 100_000)),
        ("build", "claude-fable-5-1", (2_000, 1_500_000, 300_000)),
        ("scale", "claude-fable-5", (4_000, 4_000_000, 800_000)),
        ("start", "claude-opus-5-5", (1_000, 2_000_000, 400_000)),
        ("build", "claude-sonnet-5-5", (5_000, 5_000_000, 1_000_000)),
        ("scale", "claude-haiku-4-5", (10_000, 10_000_000, 2_000_000)),
    ],
)
def test_a_tier_shows_its_numbers(name: Any, model: str, numbers: tuple[int, int, int]) -> None:
    headers = told(desk(tier=name).post(model=model, max_tokens=1))

    requests, came, went = numbers
    assert headers["requests-limit"] == str(requests)
    assert headers["input-tokens-limit"] == str(came)
    assert headers["output-tokens-limit"] == str(went)
    assert headers["tokens-limit"] == str(came + went)


@pytest.mark.parametrize(
    ("path", "limit"), [("/v1/messages/count_tokens", "2000"), ("/v1/messages/batches", "1000"), ("/v1/files", "500")]
)
def test_other_endpoints_have_limits_of_requests_alone(path: str, limit: str) -> None:
    body: Fields = {"max_tokens": None} if "count" in path else {}
    headers = told(desk(tier="start").post(path, **body))

    assert headers == {"requests-limit": limit, "requests-remaining": headers["requests-remaining"]} | {
        "requests-reset": headers["requests-reset"]
    }


@pytest.mark.parametrize(
    "options",
    [{"tier": "gold"}, {"limits": {"requests": 0}}, {"ramp": {"input_tokens": 0}}, {"capacity": 0}],
)
def test_limits_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    kinds: dict[str, Any] = {"limits": Limits, "ramp": Ramp}

    with pytest.raises(ValueError, match=r"start, build, scale|positive|nothing pass"):
        Emulator(**{name: kinds[name](**value) if name in kinds else value for name, value in options.items()})


# By default


def test_by_default_nothing_is_refused_and_the_headers_show_a_full_start() -> None:
    asking = desk()

    responses = [asking.post() for _ in range(1_200)]

    assert {response.status for response in responses} == {200}
    headers = told(responses[-1])
    assert headers["requests-remaining"] == "999"
    assert headers["input-tokens-remaining"] == "2000000"
    assert len(headers) == 12


# Requests


def test_a_minutes_requests_may_come_at_once_and_no_more() -> None:
    asking = desk(limits=Limits(requests=60))

    statuses = [asking.post().status for _ in range(61)]

    assert statuses == [200] * 60 + [429]


def test_a_refusal_says_which_limit_and_when_to_come_again() -> None:
    asking = desk(limits=Limits(requests=6))
    for _ in range(6):
        asking.post()

    response = asking.post()
    status, kind, message, code = problem(response)

    assert (status, kind, code) == (429, "rate_limit_error", None)
    assert message.startswith(
        "This request would exceed your organization's rate limit of 6 requests per minute (org: "
    )
    assert f"model: {MODEL}" in message
    assert response.headers["retry-after"] == "10"
    assert response.headers["x-should-retry"] == "true"
    assert told(response)["requests-remaining"] == "0"
    assert len(told(response)) == 12


def test_retry_after_is_never_too_early_and_no_second_too_late() -> None:
    asking = desk(limits=Limits(requests=7))
    for _ in range(7):
        asking.post()

    wait = int(asking.post().headers["retry-after"])
    asking.emulator.clock.advance(wait - 1)
    early = asking.post().status
    asking.emulator.clock.advance(1)

    assert (early, asking.post().status) == (429, 200)


def test_a_refused_request_draws_nothing() -> None:
    asking = desk(limits=Limits(requests=60, input_tokens=1_000))
    refused = [asking.post(system=LONG * 3).status for _ in range(5)]

    assert refused == [429] * 5
    assert told(asking.post())["requests-remaining"] == "59"


@pytest.mark.parametrize("bad", [{"max_tokens": -1}, {"model": "claude-unknown"}, {"messages": None}])
def test_an_invalid_request_draws_nothing(bad: Fields) -> None:
    asking = desk(limits=Limits(requests=60))
    asking.post(**bad)

    assert told(asking.post())["requests-remaining"] == "59"


@pytest.mark.parametrize("fault", [error(529), error(429, retry_after=1)])
def test_a_scripted_failure_gives_back_what_it_drew(fault: Any) -> None:
    asking = desk(limits=Limits(requests=60), script=[fault])
    asking.post()

    assert told(asking.post())["requests-remaining"] == "59"


def test_models_of_a_group_share_and_groups_do_not() -> None:
    asking = desk(limits=Limits(requests=10))
    for model in ("claude-opus-4-8", "claude-opus-4-6"):
        asking.post(model=model)

    assert told(asking.post(model="claude-opus-4-7"))["requests-remaining"] == "7"
    assert told(asking.post(model="claude-opus-5"))["requests-remaining"] == "9"


# Input


def test_input_is_drawn_at_the_start_but_not_what_is_read_from_the_cache() -> None:
    asking = desk(limits=Limits(input_tokens=10_000))
    fields: Fields = {"system": [text("word " * 2_500, FIVE)]}
    size = asking.count(**fields)

    written = told(asking.post(**fields))["input-tokens-remaining"]
    read = told(asking.post(**fields))["input-tokens-remaining"]

    assert written == read == str(round(10_000 - size, -3))


def test_input_beyond_what_is_left_waits_for_it_to_fill() -> None:
    asking = desk(limits=Limits(input_tokens=6_000))
    size = asking.count(system="word " * 2_500)

    first, second = asking.post(system="word " * 2_500), asking.post(system="word " * 2_500)

    assert first.status == 200
    assert "6,000 input tokens per minute" in problem(second)[2]
    assert second.headers["retry-after"] == str(-(-(2 * size - 6_000) // 100))
    asking.emulator.clock.advance(int(second.headers["retry-after"]))
    assert asking.post(system="word " * 2_500).status == 200


def test_a_prompt_larger_than_a_minutes_input_never_passes() -> None:
    asking = desk(limits=Limits(input_tokens=1_000))

    response = asking.post(system="word " * 2_500)

    assert response.status == 429
    asking.emulator.clock.advance(3_600)
    assert asking.post(system="word " * 2_500).status == 429


# Output


def test_max_tokens_reserves_nothing() -> None:
    asking = desk(limits=Limits(output_tokens=1_000), script=[say("one two three")] * 10)

    assert [asking.post(max_tokens=8_000).status for _ in range(10)] == [200] * 10


def test_output_is_drawn_as_it_is_generated_and_may_go_into_debt() -> None:
    answer = say("word " * 1_500)  # about 2,500 tokens, in 25 seconds
    asking = desk(limits=Limits(output_tokens=1_500), tokens_per_second=100, script=[answer])
    asking.post(max_tokens=8_000)

    left = []
    for _ in range(4):
        asking.emulator.clock.advance(5)
        left.append(told(asking.post(max_tokens=-1))["output-tokens-remaining"])
    refused = asking.post()

    assert left == ["1000", "1000", "0", "0"]  # 75 fewer a second, rounded to thousands
    assert "1,500 output tokens per minute" in problem(refused)[2]
    asking.emulator.clock.advance(int(refused.headers["retry-after"]))
    assert asking.post().status == 200


def test_an_answer_at_once_is_drawn_at_once() -> None:
    asking = desk(limits=Limits(output_tokens=1_200), script=[say("word " * 1_000)])

    assert asking.post(max_tokens=8_000).status == 200
    assert asking.post().status == 429


# Pools


def test_counting_draws_on_a_pool_of_its_own() -> None:
    asking = desk(tier="start")

    for _ in range(3):
        asking.post("/v1/messages/count_tokens", max_tokens=None)

    assert told(asking.post())["requests-remaining"] == "999"
    counted = asking.post("/v1/messages/count_tokens", max_tokens=None)
    assert told(counted)["requests-remaining"] == "1996"


def test_a_pool_of_requests_is_kept_too() -> None:
    asking = desk(tier="start")
    statuses = [asking.emulator.respond("GET", "/v1/files", key(), b"").status for _ in range(501)]

    assert statuses == [200] * 500 + [429]


def test_the_higher_speed_has_tokens_of_its_own() -> None:
    asking = desk(limits=Limits(requests=10, input_tokens=3_000))
    fields: Fields = {"model": "claude-opus-5-5", "system": "word " * 1_000}

    slow = asking.post(**fields)
    fast = asking.post(speed="fast", **fields)

    assert "anthropic-fast-input-tokens-remaining" not in slow.headers
    assert fast.status == 200
    assert told(fast)["requests-remaining"] == "8"
    assert told(fast)["input-tokens-remaining"] == "1000"
    names = sorted(name for name in fast.headers if name.startswith("anthropic-fast-"))
    kinds, parts = ("input-tokens", "output-tokens"), ("limit", "remaining", "reset")
    assert names == sorted(f"anthropic-fast-{kind}-{part}" for kind in kinds for part in parts)
    assert fast.headers["anthropic-fast-input-tokens-remaining"] == "1000"


# Headers


def test_headers_tell_what_is_left_and_when_it_will_be_whole() -> None:
    asking = desk(limits=Limits(requests=60, input_tokens=120_000, output_tokens=60_000), script=[say("word " * 5_000)])
    asking.post(system="word " * 20_000, max_tokens=9_000)

    headers = told(asking.post())

    assert headers["requests-remaining"] == "58"
    assert headers["requests-reset"] == "2026-11-23T12:00:02Z"
    assert headers["input-tokens-remaining"] == "87000"
    assert headers["input-tokens-reset"] == "2026-11-23T12:00:17Z"
    assert headers["output-tokens-remaining"] == "52000"
    assert headers["tokens-remaining"] == "139000"
    assert headers["tokens-reset"] == headers["output-tokens-reset"] == "2026-11-23T12:00:09Z"


def test_refusals_of_other_kinds_carry_the_headers_of_their_model() -> None:
    asking = desk(tier="build")

    assert told(asking.post(model="claude-fable-5-2", max_tokens=-1))["requests-limit"] == "2000"


def test_who_is_unknown_is_told_no_limits() -> None:
    assert told(desk().post(headers={"x-api-key": "wrong"})) == {}


# Clients


def test_the_sdk_sees_limits_and_money_as_the_api_shows_them() -> None:
    emulator = Emulator(clock=lambda: NOON, limits=Limits(requests=1), spend_limits=SpendLimits(contract=0))
    http = httpx2.Client(transport=EmulatorTransport(emulator))
    sdk = anthropic.Anthropic(api_key="test", http_client=http, max_retries=0)
    messages: Any = [{"role": "user", "content": "Hello"}]

    with pytest.raises(anthropic.RateLimitError) as spent:
        sdk.messages.create(model=MODEL, max_tokens=10, messages=messages)

    assert spent.value.error_code == "contract_spend_limit_reached"


def test_a_client_at_the_pace_of_the_limit_is_never_refused() -> None:
    asking = desk(limits=Limits(requests=120))
    for _ in range(120):
        asking.post()

    statuses = []
    for _ in range(240):
        asking.emulator.clock.advance(0.5)
        statuses.append(asking.post().status)

    assert set(statuses) == {200}


def test_a_client_at_twice_the_pace_gets_through_by_obeying_retry_after() -> None:
    asking = desk(limits=Limits(requests=120, input_tokens=2_000))
    answered, refused, tries = 0, 0, 0

    while answered < 300:
        response = asking.post()
        if response.status == 200:
            answered, tries = answered + 1, 0
            asking.emulator.clock.advance(0.25)
        else:
            refused, tries = refused + 1, tries + 1
            asking.emulator.clock.advance(float(response.headers["retry-after"]))
        assert tries <= 1

    assert refused > 20


@pytest.mark.parametrize(("limits", "most"), [({"requests": 500}, 500), ({"input_tokens": 5_000}, None)])
def test_sixteen_threads_are_let_in_exactly_as_often_as_one(limits: dict[str, int], most: int | None) -> None:
    asking = desk(limits=Limits(**limits))
    allowed = most or 5_000 // asking.count()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: asking.post().status, range(1_600)))

    assert statuses.count(200) == allowed


def test_the_same_requests_at_the_same_times_get_the_same_answers() -> None:
    def run() -> list[tuple[int, dict[str, str]]]:
        asking = desk(limits=Limits(requests=30, input_tokens=3_000), tokens_per_second=50)
        seen = []
        for number in range(80):
            asking.emulator.clock.advance(0.7)
            response = asking.post(messages=[user(text(f"Number {number} " * (number % 7 + 1)))], max_tokens=300)
            seen.append((response.status, response.headers))
        return seen

    assert run() == run()
