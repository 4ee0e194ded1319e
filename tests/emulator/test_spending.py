"""Spend limits: when a month's money is spent, and what everything has cost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from clarion.emulator.limits import Limits, SpendLimits
from clarion.emulator.script import error, refusal, reset, say
from desk import FIVE, MODEL, Desk, Fields, desk, key, problem, text, user


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
    assert asking.emulator.respond("POST", "/v1/messages/batches", key(), batch).status == 400


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
    response = asking.emulator.respond("POST", "/v1/messages/batches", key(), json.dumps(body).encode())
    assert isinstance(response.body, bytes)
    path = f"/v1/messages/batches/{json.loads(response.body)['id']}/results"
    asking.emulator.clock.advance(10)

    results = asking.emulator.respond("GET", path, key(), b"").body

    assert isinstance(results, bytes)
    usages = [json.loads(line)["result"]["message"]["usage"] for line in results.splitlines()]
    written, read = sorted(usages, key=lambda usage: int(usage["cache_read_input_tokens"]))
    assert read["cache_read_input_tokens"] == written["cache_creation_input_tokens"] > 600
    fresh = Decimal(2 * written["input_tokens"]) + Decimal("1.35") * read["cache_read_input_tokens"]
    paid = (fresh / 10 + Decimal(written["output_tokens"] + read["output_tokens"]) / 2) / 2 / 1_000_000
    assert asking.emulator.state.limiter.spent(asking.emulator.clock()) == paid


def test_a_reset_gives_everything_back() -> None:
    asking = spender(limits=Limits(requests=1), spend_limits=SpendLimits(own=2), capacity=1, first_token_delay=9.0)
    asking.post(**EXPENSIVE)

    asking.emulator.state.reset()

    assert asking.post(**EXPENSIVE).status == 200
