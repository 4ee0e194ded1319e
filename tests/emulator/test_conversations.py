"""Conversations played to their end: whatever the emulator answers, it takes back and goes on from."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.emulator import Emulator

HEADERS = {"x-api-key": "test", "anthropic-version": "2026-10-21"}
MODELS = [
    "claude-fable-5-2",
    "claude-sonnet-5-5",
    "claude-haiku-5-5",
    "claude-opus-4-8",
    "claude-opus-4-6",
    "claude-haiku-4-5",
]
WORDS = ["weather", "time", "mail", "search the web", "run code", "12 searches", "in Oslo and Lima", "https://example.com/a",
         "write a file", "3 days", "Ann", "\n", "😀", "fish."]  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["string", "object", "#/$defs/a", "^a{2}$", "(", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "type", "enum", "$ref"]), inner),
    max_leaves=5,
)
KEYWORDS = [
    "type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "not", "$ref", "default",
    "pattern", "format", "minimum", "maximum", "multipleOf", "minLength", "maxItems", "minItems", "prefixItems",
    "additionalProperties", "minProperties", "uniqueItems",
]  # fmt: skip
WILD = st.dictionaries(st.sampled_from(KEYWORDS), VALUES, max_size=4)
TAME = st.sampled_from(
    [{"type": "string"}, {"type": "integer"}, {"enum": ["a", "b"]}, {"type": "string", "format": "date"}]
)
SCHEMAS = st.dictionaries(st.sampled_from(["city", "days", "x"]), TAME | WILD, max_size=3).map(
    lambda properties: {"type": "object", "properties": properties, "required": sorted(properties)[:2]}
)
CODED = {"name": "get_mail", "input_schema": {"type": "object"}}
OWN: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda name, schema: {"name": name, "input_schema": schema},
    st.sampled_from(["get_weather", "get_time", "send_mail"]),
    SCHEMAS,
) | st.just({**CODED, "allowed_callers": ["code_execution_20260120"]})
HOSTED: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 11},
        {"type": "web_fetch_20250910", "name": "web_fetch", "citations": {"enabled": True}},
        {"type": "code_execution_20260120", "name": "code_execution"},
        {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
        {"type": "bash_20250124", "name": "bash"},
    ]
)
TOOLS = st.lists(OWN | HOSTED | HOSTED, min_size=1, max_size=5, unique_by=lambda tool: tool["name"])
DOCUMENT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "They eat fish. In Oslo it rains!"},
    "citations": {"enabled": True},
}
CHOICES = st.sampled_from([None, {"type": "auto", "disable_parallel_tool_use": True}, {"type": "none"}])
MOST_TURNS = 9


def send(emulator: Emulator, body: dict[str, Any]) -> tuple[int, Any]:
    response = emulator.respond("POST", "/v1/messages", HEADERS, json.dumps(body).encode())
    if isinstance(response.body, bytes):
        return response.status, json.loads(response.body)
    lines = b"".join(chunk.data for chunk in response.body).decode().split("\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    return response.status, events


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    model=st.sampled_from(MODELS),
    words=st.lists(st.sampled_from(WORDS), min_size=2, max_size=6).map(" and ".join),
    tools=TOOLS,
    choice=CHOICES,
    has_document=st.booleans(),
    profile=st.sampled_from(["strict", "contract"]),
    max_tokens=st.sampled_from([30, 20_000, 25_000]),
)
def test_a_conversation_goes_on_until_it_is_finished(
    model: str, words: str, tools: list[Any], choice: Any, has_document: bool, profile: Any, max_tokens: int
) -> None:
    emulator = Emulator(profile=profile)
    blocks = [*([DOCUMENT] if has_document else []), {"type": "text", "text": f"Please: {words}"}]
    messages: list[dict[str, Any]] = [{"role": "user", "content": blocks}]
    body = {"model": model, "max_tokens": max_tokens, "messages": messages}
    body |= {"tools": tools} | ({"tool_choice": choice} if choice else {})

    for _ in range(MOST_TURNS):
        status, answer = send(emulator, body)
        if status == 400:
            assert len(messages) == 1, answer  # what was accepted once is accepted when it goes on
            assert "schema" in answer["error"]["message"] or "callers" in answer["error"]["message"]
            return
        assert status == 200, answer
        _, events = send(emulator, body | {"stream": True})
        starts = [event["content_block"]["type"] for event in events if event["type"] == "content_block_start"]
        assert starts == [block["type"] for block in answer["content"]]
        assert events[-2]["delta"]["stop_reason"] == answer["stop_reason"]
        if answer["stop_reason"] in {"end_turn", "max_tokens"}:
            return
        messages.append({"role": "assistant", "content": answer["content"]})
        if answer["stop_reason"] == "tool_use":
            ids = [block["id"] for block in answer["content"] if block["type"] == "tool_use"]
            results = [{"type": "tool_result", "tool_use_id": each, "content": "ok"} for each in ids]
            messages.append({"role": "user", "content": results})
    raise AssertionError(f"no end after {MOST_TURNS} turns: {messages[-1]}")
