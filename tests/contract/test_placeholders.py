"""Under the profile `contract` a generated client passes that sends one value of the right type in every field.

The values are those of the SDK's own generated tests: ids that name nothing, schemas that are none, fields that
exclude each other. Types are checked as ever.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.pagination import SyncPage, SyncPageCursor

from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport
from clarion.emulator.answer.plan import REFUSE

MARK = {"type": "ephemeral", "ttl": "5m"}
PROMPT: dict[str, Any] = {
    "model": "string",
    "messages": [
        {"role": "user", "content": [
            {"type": "text", "text": "x", "cache_control": MARK},
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "string"}},
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "string"}},
            {"type": "image", "source": {"type": "file", "file_id": "file_id"}},
            {"type": "tool_result", "tool_use_id": "tool_use_id", "content": "string"},
            {"type": "container_upload", "file_id": "file_id"},
        ]},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "x", "signature": "signature"},
            {"type": "tool_use", "id": "id", "name": "x", "input": {"foo": "bar"}},
            {"type": "web_search_tool_result", "tool_use_id": "id", "content": []},
        ]},
    ],
    "cache_control": MARK,
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"foo": "bar"}}},
    "speed": "standard",
    "system": [{"type": "text", "text": "x", "cache_control": MARK}],
    "thinking": {"type": "enabled", "budget_tokens": 1024, "display": "summarized"},
    "tool_choice": {"type": "tool", "name": "name", "disable_parallel_tool_use": True},
    "tools": [{
        "name": "name",
        "type": "custom",
        "description": "x",
        "input_schema": {"type": "object", "properties": {"location": "bar", "unit": "bar"}, "required": ["location"]},
        "input_examples": [{"foo": "bar"}],
        "allowed_callers": ["direct"],
        "cache_control": MARK,
        "defer_loading": True,
        "eager_input_streaming": True,
        "strict": True,
    }],
}  # fmt: skip
REQUEST = PROMPT | {
    "max_tokens": 1024,
    "container": "container",
    "diagnostics": {"previous_message_id": "previous_message_id"},
    "inference_geo": "inference_geo",
    "metadata": {"user_id": "user_id"},
    "service_tier": "auto",
    "stop_sequences": ["string"],
}
SERVER = {"type": "url", "name": "name", "url": "url", "authorization_token": "authorization_token"}
COUNT = {"type": "tool_uses", "value": 0}
OF_BETAS: dict[str, Any] = {
    "billing_policy": {"type": "billing_policy", "bill_to": "self"},
    "compaction": {"type": "summarize", "instructions": "instructions"},
    "context_management": {
        "edits": [{"type": "clear_tool_uses_20250919", "keep": COUNT}, {"type": "compact_20260112"}]
    },
    "fallback_credit_token": "x",
    "fallbacks": "default",
    "mcp_servers": [SERVER],
    "thinking": {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "error"}, "display": "updates"},
    "thread": {"type": "create"},
}


@pytest.fixture(scope="module")
def open_emulator() -> Emulator:
    return Emulator(profile="contract")


@pytest.fixture(scope="module")
def lenient(open_emulator: Emulator) -> Iterator[anthropic.Anthropic]:
    with httpx2.Client(transport=EmulatorTransport(open_emulator)) as http:
        yield anthropic.Anthropic(api_key="test", http_client=http, max_retries=0, _strict_response_validation=True)


def test_a_value_in_every_field_is_answered(lenient: anthropic.Anthropic) -> None:
    assert lenient.messages.create(**REQUEST).type == "message"
    with lenient.messages.stream(**REQUEST) as stream:
        assert stream.get_final_message().stop_reason
    assert lenient.messages.count_tokens(**PROMPT).input_tokens > 0


def test_a_value_in_every_field_is_answered_in_the_other_colour(open_emulator: Emulator) -> None:
    async def ask() -> str:
        async with httpx2.AsyncClient(transport=AsyncEmulatorTransport(open_emulator)) as http:
            client = anthropic.AsyncAnthropic(api_key="test", http_client=http, max_retries=0)
            return str((await client.messages.create(**REQUEST)).type)

    assert asyncio.run(ask()) == "message"


@pytest.mark.parametrize(
    ("prompt", "fields"),
    [
        ("Hello", {"tools": [{"name": "", "input_schema": {}}]}),
        ("In Oslo and Lima", {"tools": [{"name": "lima", "input_schema": {"properties": "x", "required": "y"}}]}),
        (REFUSE, {"fallbacks": [{"model": "string"}], "betas": ["server-side-fallback-2026-07-01"]}),
    ],
    ids=["an empty name", "a schema that is none", "a fallback that is none"],
)
def test_a_placeholder_is_answered(lenient: anthropic.Anthropic, prompt: str, fields: dict[str, Any]) -> None:
    messages: Any = [{"role": "user", "content": prompt}]

    assert lenient.beta.messages.create(model="string", max_tokens=500, messages=messages, **fields).id


def test_the_fields_of_betas_need_no_header(lenient: anthropic.Anthropic) -> None:
    assert lenient.beta.messages.create(**REQUEST | OF_BETAS).type == "message"


def test_sampling_is_taken_under_any_version(lenient: anthropic.Anthropic) -> None:
    assert lenient.messages.create(**REQUEST, extra_body={"temperature": 1, "top_p": 0.7, "top_k": 5}).id


LOOKUPS: dict[str, Callable[[anthropic.Anthropic], Any]] = {
    "a model": lambda sdk: sdk.models.retrieve("model_id").id,
    "models after a cursor": lambda sdk: sdk.models.list(after_id="after_id", before_id="before_id", limit=1).data,
    "a batch": lambda sdk: sdk.messages.batches.retrieve("message_batch_id").id == "message_batch_id",
    "a batch to cancel": lambda sdk: sdk.messages.batches.cancel("message_batch_id").cancel_initiated_at,
    "a batch to delete": lambda sdk: sdk.messages.batches.delete("message_batch_id").id == "message_batch_id",
    "batches after a cursor": lambda sdk: isinstance(sdk.messages.batches.list(after_id="after_id"), SyncPage),
    "a file": lambda sdk: sdk.files.retrieve_metadata("file_id").id == "file_id",
    "a file to delete": lambda sdk: sdk.files.delete("file_id").id == "file_id",
    "files after a cursor": lambda sdk: isinstance(sdk.files.list(page="page"), SyncPageCursor),
    "files by id, after a cursor": lambda sdk: isinstance(sdk.files.list(ids=["string"], page="page"), SyncPageCursor),
}


@pytest.mark.parametrize("look_up", LOOKUPS.values(), ids=LOOKUPS.keys())
def test_any_id_stands_for_something(
    lenient: anthropic.Anthropic, look_up: Callable[[anthropic.Anthropic], Any]
) -> None:
    assert look_up(lenient)


@pytest.mark.parametrize("field", ["model", "cache_control", "output_config", "thinking", "tools", "inference_geo"])
def test_the_strict_profile_refuses_the_placeholder(sdk: anthropic.Anthropic, field: str) -> None:
    request: dict[str, Any] = {
        "model": "claude-opus-5-5",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    marks = {"system": REQUEST["system"] * 4} if field == "cache_control" else {}

    with pytest.raises((anthropic.BadRequestError, anthropic.NotFoundError)):
        sdk.messages.create(**request | marks | {field: REQUEST[field]})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_tokens": "1024"}, "max_tokens: Input should be a valid integer"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role: Input should be"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_types_are_checked_all_the_same(lenient: anthropic.Anthropic, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=message):
        lenient.messages.create(**REQUEST, extra_body=fields)


def test_a_picture_that_is_one_is_seen(lenient: anthropic.Anthropic) -> None:
    gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    gif += b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    source = {"type": "base64", "media_type": "image/gif", "data": base64.b64encode(gif).decode()}
    turn: Any = {"role": "user", "content": [{"type": "image", "source": source}]}

    message = lenient.messages.create(model="string", max_tokens=500, messages=[turn])

    assert any(block.type == "text" and "GIF, 1 x 1 px" in block.text for block in message.content)
