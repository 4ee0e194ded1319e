"""Streams: the grammar of events, agreement with the plain answer, pace."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.emulator import Chunk, Emulator
from clarion.emulator.script import slow

HEADERS = {"x-api-key": "test", "anthropic-version": "2026-10-21"}
WEATHER = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "note": {"const": 'say ", "hi": '}},
        "required": ["city", "note"],
    },
}
FOLLOWS = {
    "message_start": {"content_block_start", "message_delta"},
    "content_block_start": {"content_block_delta", "content_block_stop", "ping"},
    "ping": {"content_block_delta", "content_block_stop"},
    "content_block_delta": {"content_block_delta", "content_block_stop"},
    "content_block_stop": {"content_block_start", "message_delta"},
    "message_delta": {"message_stop"},
    "message_stop": set(),
}
PROMPTS = st.text(min_size=1, max_size=300).filter(lambda text: not text.isspace())


def post(emulator: Emulator, **fields: Any) -> Any:
    base = {"model": "claude-opus-4-6", "max_tokens": 2000, "messages": [{"role": "user", "content": "Hello"}]}
    return emulator.respond("POST", "/v1/messages", HEADERS, json.dumps(base | fields).encode()).body


def chunks(emulator: Emulator, **fields: Any) -> list[Chunk]:
    return list(post(emulator, stream=True, **fields))


def events(**fields: Any) -> list[dict[str, Any]]:
    found = []
    for frame in b"".join(chunk.data for chunk in chunks(Emulator(), **fields)).decode().split("\n\n")[:-1]:
        name, data = frame.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        found.append(event)
    return found


def collected(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the blocks of a stream together, as a client does."""
    blocks: list[dict[str, Any]] = []
    arguments: dict[int, str] = {}
    for event in found:
        if event["type"] == "content_block_start":
            blocks.append(event["content_block"])
        elif event["type"] == "content_block_delta":
            delta = {key: value for key, value in event["delta"].items() if key != "type"}
            for key, value in delta.items():
                if key == "partial_json":
                    arguments[event["index"]] = arguments.get(event["index"], "") + value
                else:
                    blocks[event["index"]][key] += value
    for index, text in arguments.items():
        blocks[index]["input"] = json.loads(text)
    return blocks


def check_grammar(found: list[dict[str, Any]]) -> None:
    names = [event["type"] for event in found]
    assert names[0] == "message_start"
    assert names[-1] == "message_stop"
    for this, after in pairwise(names):
        assert after in FOLLOWS[this], (this, after)
    indexes = [event["index"] for event in found if event["type"] == "content_block_start"]
    assert indexes == list(range(len(indexes)))
    assert names.count("ping") == (1 if indexes else 0)
    current = None
    for event in found:
        if event["type"] == "content_block_start":
            current = event["index"]
        elif "index" in event:
            assert event["index"] == current


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    prompt=PROMPTS,
    model=st.sampled_from(["claude-opus-4-6", "claude-opus-5-5", "claude-haiku-4-5"]),
    max_tokens=st.sampled_from([1, 30, 90, 2000]),
)
def test_any_prompt_streams_what_it_answers_plainly(prompt: str, model: str, max_tokens: int) -> None:
    fields = {"messages": [{"role": "user", "content": prompt}], "model": model, "max_tokens": max_tokens}

    plain = json.loads(post(Emulator(), **fields))
    found = events(**fields)

    check_grammar(found)
    streamed = collected(found)
    assert [block["type"] for block in streamed] == [block["type"] for block in plain["content"]]
    assert [block.get("text") for block in streamed] == [block.get("text") for block in plain["content"]]
    assert found[-2]["delta"]["stop_reason"] == plain["stop_reason"]
    assert found[-2]["usage"]["output_tokens"] == plain["usage"]["output_tokens"]


