"""Scripted answers: texts, tool calls, refusals, pauses and stop reasons, whole and as streams."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest

from clarion.emulator.script import (
    bad_tool_json,
    call,
    calls,
    cut,
    empty,
    pause,
    refusal,
    say,
    stop,
)

SEARCH: Any = {"type": "web_search_20250305", "name": "web_search"}
OPUS = "claude-opus-4-8"  # does not think unless asked to


def streamed(api: Any, **fields: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the blocks of a streamed answer, with their raw parts, and the data of `message_delta`."""
    base = {"model": OPUS, "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    response = api.send("POST", "/v1/messages", base | fields)
    frames = b"".join(chunk.data for chunk in response.body).split(b"\n\n")[:-1]
    events = [json.loads(frame.split(b"data: ", 1)[1]) for frame in frames]
    blocks = [event["content_block"] | {"parts": ""} for event in events if event["type"] == "content_block_start"]
    for event in events:
        if event["type"] == "content_block_delta":
            delta = event["delta"]
            blocks[event["index"]]["parts"] += delta.get("text") or delta.get("partial_json") or ""
    assert events[-1]["type"] == "message_stop"
    return blocks, events[-2]


def test_a_text_is_said_word_by_word(api: Any) -> None:
    api.emulator.add(say("Good  morning,\nÅse."), say("Good  morning,\nÅse.", "max_tokens"))

    _, body = api.ask(model=OPUS, max_tokens=1)
    blocks, last = streamed(api)

    assert [block["text"] for block in body["content"]] == ["Good  morning,\nÅse."]
    assert body["stop_reason"] == "end_turn"
    assert body["usage"]["output_tokens"] > 0
    assert [block["parts"] for block in blocks] == ["Good  morning,\nÅse."]
    assert last["delta"]["stop_reason"] == "max_tokens"


def test_thinking_stays_before_what_is_said(api: Any) -> None:
    api.emulator.add(say("Hi"))

    _, body = api.ask(model="claude-opus-5-5")

    assert [block["type"] for block in body["content"]] == ["thinking", "text"]
    assert body["usage"]["output_tokens"] > body["usage"]["output_tokens_details"]["thinking_tokens"] > 0


def test_a_tool_is_called_with_the_given_input(api: Any) -> None:
    api.emulator.add(call("add", {"a": 1, "b": "ø"}), call("add", {"a": 1, "b": "ø"}))

    _, body = api.ask(model=OPUS)
    blocks, last = streamed(api)

    assert body["content"][0]["input"] == {"a": 1, "b": "ø"}
    assert body["content"][0]["id"].startswith("toolu_")
    assert body["stop_reason"] == last["delta"]["stop_reason"] == "tool_use"
    assert json.loads(blocks[0]["parts"]) == {"a": 1, "b": "ø"}


def test_a_tool_call_may_be_cut_by_max_tokens(api: Any) -> None:
    api.emulator.add(*[call("add", {"first": 12345}, cut=8)] * 2)

    _, body = api.ask(model=OPUS)
    blocks, last = streamed(api)

    assert (body["content"][0]["input"], body["stop_reason"]) == ({}, "max_tokens")
    assert blocks[0]["parts"] == '{"first"'
    assert last["delta"]["stop_reason"] == "max_tokens"


def test_parallel_calls_have_ids_of_their_own(api: Any) -> None:
    api.emulator.add(calls([("add", {"a": 1}), ("add", {"a": 1}), ("now", {})]))

    _, body = api.ask(model=OPUS)

    assert [(block["name"], block["input"]) for block in body["content"]] == [
        ("add", {"a": 1}),
        ("add", {"a": 1}),
        ("now", {}),
    ]
    assert len({block["id"] for block in body["content"]}) == 3


def test_the_input_of_a_tool_may_be_no_json(api: Any) -> None:
    api.emulator.add(*[bad_tool_json("add")] * 2)

    _, body = api.ask(model=OPUS)
    blocks, last = streamed(api)

    assert body["content"][0]["input"] == {}
    with pytest.raises(json.JSONDecodeError):
        json.loads(blocks[0]["parts"])
    assert last["delta"]["stop_reason"] == "tool_use"


def test_a_refusal_has_no_content_and_says_why(api: Any) -> None:
    api.emulator.add(*[refusal("cyber", explanation="no")] * 2)

    status, body = api.ask(model="claude-opus-5-5")
    blocks, last = streamed(api)

    details = {"type": "refusal", "category": "cyber", "explanation": "no"}
    assert (status, body["content"], body["stop_reason"]) == (200, [], "refusal")
    assert body["stop_details"] == last["delta"]["stop_details"] == details
    assert blocks == []


def test_a_refusal_may_come_in_the_middle_of_the_text(api: Any) -> None:
    _, whole = api.ask(model=OPUS)
    api.emulator.add(*[refusal(after=3)] * 2)

    _, body = api.ask(model=OPUS)
    blocks, last = streamed(api)

    text = body["content"][0]["text"]
    assert whole["content"][0]["text"].startswith(text)
    assert blocks[0]["parts"] == text
    assert last["delta"]["stop_reason"] == "refusal"
    assert 0 < body["usage"]["output_tokens"] < whole["usage"]["output_tokens"]


def test_an_empty_answer_has_used_a_few_tokens_all_the_same(api: Any) -> None:
    api.emulator.add(empty(), empty())

    _, body = api.ask(model="claude-opus-5-5")
    blocks, last = streamed(api)

    assert (body["content"], body["stop_reason"], blocks) == ([], "end_turn", [])
    assert body["usage"]["output_tokens"] == last["usage"]["output_tokens"] == 3


def test_a_pause_leaves_a_server_tool_open_and_can_be_resumed(api: Any) -> None:
    api.emulator.add(pause(), pause())
    ask = {"role": "user", "content": "Search for Oslo"}

    _, body = api.ask(model=OPUS, tools=[SEARCH], messages=[ask])
    blocks, last = streamed(api, tools=[SEARCH])
    again, _ = api.ask(model=OPUS, tools=[SEARCH], messages=[ask, {"role": "assistant", "content": body["content"]}])

    assert [block["type"] for block in body["content"]] == ["text", "server_tool_use"]
    assert body["stop_reason"] == last["delta"]["stop_reason"] == "pause_turn"
    assert body["content"][1]["id"].startswith("srvtoolu_")
    assert json.loads(blocks[1]["parts"]) == body["content"][1]["input"]
    assert again == 200


def test_a_pause_without_a_server_tool_stops_in_the_text(api: Any) -> None:
    _, whole = api.ask(model=OPUS)
    api.emulator.add(pause())

    _, body = api.ask(model=OPUS)

    text = body["content"][0]["text"]
    assert body["stop_reason"] == "pause_turn"
    assert whole["content"][0]["text"].startswith(text)
    assert len(text) < len(whole["content"][0]["text"])


def test_a_pause_passes_by_a_tool_whose_type_is_null(api: Any) -> None:
    api.emulator.add(pause())
    own = {"type": None, "name": "look_up", "input_schema": {"type": "object"}}

    _, body = api.ask(model=OPUS, tools=[own, SEARCH])

    assert body["content"][-1]["name"] == SEARCH["name"]


def test_any_stop_reason_can_be_given_to_the_answer(api: Any) -> None:
    _, whole = api.ask(model=OPUS)
    api.emulator.add(stop("model_context_window_exceeded"), stop("tool_use"), stop("max_tokens", after=2))

    bodies = [api.ask(model=OPUS)[1] for _ in range(3)]

    assert [body["stop_reason"] for body in bodies] == ["model_context_window_exceeded", "tool_use", "max_tokens"]
    assert bodies[0]["content"] == whole["content"]
    assert len(bodies[2]["content"][0]["text"]) < len(whole["content"][0]["text"])


def test_a_scripted_answer_is_cut_where_its_stream_is(api: Any) -> None:
    api.emulator.add(calls([("add", {"a": 1}), ("add", {"a": 2})]) & cut(after=3))
    base = {"model": OPUS, "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}], "stream": True}

    response = api.send("POST", "/v1/messages", base)

    data = b"".join(chunk.data for chunk in response.body)
    assert data.count(b"input_json_delta") == 3
    assert data.count(b"content_block_start\n") == 2


@pytest.mark.parametrize(
    "step",
    [
        say("Hi"),
        say(""),
        call("add", {"a": 1}),
        calls([("add", {}), ("now", {})]),
        call("add", {"a": 1}, cut=4),
        refusal("bio"),
        refusal(after=2),
        empty(),
        pause(),
        stop("model_context_window_exceeded"),
        stop("max_tokens", after=0),
    ],
)
def test_the_sdk_accepts_every_scripted_answer(api: Any, client: anthropic.Anthropic, step: Any) -> None:
    api.emulator.add(step, step)
    fields: Any = {"model": OPUS, "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}

    plain = client.messages.create(**fields, tools=[SEARCH])
    with client.messages.stream(**fields, tools=[SEARCH]) as stream:
        final = stream.get_final_message()

    assert [block.type for block in final.content] == [block.type for block in plain.content]
    assert final.stop_reason == plain.stop_reason
    assert final.usage.output_tokens == plain.usage.output_tokens
