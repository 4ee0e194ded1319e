from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import StreamInterrupted
from clarion._reply import Assembly, text_of
from wire import END, HELLO, START, STOP, TEXT_START, TEXT_STOP, sse


def assemble(stream: bytes) -> dict[str, Any]:
    assembly = Assembly("req_1")
    for _ in assembly.feed(stream):
        pass
    return assembly.message()


def block(start: dict[str, Any], *deltas: dict[str, Any], stop_reason: str = "end_turn") -> dict[str, Any]:
    """The one block of a message that is streamed as this start and these deltas."""
    events: list[dict[str, Any]] = [
        START,
        {"type": "content_block_start", "index": 0, "content_block": start},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        TEXT_STOP,
        {"type": "message_delta", "delta": {"stop_reason": stop_reason}, "usage": {"output_tokens": 5}},
        STOP,
    ]
    (content,) = assemble(sse(*events))["content"]
    return dict(content)


@given(st.lists(st.integers(0, 400), max_size=10))
def test_the_message_is_the_same_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    stream = sse(START, TEXT_START, HELLO, {"type": "ping"}, HELLO, TEXT_STOP, END, STOP)
    ends = [*sorted(cuts), len(stream)]
    assembly = Assembly(None)
    text = ""

    for start, end in zip([0, *ends], ends, strict=False):
        text += "".join(map(text_of, assembly.feed(stream[start:end])))

    assert text == assembly.text == "HelloHello"
    assert assembly.message() == assemble(stream)


def test_thinking_gets_its_text_and_signature() -> None:
    start = {"type": "thinking", "thinking": "", "signature": ""}
    deltas = [{"type": "thinking_delta", "thinking": "Let "}, {"type": "thinking_delta", "thinking": "us"}]

    thinking = block(start, *deltas, {"type": "signature_delta", "signature": "Eo"})

    assert thinking == {"type": "thinking", "thinking": "Let us", "signature": "Eo"}


def test_citations_are_gathered_in_their_block() -> None:
    start = {"type": "text", "text": "", "citations": []}
    citation = {"type": "char_location", "cited_text": "x", "document_index": 0}

    text = block(start, {"type": "citations_delta", "citation": citation}, {"type": "text_delta", "text": "Hi"})

    assert text == {"type": "text", "text": "Hi", "citations": [citation]}


def test_a_summary_comes_whole() -> None:
    start = {"type": "compaction", "content": None, "encrypted_content": None, "signature": "Eo"}

    summary = block(start, {"type": "compaction_delta", "content": "They met.", "encrypted_content": None})

    assert summary == {**start, "content": "They met."}


def test_what_the_last_event_says_of_the_context_is_kept() -> None:
    edited: dict[str, Any] = {"applied_edits": []}

    message = assemble(sse(START, TEXT_START, HELLO, TEXT_STOP, {**END, "context_management": edited}, STOP))

    assert message["context_management"] == edited


def test_the_input_of_a_tool_is_put_together_from_its_pieces() -> None:
    start = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
    pieces = ["", '{"city": ', '"Oslo"}']

    call = block(start, *({"type": "input_json_delta", "partial_json": piece} for piece in pieces))

    assert call["input"] == {"city": "Oslo"}


def test_a_tool_without_arguments_has_an_empty_input() -> None:
    start = {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}}

    assert block(start, {"type": "input_json_delta", "partial_json": ""})["input"] == {}


def test_a_tool_input_that_is_no_json_is_an_error() -> None:
    start = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}

    with pytest.raises(StreamInterrupted, match="tool 'weather' is not JSON"):
        block(start, {"type": "input_json_delta", "partial_json": '{"city": "Os'}, stop_reason="tool_use")


def test_a_tool_input_that_max_tokens_cut_does_not_lose_the_message() -> None:
    start = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}

    call = block(start, {"type": "input_json_delta", "partial_json": '{"city": "Os'}, stop_reason="max_tokens")

    assert call["input"] == {}


def test_blocks_come_in_the_order_of_their_index() -> None:
    second = {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": " world"}}

    message = assemble(sse(START, second, TEXT_START, HELLO, TEXT_STOP, END, STOP))

    assert [item["text"] for item in message["content"]] == ["Hello", " world"]


def test_counts_of_a_stream_are_cumulative_and_not_added() -> None:
    more = {**END, "usage": {"output_tokens": 9, "input_tokens": 12}}

    usage = assemble(sse(START, TEXT_START, HELLO, TEXT_STOP, END, more, STOP))["usage"]

    assert (usage["input_tokens"], usage["output_tokens"]) == (12, 9)


@pytest.mark.parametrize("data", [b"1", b"[]", b'{"no": "type"}', b'{"type": 5}', b"{", orjson.dumps("text")])
def test_data_that_is_no_event_interrupts(data: bytes) -> None:
    with pytest.raises(StreamInterrupted, match="an event of it is not one"):
        list(Assembly(None).feed(b"data: " + data + b"\n\n"))
