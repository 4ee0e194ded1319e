"""Every kind of answer, plain and streamed, under the strict validation of the official SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import anthropic

REDACT = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = {"name": "get_weather", "input_schema": CITY}
SEARCH = {"type": "web_search_20260318", "name": "web_search"}
FETCH = {"type": "web_fetch_20260318", "name": "web_fetch", "citations": {"enabled": True}}
PYTHON = {"type": "code_execution_20250522", "name": "code_execution"}
CODE = {"type": "code_execution_20260521", "name": "code_execution"}
FINDER = {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"}
DOCUMENT = {
    "type": "document",
    "title": "Otters",
    "source": {"type": "text", "media_type": "text/plain", "data": "Otters swim. They eat fish."},
    "citations": {"enabled": True},
}
RESULT = {
    "type": "search_result",
    "source": "otters",
    "title": "Otters",
    "content": [{"type": "text", "text": "They swim."}],
    "citations": {"enabled": True},
}
ASKS: dict[str, dict[str, Any]] = {
    "text": {},
    "thinking": {"model": "claude-opus-5-5", "thinking": {"type": "adaptive", "display": "summarized"}},
    "redacted": {"model": "claude-opus-5-5", "messages": REDACT},
    "schema": {"output_config": {"format": {"type": "json_schema", "schema": CITY}}},
    "calls": {"tools": [WEATHER], "messages": "Weather in Oslo and Lima?"},
    "eager call": {"tools": [{**WEATHER, "eager_input_streaming": True}], "messages": "Weather?"},
    "found tool": {"tools": [FINDER, {**WEATHER, "defer_loading": True}], "messages": "Weather?"},
    "citations": {"messages": [DOCUMENT, RESULT, {"type": "text", "text": "What do they eat?"}]},
    "search": {"tools": [SEARCH], "messages": "Search the web"},
    "pause": {"tools": [SEARCH], "messages": "Make 11 searches on the web", "max_tokens": 9000},
    "fetch": {"tools": [FETCH], "messages": "Read https://example.com/a please"},
    "no fetch": {"tools": [{**FETCH, "blocked_domains": ["example.com"]}], "messages": "Read https://example.com/a"},
    "python": {"tools": [PYTHON], "messages": "Run some code"},
    "bash": {"tools": [CODE], "messages": "Run some code"},
    "called by code": {
        "tools": [
            {"type": "code_execution_20260120", "name": "code_execution"},
            {**WEATHER, "allowed_callers": ["code_execution_20260120"]},
        ],
        "messages": "Weather in Oslo?",
    },
    "editor": {"tools": [CODE], "messages": "Write a file with code"},
    "cut call": {"tools": [WEATHER], "messages": "Weather?", "max_tokens": 14, "model": "claude-opus-4-8"},
    "cut search": {"tools": [SEARCH], "messages": "Search the web", "max_tokens": 14, "model": "claude-opus-4-8"},
    "stopped": {"stop_sequences": ["received"]},
    "transformed": {"extra_headers": {"anthropic-beta": "thinking-binding-controls-2026-08-01"}},
}

FINISHED = {name: ask for name, ask in ASKS.items() if name not in {"pause", "cut call", "cut search"}}


def params(ask: dict[str, Any]) -> dict[str, Any]:
    fields = {"model": "claude-haiku-5-5", "max_tokens": 2000, "messages": "Hello", **ask}
    return fields | {"messages": [{"role": "user", "content": fields["messages"]}]}


def content(message: Any) -> list[dict[str, Any]]:
    """Return the blocks of a message without the ids, which are the call's own, and what hangs on them."""
    blocks = message.to_dict()["content"]
    own = {"id", "tool_use_id", "caller", "signature", "data", "parsed_output"}
    return [{key: value for key, value in block.items() if key not in own} for block in blocks]


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_an_answer_passes_strict_validation_and_streams_as_it_is(
    client: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    plain = client.messages.create(**params(ask))
    with client.messages.stream(**params(ask)) as stream:
        streamed = stream.get_final_message()

    assert content(streamed) == content(plain)
    assert streamed.stop_reason == plain.stop_reason
    assert streamed.usage.output_tokens == plain.usage.output_tokens
    assert streamed.usage.server_tool_use == plain.usage.server_tool_use
    assert bool(streamed.container) == bool(plain.container)


@pytest.mark.parametrize("ask", FINISHED.values(), ids=FINISHED)
def test_an_answer_can_be_sent_back(client: anthropic.Anthropic, ask: dict[str, Any]) -> None:
    fields = params(ask)
    answer = client.messages.create(**fields)
    calls = [block for block in answer.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "ok"} for call in calls]

    fields["messages"] += [answer.to_param(), {"role": "user", "content": results or "Go on"}]

    assert client.messages.create(**fields).content
