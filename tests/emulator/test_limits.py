"""Rate limits, spend limits and capacity: who is let in, what the headers say, and when to come again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import anthropic
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.emulator import Emulator, EmulatorTransport, Response, models
from clarion.emulator.limits import Limits, Ramp, SpendLimits
from clarion.emulator.limits.bucket import MINUTE, SECOND, Bucket
from clarion.emulator.limits.tiers import group_of, tier
from clarion.emulator.script import error, refusal, reset, say
from desk import FIVE, LONG, MODEL, NOON, Desk, Fields, text, user

FAMILY = "anthropic-ratelimit-"


def desk(**options: Any) -> Desk:
    return Desk(Emulator(clock=lambda: NOON, **options))


def told(response: Response) -> dict[str, str]:
    """Return the rate-limit headers without their common beginning."""
    return {name.removeprefix(FAMILY): value for name, value in response.headers.items() if name.startswith(FAMILY)}


def problem(response: Response) -> tuple[int, str, str, str | None]:
    """Return status, type, message and code of a refusal."""
    assert isinstance(response.body, bytes)
    found = json.loads(response.body)["error"]
    return response.status, found["type"], found["message"], (found.get("details") or {}).get("error_code")


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
    statuses = [asking.emulator.respond("GET", "/v1/files", _key(), b"").status for _ in range(501)]

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


# Money


def spender(**options: Any) -> Desk:
    """Make a desk whose first answer costs two dollars."""
    return desk(script=[say("word " * 30_500)], **options)


EXPENSIVE: Fields = {"model": "claude-fable-5-1", "max_tokens": 100_000}


@pytest.mark.parametrize(
    ("limits", "status", "kind", "code", "words"),
    [
        ("own", 400, "invalid_request_error", None, "You have reached your specified API usage limits. "),
        ("tier", 429, "rate_limit_error", "enforced_spend_limit_reached", "You have reached your API usage limits: "),
        ("contract", 429, "rate_limit_error", "contract_spend_limit_reached", "You have reached the spend limit"),
    ],
)
def test_a_spent_month_is_refused_in_three_ways(limits: str, status: int, kind: str, code: Any, words: str) -> None:
    asking = spender(spend_limits=SpendLimits(**{limits: 2}))
    first, second = asking.post(**EXPENSIVE), asking.post(**EXPENSIVE)

    assert first.status == 200
    found = problem(second)
    assert (found[0], found[1], found[3]) == (status, kind, code)
    assert found[2].startswith(words)
    assert found[2].endswith("You will regain access on 2026-12-01 at 00:00 UTC.")
    assert "retry-after" not in second.headers


def test_counting_and_batches_are_refused_too_when_the_money_is_spent() -> None:
    asking = spender(spend_limits=SpendLimits(own=2))
    asking.post(**EXPENSIVE)
    params = {"model": MODEL, "max_tokens": 10, "messages": [user(text("Hello"))]}
    batch = json.dumps({"requests": [{"custom_id": "one", "params": params}]}).encode()

    assert asking.post("/v1/messages/count_tokens", max_tokens=None).status == 400
    assert asking.emulator.respond("POST", "/v1/messages/batches", _key(), batch).status == 400


def test_a_new_month_has_new_money() -> None:
    asking = spender(spend_limits=SpendLimits(own=2))
    asking.post(**EXPENSIVE)
    asking.emulator.clock.advance(8 * 86_400)

    assert asking.post(**EXPENSIVE).status == 200


def test_a_tier_brings_its_spend_limit_which_may_be_lowered() -> None:
    asking = spender(tier="start", spend_limits=SpendLimits(tier=Decimal("1.5")))

    statuses = [asking.post(**EXPENSIVE).status for _ in range(2)]

    assert statuses == [200, 429]


def test_what_was_spent_is_the_price_of_the_answers() -> None:
    asking = desk(spend_limits=SpendLimits(own=100), script=[say("Well"), refusal("cyber"), error(529), reset()])
    usage = asking.send(model="claude-opus-5-5")["usage"]
    asking.post(model="claude-opus-5-5")

    spent = asking.emulator.state.limiter.spent(asking.emulator.clock())

    assert spent == Decimal(4 * usage["input_tokens"] + 20 * usage["output_tokens"]) / 1_000_000


def test_requests_of_a_batch_are_paid_at_half_the_price_and_read_the_cache() -> None:
    asking = desk(spend_limits=SpendLimits(own=100))
    params = {"model": MODEL, "max_tokens": 10, "system": [text(mark=FIVE)], "messages": [user(text("Hello"))]}
    body = {"requests": [{"custom_id": f"{n}", "params": params} for n in range(2)]}
    response = asking.emulator.respond("POST", "/v1/messages/batches", _key(), json.dumps(body).encode())
    assert isinstance(response.body, bytes)
    path = f"/v1/messages/batches/{json.loads(response.body)['id']}/results"
    asking.emulator.clock.advance(10)

    results = asking.emulator.respond("GET", path, _key(), b"").body

    assert isinstance(results, bytes)
    usages = [json.loads(line)["result"]["message"]["usage"] for line in results.splitlines()]
    written, read = sorted(usages, key=lambda usage: int(usage["cache_read_input_tokens"]))
    assert read["cache_read_input_tokens"] == written["cache_creation_input_tokens"] > 600
    fresh = Decimal(2 * written["input_tokens"]) + Decimal("1.35") * read["cache_read_input_tokens"]
    paid = (fresh / 10 + Decimal(written["output_tokens"] + read["output_tokens"]) / 2) / 2 / 1_000_000
    assert asking.emulator.state.limiter.spent(asking.emulator.clock()) == paid


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


def test_a_reset_gives_everything_back() -> None:
    asking = spender(limits=Limits(requests=1), spend_limits=SpendLimits(own=2), capacity=1, first_token_delay=9.0)
    asking.post(**EXPENSIVE)

    asking.emulator.state.reset()

    assert asking.post(**EXPENSIVE).status == 200


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


# The limits as a list


def test_the_limits_can_be_read_group_by_group(client: anthropic.Anthropic) -> None:
    found = list(client.organization.rate_limits.list())

    assert [entry.group.type for entry in found].count("model_group") == len(tier("start").groups)
    (haiku,) = client.organization.rate_limits.list(model="claude-haiku-4-5")
    assert haiku.models == ["claude-haiku-4-5-20251001", "claude-haiku-4-5"]
    assert {limit.type: limit.value for limit in haiku.limits} == {
        "requests_per_minute": 1_000,
        "input_tokens_per_minute_cache_aware": 2_000_000,
        "output_tokens_per_minute": 400_000,
    }
    (batch,) = client.organization.rate_limits.list(group_type="batch")
    assert batch.models is None
    assert {limit.type: limit.value for limit in batch.limits}["enqueued_batch_requests"] == 200_000


def test_the_limits_are_listed_page_by_page(client: anthropic.Anthropic) -> None:
    every = [entry.id for entry in client.organization.rate_limits.list()]

    pages = list(client.organization.rate_limits.list(limit=4).iter_pages())

    assert [entry.id for page in pages for entry in page.data] == every
    assert [len(page.data) for page in pages] == [4, 4, 4, 1]


def test_the_limits_of_no_model_are_not_found(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="claude-unheard-of"):
        client.organization.rate_limits.list(model="claude-unheard-of")
    with pytest.raises(anthropic.BadRequestError, match="group_type"):
        client.organization.rate_limits.list(extra_query={"group_type": "cheese"})


def test_limits_of_ones_own_are_listed() -> None:
    emulator = Emulator(tier="scale", limits=Limits(requests=7))
    sdk = anthropic.Anthropic(api_key="any", http_client=httpx2.Client(transport=EmulatorTransport(emulator)))

    (fable,) = sdk.organization.rate_limits.list(model="claude-fable-5-2")

    assert [limit.value for limit in fable.limits] == [7, 4_000_000, 800_000]


# The bucket


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


def _key() -> dict[str, str]:
    return {"x-api-key": "mine", "anthropic-version": "2026-10-21"}
