from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from clarion import ClaudeConfig, Completion, ToolCall, Usage
from clarion._catalog import Catalog
from clarion._prompt import drafted
from clarion._reply import Reply
from clarion._request import Request


def no_sdk(reply: Reply) -> Any:
    raise AssertionError("nobody asked for the SDK's object")


def reply(*content: dict[str, Any], **fields: Any) -> Reply:
    message = {
        "type": "message",
        "model": "claude-opus-5-5",
        "content": list(content),
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1000, "output_tokens": 100},
        **fields,
    }
    return Reply(
        message=message, request_id="req_1", latency=1.5, time_to_first_token=0.5, emulated=False, build=no_sdk
    )


def completion(*replies: Reply) -> Completion:
    request = Request(messages=tuple(drafted("Hi")), config=ClaudeConfig())
    return Completion(request=request, replies=replies, catalog=Catalog.load())


CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}
TEXT = {"type": "text", "text": "Hello"}


def test_text_is_every_text_block_and_nothing_else() -> None:
    thinking = {"type": "thinking", "thinking": "Hm.", "signature": "x"}

    answer = completion(reply(thinking, TEXT, CALL, {"type": "text", "text": " world"}))

    assert answer.text == "Hello world"
    assert answer.thinking == "Hm."


def test_an_answer_may_have_no_content() -> None:
    answer = completion(reply(stop_reason="refusal"))

    assert (answer.text, answer.tool_calls, answer.stop_reason) == ("", (), "refusal")
    assert len(answer.messages) == 1


def test_tool_calls_are_values() -> None:
    answer = completion(reply(TEXT, CALL, stop_reason="tool_use"))

    assert answer.tool_calls == (ToolCall(id="toolu_1", name="weather", input={"city": "Oslo"}),)


def test_a_tool_call_that_max_tokens_may_have_cut_is_none() -> None:
    whole = {**CALL, "id": "toolu_0"}

    answer = completion(reply(whole, CALL, stop_reason="max_tokens"))

    assert [call.id for call in answer.tool_calls] == ["toolu_0"]


def test_a_tool_call_before_text_that_max_tokens_cut_is_whole() -> None:
    assert len(completion(reply(CALL, TEXT, stop_reason="max_tokens")).tool_calls) == 1


@pytest.mark.parametrize(
    ("stop_reason", "truncated"),
    [("max_tokens", True), ("model_context_window_exceeded", True), ("end_turn", False), ("refusal", False)],
)
def test_an_answer_is_truncated_when_it_was_cut_off(stop_reason: str, truncated: bool) -> None:
    assert completion(reply(TEXT, stop_reason=stop_reason)).truncated is truncated


def test_usage_cost_and_latency_are_summed_over_the_calls_of_a_turn() -> None:
    answer = completion(reply(TEXT), reply(TEXT, model="claude-haiku-5-5"))

    assert answer.usage == Usage(input_tokens=2000, output_tokens=200)
    assert answer.cost is not None
    assert answer.cost.total == Decimal("0.006") + Decimal("0.00015")
    assert answer.latency == 3.0
    assert answer.request_ids == ("req_1", "req_1")


def test_a_model_without_a_price_has_no_cost() -> None:
    answer = completion(reply(TEXT, model="claude-unheard-of"))

    assert answer.cost is None
    assert answer.cost_unknown == "no price is known for claude-unheard-of"
    assert answer.to_dict()["cost"] is None


def test_a_completion_is_plain_data_when_asked() -> None:
    data = orjson.loads(orjson.dumps(completion(reply(TEXT, CALL)).to_dict()))

    assert data["text"] == "Hello"
    assert data["cost"]["total"] == "0.006"
    assert data["messages"][-1] == {"role": "assistant", "content": [TEXT, CALL]}
    assert data["tool_calls"] == [{"id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}]


def test_citations_are_gathered_from_the_text() -> None:
    citation = {"type": "char_location", "cited_text": "x"}

    assert completion(reply({**TEXT, "citations": [citation]}, TEXT)).citations == (citation,)


def test_usage_is_read_from_the_apis_own_groups() -> None:
    usage = Usage.of(
        {
            "input_tokens": 1,
            "output_tokens": 2,
            "cache_read_input_tokens": 4,
            "cache_creation_input_tokens": 8,
            "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 3},
            "output_tokens_details": {"thinking_tokens": 1},
            "server_tool_use": None,
        }
    )

    assert usage.total_input_tokens == 13
    assert (usage.ephemeral_1h_input_tokens, usage.thinking_tokens, usage.web_search_requests) == (3, 1, 0)
