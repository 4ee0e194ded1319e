"""Whatever arrives, `respond` answers: no request makes the emulator raise."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.emulator import Emulator
from clarion.emulator.seal import Seal

HEADERS = {"x-api-key": "test", "anthropic-version": "2023-06-01"}
SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "array", "items": {"$ref": "#/$defs/b"}, "minItems": 1},
        "n": {"anyOf": [{"type": "null"}]},
    },
    "required": ["a", "n"],
    "additionalProperties": False,
    "$defs": {"b": {"type": "string", "enum": ["x"]}},
}  # fmt: skip
BODY: dict[str, Any] = {
    "model": "claude-opus-4-6",
    "max_tokens": 3000,
    "system": [{"type": "text", "text": "Be kind", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    "metadata": {"user_id": "u"},
    "stop_sequences": ["stop"],
    "temperature": 1,
    "thinking": {"type": "enabled", "budget_tokens": 1024, "display": "summarized"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    "tools": [{"name": "get_weather", "description": "d", "input_schema": SCHEMA, "strict": True}],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "messages": [
        {"role": "user", "content": [
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
            {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "x"}]}},
            {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "x"}]},
        ]},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": Seal.of("claude-opus-4-6", "hm", 2, None).signature},
            {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"a": 1}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "sunny"}]},
            {"type": "text", "text": "And in Oslo, for 3 days?"},
        ]},
    ],
}  # fmt: skip

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "text", "tool_result", "image", "adaptive", "user", "#/$defs/b", "any", "object"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "content", "items", "enum", "$ref", "name"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key in keys for place in places(value[key], (*path, key))]


def changed(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    body = copy.deepcopy(body)
    target: Any = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return body


def test_the_body_that_is_broken_here_is_sound_to_begin_with() -> None:
    response = Emulator().respond("POST", "/v1/messages", HEADERS, json.dumps(BODY).encode())

    assert response.status == 200, response.body


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(BODY)), VALUES, st.booleans())
def test_any_value_anywhere_is_answered(path: tuple[Any, ...], value: Any, stream: bool) -> None:
    body = changed(BODY, path, value) | {"stream": stream}

    response = Emulator().respond("POST", "/v1/messages", HEADERS, json.dumps(body).encode())

    assert response.status in {200, 400, 404}
    data = response.body if isinstance(response.body, bytes) else b"".join(chunk.data for chunk in response.body)
    assert data


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(["GET", "POST", "PUT"]), st.text(max_size=20))
def test_any_bytes_at_any_path_are_answered(body: bytes, method: str, path: str) -> None:
    for place in (f"/{path}", f"/v1/models/{path}", f"/v1/models?limit={path}", "/v1/messages"):
        assert Emulator().respond(method, place, HEADERS, body).status in {200, 400, 404, 405}
