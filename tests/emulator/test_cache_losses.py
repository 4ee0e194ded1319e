"""What loses the prompt cache, and from which level on."""

from __future__ import annotations

import json

import pytest

from desk import FIVE, LONG, Desk, Fields, text, tool, user


@pytest.fixture
def desk() -> Desk:
    return Desk()


TEXTS: Fields = {"tools": [tool()], "system": [text()], "messages": [user(text())]}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "It is."}}
ENDS = ("tools", "system", "messages")


def marked(fields: Fields, *levels: str) -> Fields:
    """Mark the last long block of each level."""
    copied: Fields = json.loads(json.dumps(TEXTS | fields))
    last = {
        "tools": copied["tools"][0],
        "system": copied["system"][-1],
        "messages": copied["messages"][0]["content"][0],
    }
    for level in levels:
        last[level]["cache_control"] = FIVE
    return copied


LOST: dict[str, tuple[Fields, str]] = {  # the change, and the last level that stays
    "nothing": ({}, "messages"),
    "a tool's description": ({"tools": [tool(description="Other " + LONG)]}, ""),
    "another tool after the marked one": ({"tools": [tool(), tool(name="other")]}, "tools"),
    "a deferred tool": ({"tools": [tool(), tool(name="other", defer_loading=True)]}, "messages"),
    "web search": ({"tools": [tool(), SEARCH]}, "tools"),
    "the system prompt": ({"system": [text("Other " + LONG)]}, "tools"),
    "the format": (
        {
            "output_config": {
                "format": {
                    "type": "json_schema",
                    "schema": {"type": "object", "properties": {}, "additionalProperties": False},
                }
            }
        },
        "tools",
    ),
    "citations": (
        {"messages": [user(text(), DOCUMENT | {"citations": {"enabled": True}})]},
        "tools",
    ),
    "a document": ({"messages": [user(text(), DOCUMENT)]}, "messages"),
    "an image at the end": ({"messages": [user(text(), IMAGE)]}, "system"),
    "the tool choice": ({"tool_choice": {"type": "none"}}, "system"),
    "one tool at a time": ({"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}, "system"),
    "the tool choice spelled out": ({"tool_choice": {"type": "auto"}}, "messages"),
    "thinking": ({"thinking": {"type": "disabled"}}, "system"),
    "thinking spelled out": ({"thinking": {"type": "adaptive"}}, "messages"),
    "what thinking shows": ({"thinking": {"type": "adaptive", "display": "summarized"}}, "messages"),
    "effort": ({"output_config": {"effort": "low"}}, "system"),
    "effort spelled out": ({"output_config": {"effort": "medium"}}, "messages"),
    "a system message": (
        {"messages": [user(text()), {"role": "system", "content": "Be kind."}, user(text("Well?"))]},
        "messages",
    ),
    "the token limit, metadata and the tier": (
        {"max_tokens": 20, "metadata": {"user_id": "u"}, "service_tier": "auto", "stop_sequences": ["x"]},
        "messages",
    ),
}


@pytest.mark.parametrize("change", LOST)
def test_a_change_loses_its_level_and_those_after_it(desk: Desk, change: str) -> None:
    fields, kept = LOST[change]
    desk.ask(**marked({}, *ENDS))

    second = desk.ask(**marked(fields, *ENDS))

    expected = Desk().ask(**marked(fields, kept)).five if kept else 0
    assert second.read == expected


def test_speed_has_a_cache_of_its_own_after_the_tools(desk: Desk) -> None:
    model: Fields = {"model": "claude-opus-5-5"}
    desk.ask(**marked(model, *ENDS))

    second = desk.ask(**marked(model | {"speed": "fast"}, *ENDS))

    assert second.read == Desk().ask(**marked(model, "tools")).five
