"""Verdicts on real clients: ours comes clean out of a long bad day, and the sins of the SDK alone are found."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Any

import anthropic
import httpx2
import pytest

from clarion import ClaudeConfig, RefusalError, RetryPolicy, tool
from clarion.emulator import Emulator, EmulatorTransport, Limits, SpendLimits
from clarion.emulator.scenario import Scenario
from clarion.emulator.script import error
from colours import Make

SEARCH = {"type": "web_search_20250305", "name": "web_search"}
SPEED = 500  # a minute takes about a tenth of a second
DAY = """
scenario: bad-day
seed: 11
lane: one
steps:
  - {times: 2, do: {error: 529}}
  - do: {error: {status: 429, retry_after: 40s}}
  - do: reset
  - {times: 2, do: {calls: [{name: add, input: {a: 1, b: 2}}, {name: add, input: {a: 3, b: 4}}]}}
  - {for: 30s, do: {error: 529}}
  - do: CUT
  - do: {call: {name: add, input: {a: 5, b: 6}}}
  - do: empty
  - do: pause
  - do: {error: {status: 500}}
  - do: pause
  - do: {html: 502}
  - do: truncated
  - ok
BROKEN  - {do: {refusal: cyber}, when: {model: "claude-opus-*"}}
  - do: {error: {status: 504}}
  - do: {say: At last.}
"""
WHOLE = DAY.replace("CUT", "{call: {name: add, input: {a: 5, b: 6}, cut: 9}}").replace("BROKEN", "")
STREAMED = DAY.replace("CUT", "{error_event: 1}").replace(
    "BROKEN", "  - do: {say: one two three four five, drop: 1}\n  - ok\n"
)


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.mark.parametrize(("day", "streams"), [(WHOLE, False), (STREAMED, True)], ids=["whole", "streamed"])
def test_our_client_comes_clean_out_of_a_bad_day(make_claude: Make, day: str, streams: bool) -> None:
    retry = RetryPolicy(attempts=12, base=1 / SPEED, cap=30 / SPEED, overloads=12, fallback_models=("claude-opus-4-7",))
    config = ClaudeConfig(model="claude-opus-4-8", max_tokens=4000, retry=retry)
    emulator = Emulator(scenario=Scenario.parse(day, speed=SPEED))
    claude = make_claude(emulate=emulator, config=config)

    for prompt in ("What is 1 + 2 and 3 + 4?", "And now?", "And then?"):
        if streams:
            with claude.stream(prompt, tools=[add, SEARCH], thinking="low") as stream:
                for _ in stream:
                    pass
        else:
            claude.complete(prompt, tools=[add, SEARCH], thinking="low")

    emulator.assert_all_consumed()
    assert [str(finding) for finding in emulator.verdict()] == []


def sdk(emulator: Emulator) -> anthropic.Anthropic:
    http = httpx2.Client(transport=EmulatorTransport(emulator))
    return anthropic.Anthropic(api_key="test", http_client=http, max_retries=2)


def codes(emulator: Emulator) -> dict[str, int]:
    return dict(Counter(finding.code for finding in emulator.verdict()))


def test_the_sdk_alone_retries_a_spent_limit_and_is_found() -> None:
    emulator = Emulator(script=[error(429, code="enforced_spend_limit_reached").times(3)])

    with pytest.raises(anthropic.APIStatusError):
        sdk(emulator).messages.create(
            model="claude-haiku-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}]
        )

    assert codes(emulator) == {"hopeless-retry": 2}


def test_our_client_gets_through_a_limit_that_is_kept(make_claude: Make) -> None:
    emulator = Emulator(limits=Limits(input_tokens=30_000))  # 500 more a second
    claude = make_claude(emulate=emulator)

    for _ in range(2):
        assert claude.complete("word " * 9_300).usage.input_tokens > 15_000

    assert codes(emulator) == {}
    assert len(emulator.requests) <= 3


def test_our_client_stops_where_the_money_of_the_month_is_spent(make_claude: Make) -> None:
    emulator = Emulator(tier="start", spend_limits=SpendLimits(tier=0))

    with pytest.raises(anthropic.RateLimitError):
        make_claude(emulate=emulator).complete("Hello")

    assert codes(emulator) == {}
    assert len(emulator.requests) == 1


def test_our_client_does_not_retry_a_spent_limit(make_claude: Make) -> None:
    emulator = Emulator(script=[error(429, code="enforced_spend_limit_reached").times(3)])

    with pytest.raises(anthropic.APIStatusError):
        make_claude(emulate=emulator).complete("Hello")

    assert codes(emulator) == {}
    assert len(emulator.requests) == 1


def test_a_loop_on_the_sdk_that_asks_a_refused_question_again_is_found() -> None:
    emulator = Emulator(scenario=Scenario.parse("steps: [{times: 3, do: {refusal: bio}}, ok]"))

    for _ in range(4):
        message = sdk(emulator).messages.create(
            model="claude-haiku-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}]
        )
        if message.content:
            break

    assert codes(emulator) == {"refusal-retried": 3}


def test_our_client_names_a_refusal_and_does_not_ask_again(make_claude: Make) -> None:
    emulator = Emulator(scenario=Scenario.parse("steps: [{times: 3, do: {refusal: bio}}]"))

    with contextlib.suppress(RefusalError):
        make_claude(emulate=emulator).complete("Hello")

    assert codes(emulator) == {}


TOOLS: list[Any] = [
    {"name": "add", "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    SEARCH,
]
LOOP = """
lane: one
steps:
  - {times: 4, do: {error: 529}}
  - do: {calls: [{name: add, input: {a: 1}}]}
  - do: {call: {name: add, input: {a: 12345}, cut: 7}}
  - do: pause
"""


def test_the_loop_that_everybody_writes_on_the_sdk_is_found_to_do_all_it_should_not() -> None:
    emulator = Emulator(scenario=Scenario.parse(LOOP), clock=lambda: 0.0)
    client = sdk(emulator).with_options(max_retries=0)
    messages: list[Any] = [{"role": "user", "content": "What is one more than 1?"}]

    while True:
        try:
            message = client.messages.create(
                model="claude-opus-4-8", max_tokens=2000, thinking={"type": "adaptive"}, tools=TOOLS, messages=messages
            )
        except anthropic.OverloadedError:
            continue
        uses: list[Any] = [block.model_dump(mode="json") for block in message.content if block.type == "tool_use"]
        if not uses:
            break
        uses = [{key: use[key] for key in ("type", "id", "name", "input")} for use in uses]
        results = [{"type": "tool_result", "tool_use_id": use["id"], "content": "2"} for use in uses]
        messages += [{"role": "assistant", "content": uses}, {"role": "user", "content": results}]

    emulator.assert_all_consumed()
    assert codes(emulator) == {
        "no-back-off": 1,
        "thinking-dropped": 1,
        "cut-call-executed": 1,
        "pause-taken-for-end": 1,
    }
