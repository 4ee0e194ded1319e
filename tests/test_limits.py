from __future__ import annotations

import re
from typing import Any

import pytest

from clarion import LimitError
from wire import RememberingEmulator


def test_a_request_within_its_limits_is_sent_without_asking(claude: Any, emulator: RememberingEmulator) -> None:
    claude.complete("Hi", max_input_tokens=1000, max_cost=1)

    assert len(emulator.bodies) == 1


def test_a_request_with_too_many_tokens_is_not_sent(claude: Any, emulator: RememberingEmulator) -> None:
    with pytest.raises(LimitError, match=r"input tokens, over max_input_tokens=100"):
        claude.complete("word " * 500, max_input_tokens=100)

    assert [body for body in emulator.bodies if "max_tokens" in body] == []


def test_near_the_limit_the_apis_own_count_decides(claude: Any, emulator: RememberingEmulator) -> None:
    exact = claude.count_tokens("word " * 500)

    completion = claude.complete("word " * 500, max_input_tokens=exact)

    assert completion.usage.input_tokens == exact
    with pytest.raises(LimitError, match=f"{exact:,} input tokens"):
        claude.complete("word " * 500, max_input_tokens=exact - 1)


def test_what_could_cost_too_much_is_not_sent_and_says_what_would_do(
    claude: Any, emulator: RememberingEmulator
) -> None:
    with pytest.raises(
        LimitError, match=r"costs up to \$0\.32.*max_cost=\$0\.1: max_tokens=[\d,]+ would keep"
    ) as error:
        claude.complete("Hi", max_cost=0.1, max_tokens=16_000)

    affordable = int(re.findall(r"max_tokens=([\d,]+) would", str(error.value))[0].replace(",", ""))
    assert claude.complete("Hi", max_cost=0.1, max_tokens=affordable).cost.total < 0.1
    with pytest.raises(LimitError):
        claude.complete("Hi", max_cost=0.1, max_tokens=affordable + 1)


def test_a_prompt_that_costs_too_much_alone_says_so(claude: Any) -> None:
    with pytest.raises(LimitError, match="shorten it, or ask a cheaper model"):
        claude.complete("word " * 5000, max_cost=0.001)


def test_a_model_without_a_price_cannot_keep_a_cost(claude: Any) -> None:
    with pytest.raises(LimitError, match="no price is known for claude-unheard-of"):
        claude.complete("Hi", model="claude-unheard-of", max_cost=1)


def test_writing_to_the_cache_counts_at_its_price(claude: Any) -> None:
    claude.complete("word " * 3000, max_cost=0.05, max_tokens=100, model="claude-opus-4-6")

    with pytest.raises(LimitError):
        claude.complete("word " * 3000, max_cost=0.03, max_tokens=100, model="claude-opus-4-6", cache="1h")


def test_limits_hold_for_streams_too(claude: Any) -> None:
    with pytest.raises(LimitError), claude.stream("word " * 500, max_input_tokens=100):
        pass
