"""An answer holds what the API would send and nothing else: no field more, none less, null only where it may be.

The tables are transcribed from the published shapes of messages and stream events, apart from the emulator's code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from clarion.emulator import Emulator
from contract.row import PATHS, Row
from contract.rows import ROWS
from contract.rows.models import MODELS, Facts


@dataclass(frozen=True, slots=True)
class Shape:
    """Names of fields: those always there, those that may be there, and which of both may be null."""

    always: str
    sometimes: str = ""
    nullable: str = ""

    def check(self, value: dict[str, Any], where: str) -> None:
        always, sometimes = set(self.always.split()), set(self.sometimes.split())
        assert always <= value.keys(), f"{where} lacks {always - value.keys()}"
        assert value.keys() <= always | sometimes, f"{where} has {value.keys() - always - sometimes} besides"
        nulls = {key for key, item in value.items() if item is None}
        assert nulls <= set(self.nullable.split()), f"{where} has null for {nulls}"


MESSAGE = Shape(
    "id type role model content stop_reason stop_sequence stop_details container usage",
    "diagnostics context_management input_transformations",
    "stop_sequence stop_details container diagnostics context_management",
)
START = Shape(MESSAGE.always, MESSAGE.sometimes, f"{MESSAGE.nullable} stop_reason")
COUNTS = "input_tokens cache_creation_input_tokens cache_read_input_tokens output_tokens"
CONDITIONS = "cache_creation service_tier inference_geo speed"
USAGE = Shape(
    f"{COUNTS} {CONDITIONS} output_tokens_details server_tool_use", "iterations", "server_tool_use iterations"
)
USAGE_AT_START = Shape(f"{COUNTS} {CONDITIONS}", "output_tokens_details server_tool_use iterations", USAGE.nullable)
USAGE_OF_DELTA = Shape(f"{COUNTS} output_tokens_details", "server_tool_use iterations", USAGE.nullable)
INSIDE_USAGE = {
    "cache_creation": Shape("ephemeral_5m_input_tokens ephemeral_1h_input_tokens"),
    "output_tokens_details": Shape("thinking_tokens"),
    "server_tool_use": Shape("web_search_requests web_fetch_requests"),
}
BLOCKS = {
    "text": Shape("type text", "citations"),
    "thinking": Shape("type thinking signature"),
    "redacted_thinking": Shape("type data"),
    "tool_use": Shape("type id name input", "caller toolset_name"),
    "server_tool_use": Shape("type id name input", "caller"),
    "web_search_tool_result": Shape("type tool_use_id content", "caller"),
    "web_fetch_tool_result": Shape("type tool_use_id content", "caller"),
    "code_execution_tool_result": Shape("type tool_use_id content"),
    "bash_code_execution_tool_result": Shape("type tool_use_id content"),
    "text_editor_code_execution_tool_result": Shape("type tool_use_id content"),
    "tool_search_tool_result": Shape("type tool_use_id content"),
    "mcp_tool_use": Shape("type id name server_name input"),
    "mcp_tool_result": Shape("type tool_use_id content is_error"),
    "compaction": Shape("type content", "encrypted_content signature tool_changes", "content encrypted_content"),
    "fallback": Shape("type from to", "trigger"),
    "container_upload": Shape("type file_id"),
}
PLACE = "type cited_text document_index document_title"
CITATIONS = {
    "char_location": Shape(f"{PLACE} start_char_index end_char_index", "file_id", "document_title file_id"),
    "page_location": Shape(f"{PLACE} start_page_number end_page_number", "file_id", "document_title file_id"),
    "content_block_location": Shape(f"{PLACE} start_block_index end_block_index", "file_id", "document_title file_id"),
    "web_search_result_location": Shape("type cited_text encrypted_index title url", nullable="title"),
    "search_result_location": Shape(
        "type cited_text search_result_index source title start_block_index end_block_index", nullable="title"
    ),
}
EVENTS = {
    "message_start": Shape("type message"),
    "content_block_start": Shape("type index content_block"),
    "content_block_delta": Shape("type index delta"),
    "content_block_stop": Shape("type index"),
    "message_delta": Shape("type delta usage", "context_management input_transformations"),
    "message_stop": Shape("type"),
    "ping": Shape("type"),
}
DELTAS = {
    "text_delta": Shape("type text"),
    "thinking_delta": Shape("type thinking"),
    "signature_delta": Shape("type signature"),
    "input_json_delta": Shape("type partial_json"),
    "citations_delta": Shape("type citation"),
    "compaction_delta": Shape("type content", "encrypted_content signature", "content encrypted_content"),
}
MESSAGE_DELTA = Shape("stop_reason stop_sequence", "stop_details container", "stop_sequence stop_details container")
NEVER_MADE = {"fallback", "container_upload", "mcp_tool_use", "mcp_tool_result"} | {
    "text_editor_code_execution_tool_result"
}
STOPS = {
    "compaction",
    "end_turn",
    "max_tokens",
    "pause_turn",
    "stop_sequence",
    "tool_use",
}  # the others come by script or at the window
ANSWERED = [row for row in ROWS if row.is_accepted and row.to == "messages"]


def send(emulator: Emulator, row: Row, **fields: Any) -> bytes:
    headers = {"x-api-key": "test", "anthropic-version": row.version, "anthropic-beta": row.betas, **row.headers}
    response = emulator.respond("POST", PATHS[row.to], headers, json.dumps(row.body | fields).encode())
    if isinstance(response.body, bytes):
        return response.body
    return b"".join(chunk.data for chunk in response.body)


def check_usage(usage: dict[str, Any], shape: Shape) -> None:
    shape.check(usage, "usage")
    for name, inside in INSIDE_USAGE.items():
        if usage.get(name) is not None:
            inside.check(usage[name], name)
    assert all(usage[name] >= 0 for name in COUNTS.split())


def check_block(block: dict[str, Any]) -> None:
    BLOCKS[block["type"]].check(block, block["type"])
    for citation in block.get("citations", []):
        CITATIONS[citation["type"]].check(citation, citation["type"])


@pytest.mark.parametrize("row", ANSWERED, ids=str)
def test_a_message_holds_the_fields_of_the_api_and_no_others(emulator: Emulator, row: Row) -> None:
    message = json.loads(send(emulator, row))

    MESSAGE.check(message, "message")
    check_usage(message["usage"], USAGE)
    for block in message["content"]:
        check_block(block)
    assert ("diagnostics" in message) == ("diagnostics" in row.body)
    assert ("input_transformations" in message) <= ("thinking-binding-controls" in row.betas)
    assert ("context_management" in message) <= bool(row.betas)


@pytest.mark.parametrize("row", [row for row in ANSWERED if row.body["max_tokens"]], ids=str)
def test_a_stream_holds_the_events_of_the_api_and_no_others(emulator: Emulator, row: Row) -> None:
    events = list(parsed(send(emulator, row, stream=True)))

    for event in events:
        kind = event["type"]
        EVENTS[kind].check(event, kind)
        if kind == "message_start":
            START.check(event["message"], kind)
            check_usage(event["message"]["usage"], USAGE_AT_START)
        elif kind == "content_block_start":
            check_block(event["content_block"])
        elif kind == "content_block_delta":
            DELTAS[event["delta"]["type"]].check(event["delta"], event["delta"]["type"])
        elif kind == "message_delta":
            MESSAGE_DELTA.check(event["delta"], kind)
            check_usage(event["usage"], USAGE_OF_DELTA)
    assert [events[0]["type"], events[-2]["type"], events[-1]["type"]] == [
        "message_start", "message_delta", "message_stop",
    ]  # fmt: skip


def parsed(stream: bytes) -> Iterator[dict[str, Any]]:
    for frame in stream.decode().split("\n\n")[:-1]:
        name, data = frame.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        yield event


def test_the_answers_looked_at_hold_every_kind_of_block_citation_and_stop(emulator: Emulator) -> None:
    messages = [json.loads(send(emulator, row)) for row in ANSWERED if row.about == "answers"]

    blocks = [block for message in messages for block in message["content"]]
    assert {block["type"] for block in blocks} == set(BLOCKS) - NEVER_MADE
    assert {citation["type"] for block in blocks for citation in block.get("citations", [])} == set(CITATIONS)
    assert {message["stop_reason"] for message in messages} == STOPS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_model_thinks_and_shows_it_as_is_its_habit(emulator: Emulator, model: Facts) -> None:
    message = json.loads(send(emulator, Row(id="", fields={"model": model.id})))

    thoughts = [block["thinking"] for block in message["content"] if block["type"] == "thinking"]
    assert bool(thoughts) == (model.habit != "off")
    assert all(bool(thought) == (model.shown == "summarized") for thought in thoughts)


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model.shown == "summarized"], ids=lambda model: model.id
)
def test_an_older_model_shows_what_it_thinks(emulator: Emulator, model: Facts) -> None:
    kind = "adaptive" if "adaptive" in model.thinking else "enabled"
    thinking = {"type": kind} | ({"budget_tokens": 1024} if kind == "enabled" else {})

    message = json.loads(
        send(emulator, Row(id="", fields={"model": model.id, "max_tokens": 2000, "thinking": thinking}))
    )

    assert message["content"][0]["type"] == "thinking"
    assert message["content"][0]["thinking"]


@pytest.mark.parametrize(
    ("fields", "usage"),
    [
        ({"model": "claude-opus-5-5", "inference_geo": "us"}, {"inference_geo": "us"}),
        ({"model": "claude-opus-5-5"}, {"inference_geo": "global", "speed": "standard", "service_tier": "standard"}),
        ({"model": "claude-opus-5-5", "speed": "fast"}, {"speed": "fast"}),
        ({"model": "claude-opus-4-6", "speed": "fast"}, {"speed": "standard"}),
    ],
    ids=str,
)
def test_usage_tells_where_and_how_fast_it_was_served(
    emulator: Emulator, fields: dict[str, Any], usage: dict[str, str]
) -> None:
    message = json.loads(send(emulator, Row(id="", fields=fields)))

    assert usage.items() <= message["usage"].items()


@pytest.mark.parametrize(("day", "is_fast"), [("2026-11-29", True), ("2026-11-30", False)])
def test_speed_fast_ends_on_the_day_it_was_announced_to_end(day: str, is_fast: bool) -> None:
    emulator = Emulator(clock=lambda: datetime.fromisoformat(f"{day}T12:00:00Z"))
    row = Row(id="", fields={"model": "claude-opus-4-8", "speed": "fast"}, betas="fast-mode-2026-02-01")

    answer = json.loads(send(emulator, row))

    assert (answer["type"] == "message") == is_fast


def test_a_deprecated_model_answers_after_its_day() -> None:
    emulator = Emulator(clock=lambda: 1_830_000_000.0)  # 2027-12-28

    message = json.loads(send(emulator, Row(id="", fields={"model": "claude-sonnet-4-5"})))

    assert message["model"] == "claude-sonnet-4-5-20250929"