def test_message_start_has_said_nothing_yet() -> None:
    message = events()[0]["message"]

    assert message["content"] == []
    assert message["stop_reason"] is None
    assert message["usage"]["input_tokens"] > 0
    assert message["usage"]["output_tokens"] == 1


def test_text_comes_in_many_small_deltas() -> None:
    texts = [event["delta"]["text"] for event in events() if event["type"] == "content_block_delta"]

    assert len(texts) > 10
    assert max(map(len, texts)) < 90


def test_omitted_thinking_is_one_signature_and_summarized_thinking_ends_with_one() -> None:
    for display, starts in (("omitted", []), ("summarized", ["thinking_delta"])):
        found = events(model="claude-opus-5-5", thinking={"type": "adaptive", "display": display})
        kinds = [event["delta"]["type"] for event in found if event.get("index") == 0 and "delta" in event]
        assert kinds[-1] == "signature_delta"
        assert kinds.count("signature_delta") == 1
        assert list(dict.fromkeys(kinds[:-1])) == starts


def test_tool_input_comes_empty_first_and_then_key_by_key() -> None:
    found = events(tools=[WEATHER], tool_choice={"type": "any"})

    parts = [event["delta"]["partial_json"] for event in found if event["type"] == "content_block_delta"]
    assert found[1]["content_block"]["input"] == {}
    assert parts == ["", '{"city": "city", ', '"note": "say \\", \\"hi\\": "}']
    assert collected(found)[0]["input"] == {"city": "city", "note": 'say ", "hi": '}


def test_tool_input_cut_by_max_tokens_is_no_json() -> None:
    found = events(tools=[WEATHER], tool_choice={"type": "any"}, max_tokens=16)

    parts = [event["delta"]["partial_json"] for event in found if event["type"] == "content_block_delta"]
    with pytest.raises(json.JSONDecodeError):
        json.loads("".join(parts))
    assert found[-2]["delta"]["stop_reason"] == "max_tokens"


def test_the_last_usage_is_cumulative_and_complete() -> None:
    usage = events(model="claude-opus-5-5")[-2]["usage"]

    assert usage.keys() >= {"input_tokens", "output_tokens", "cache_read_input_tokens", "output_tokens_details"}
    assert 0 < usage["output_tokens_details"]["thinking_tokens"] < usage["output_tokens"]


def test_without_a_pace_nothing_is_delayed() -> None:
    assert {chunk.delay for chunk in chunks(Emulator())} == {0.0}


def test_delays_follow_the_pace() -> None:
    found = chunks(Emulator(first_token_delay=1.5, tokens_per_second=100))
    tokens = json.loads(found[-2].data.decode().split("data: ")[1])["usage"]["output_tokens"]

    assert found[0].delay == 1.5
    assert sum(chunk.delay for chunk in found[1:]) == pytest.approx(tokens / 100, rel=0.25)


def test_unseen_thinking_takes_its_time_too() -> None:
    found = chunks(Emulator(tokens_per_second=10), model="claude-opus-5-5")

    signature = next(chunk for chunk in found if b"signature_delta" in chunk.data)
    assert signature.delay > 1


def test_a_refused_stream_is_a_plain_error() -> None:
    body = post(Emulator(), stream=True, model="nobody")

    assert json.loads(body)["error"]["message"] == "model: nobody"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"model": "claude-haiku-5-5"},
        {"max_tokens": 1},
        {"tools": [WEATHER], "tool_choice": {"type": "any"}},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    ],
)
def test_an_answer_at_once_takes_as_long_as_its_stream(fields: dict[str, Any]) -> None:
    emulator = Emulator(script=[slow(first_token=1, per_event=0.5)] * 2)
    streamed = sum(chunk.delay for chunk in chunks(emulator, **fields))
    body = {"model": "claude-opus-4-6", "max_tokens": 2000, "messages": [{"role": "user", "content": "Hello"}]}

    plain = emulator.respond("POST", "/v1/messages", HEADERS, json.dumps(body | fields).encode())

    assert plain.delay == pytest.approx(streamed)
