"""The shape of a body: unknown, missing and mistyped fields, with the paths the API gives them."""

from __future__ import annotations

from typing import Any

import pytest

EXTRA = "Extra inputs are not permitted"
REQUIRED = "Field required"


def says(block: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [block]}]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"colour": 1}, f"colour: {EXTRA}"),
        ({"model": None}, f"model: {REQUIRED}"),
        ({"max_tokens": None}, f"max_tokens: {REQUIRED}"),
        ({"messages": None}, f"messages: {REQUIRED}"),
        ({"colour": 1, "max_tokens": None}, f"colour: {EXTRA}"),
        ({"model": 5}, "model: Input should be a valid string"),
        ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
        ({"messages": "Hi"}, "messages: Input should be a valid list"),
        ({"messages": ["Hi"]}, "messages.0: Input should be a valid dictionary or object to extract fields from"),
        ({"messages": [{"role": "user"}]}, f"messages.0.content: {REQUIRED}"),
        ({"messages": [{"role": "user", "content": "x", "name": "n"}]}, f"messages.0.name: {EXTRA}"),
        (
            {"messages": [{"role": "tool", "content": "x"}]},
            "messages.0.role: Input should be 'user', 'assistant' or 'system'",
        ),
        (says({"type": "text"}), f"messages.0.content.0.text.text: {REQUIRED}"),
        (says({"type": "text", "text": "x", "bold": True}), f"messages.0.content.0.text.bold: {EXTRA}"),
        (says({"text": "x"}), f"messages.0.content.0.type: {REQUIRED}"),
        (
            says({"type": "image", "source": {"type": "base64", "data": "", "media_type": "image/bmp"}}),
            "messages.0.content.0.image.source.base64.media_type: "
            "Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
        ),
        (
            says({"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "2h"}}),
            "messages.0.content.0.text.cache_control.ttl: Input should be '5m' or '1h'",
        ),
        ({"stream": "yes"}, "stream: Input should be a valid boolean"),
        ({"stop_sequences": "x"}, "stop_sequences: Input should be a valid list"),
        ({"stop_sequences": [1]}, "stop_sequences.0: Input should be a valid string"),
        ({"metadata": {"user": "x"}}, f"metadata.user: {EXTRA}"),
        ({"metadata": {"user_id": "x" * 257}}, "metadata.user_id: String should have at most 256 characters"),
        ({"service_tier": "fast"}, "service_tier: Input should be 'auto' or 'standard_only'"),
        ({"thinking": {"type": "adaptive", "budget_tokens": 5}}, f"thinking.adaptive.budget_tokens: {EXTRA}"),
        ({"thinking": {"type": "disabled", "display": "omitted"}}, f"thinking.disabled.display: {EXTRA}"),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1023}},
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        ({"tools": [{"name": "a"}]}, f"tools.0.custom.input_schema: {REQUIRED}"),
        ({"tool_choice": {"type": "tool"}}, f"tool_choice.tool.name: {REQUIRED}"),
        ({"output_config": {"style": "x"}}, f"output_config.style: {EXTRA}"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_misfit_is_named_by_its_path(api: Any, fields: dict[str, Any], message: str) -> None:
    assert api.refused(**fields) == message


@pytest.mark.parametrize("kind", ["video", ["text"], 7])
def test_an_unknown_block_type_lists_the_known_ones(api: Any, kind: Any) -> None:
    message = api.refused(**says({"type": kind, "text": "x"}))

    assert message.startswith(f"messages.0.content.0: Input tag '{kind}' found using 'type' does not match any")
    assert "'text', 'image', 'document'" in message


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_a_body_has_to_be_an_object(api: Any, body: bytes) -> None:
    assert api.send("POST", "/v1/messages", body).status == 400


def test_token_counting_takes_no_max_tokens(api: Any) -> None:
    status, body = api.ask("/v1/messages/count_tokens")

    assert (status, body["error"]["message"]) == (400, f"max_tokens: {EXTRA}")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": []},
        {"type": "object", "required": "name"},
        {"type": "object", "properties": {"a": {"enum": "x"}}},
        {"type": "object", "properties": {"a": {"items": 5}}},
        {"type": "object", "properties": {"a": 5}},
        {"type": "object", "properties": {"a": {"minLength": "x"}}},
    ],
    ids=str,
)
def test_a_tool_schema_has_to_be_a_json_schema(api: Any, schema: dict[str, Any]) -> None:
    message = api.refused(tools=[{"name": "a", "input_schema": schema}])

    assert message == "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12."
