"""Thinking blocks that come back: what proves them, what they are bound to, and what becomes of the others."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from clarion.emulator import Emulator
from clarion.emulator.seal import Seal
from clarion.emulator.trail import Marks

CONTROLS = "thinking-binding-controls-2026-08-01"
REDACT = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
SUMMARIZED = {"type": "adaptive", "display": "summarized"}
DROP = {**SUMMARIZED, "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
BINDING = "claude-opus-5-5"
FREE = "claude-opus-4-8"
TOOL = {"name": "get_weather", "input_schema": {"type": "object"}}
HELLO = {"role": "user", "content": "Hello"}
MORE = {"role": "user", "content": "Go on"}


def talk(api: Any, *, model: str = BINDING, thinking: Any = SUMMARIZED, **fields: Any) -> list[dict[str, Any]]:
    """Have a conversation of one exchange and return it, ready to go on."""
    fields = {"messages": [HELLO], **fields}
    status, body = api.ask(model=model, thinking=thinking, **fields)
    assert status == 200, body
    assert body["content"][0]["type"] in {"thinking", "redacted_thinking"}
    return [*fields["messages"], {"role": "assistant", "content": body["content"]}, MORE]


def edited(messages: list[dict[str, Any]], **changes: Any) -> list[dict[str, Any]]:
    """Return the conversation with its first thinking block changed."""
    copy = json.loads(json.dumps(messages))
    copy[1]["content"][0] |= changes
    return list(copy)


def flipped(signature: str, place: int) -> str:
    data = bytearray(base64.b64decode(signature))
    data[place] ^= 1
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("model", [BINDING, FREE])
@pytest.mark.parametrize("display", ["summarized", "omitted"])
def test_an_unchanged_block_is_taken_back(api: Any, model: str, display: str) -> None:
    thinking = {"type": "adaptive", "display": display}
    messages = talk(api, model=model, thinking=thinking)

    assert api.ask(model=model, thinking=thinking, messages=messages)[0] == 200


def test_another_emulator_takes_the_block_too(api: Any) -> None:
    other = type(api)(Emulator())

    assert other.ask(model=BINDING, messages=talk(api))[0] == 200


def test_a_streamed_signature_is_that_of_the_plain_answer(api: Any) -> None:
    plain = talk(api)[1]["content"][0]["signature"]

    body = {"model": BINDING, "max_tokens": 1000, "messages": [HELLO], "thinking": SUMMARIZED, "stream": True}
    stream = b"".join(chunk.data for chunk in api.send("POST", "/v1/messages", body).body)

    assert plain.encode() in stream


@pytest.mark.parametrize("place", [0, 1, 5, 40, 150])
def test_a_changed_signature_is_refused(api: Any, place: int) -> None:
    messages = talk(api)
    signature = flipped(messages[1]["content"][0]["signature"], place)

    refused = api.refused(model=BINDING, messages=edited(messages, signature=signature))

    assert refused == "messages.1.content.0: Invalid `signature` in `thinking` block"


@pytest.mark.parametrize("signature", ["", "x", "made up", "c2hvcnQ="])
def test_a_made_up_signature_is_refused(api: Any, signature: str) -> None:
    refused = api.refused(model=BINDING, messages=edited(talk(api), signature=signature))

    assert refused == "messages.1.content.0: Invalid `signature` in `thinking` block"


@pytest.mark.parametrize("display", ["summarized", "omitted"])
def test_changed_text_of_the_latest_answer_is_refused(api: Any, display: str) -> None:
    messages = talk(api, thinking={"type": "adaptive", "display": display})

    refused = api.refused(model=BINDING, messages=edited(messages, thinking="I never thought so."))

    assert refused == (
        "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be "
        "modified. These blocks must remain as they were in the original response."
    )


def test_changed_text_of_an_earlier_answer_is_an_invalid_signature(api: Any) -> None:
    messages = talk(api, messages=talk(api))

    refused = api.refused(model=BINDING, messages=edited(messages, thinking="I never thought so."))

    assert refused == "messages.1.content.0: Invalid `signature` in `thinking` block"


def test_redacted_thinking_comes_back_like_any_other(api: Any) -> None:
    messages = talk(api, messages=[{"role": "user", "content": REDACT}])

    assert messages[1]["content"][0].keys() == {"type", "data"}
    assert api.ask(model=BINDING, messages=messages)[0] == 200
    data = flipped(messages[1]["content"][0]["data"], 30)
    refused = api.refused(model=BINDING, messages=edited(messages, data=data))
    assert refused == "messages.1.content.0: Invalid `data` in `redacted_thinking` block"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"system": "Be rude."}, "The `system` prompt differs from the one this block was created with."),
        ({"tools": [TOOL]}, "The `tools` differ from the ones this block was created with."),
        ({"first": "Hullo"}, "The messages before it differ from the ones this block was created with."),
    ],
    ids=["system", "tools", "messages"],
)
def test_a_block_is_bound_to_the_conversation_before_it(api: Any, change: dict[str, Any], why: str) -> None:
    messages = talk(api, system="Be kind.")
    if first := change.pop("first", None):
        messages[0] = {"role": "user", "content": first}
    fields = {"system": "Be kind.", "messages": messages, **change}

    refused = api.refused(model=BINDING, **fields)

    assert refused == (
        "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different "
        'conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block". '
        "That setting requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header. " + why
    )
    assert api.ask(model=FREE, **{**fields, "messages": talk(api, model=FREE)})[0] == 200


def test_what_says_the_same_leaves_a_block_valid(api: Any) -> None:
    messages = talk(api, system="Be kind.")
    mark = {"cache_control": {"type": "ephemeral"}}
    messages[0] = {"role": "user", "content": [{"type": "text", "text": "Hello", **mark}]}
    deferred = [
        {**TOOL, "name": "late", "defer_loading": True},
        {"type": "tool_search_tool_bm25", "name": "tool_search_tool_bm25"},
    ]

    system = [{"type": "text", "text": "Be kind.", **mark}]
    assert api.ask(model=BINDING, system=system, messages=messages)[0] == 200
    assert "`tools`" in api.refused(model=BINDING, system=system, messages=messages, tools=deferred)
    assert api.ask(model=BINDING, system=system, messages=[*messages, {"role": "system", "content": "Go."}])[0] == 200


def test_thinking_of_earlier_turns_may_be_left_out(api: Any) -> None:
    messages = talk(api, messages=talk(api))
    del messages[1]["content"][0]

    assert api.ask(model=BINDING, messages=messages)[0] == 200


def test_a_mismatch_is_dropped_where_the_request_says_so_and_is_not_counted(api: Any) -> None:
    messages = talk(api)
    fields = {"model": BINDING, "thinking": DROP, "betas": CONTROLS, "system": "New."}
    without = [messages[0], {"role": "assistant", "content": messages[1]["content"][1:]}, messages[2]]

    status, body = api.ask(messages=messages, **fields)

    assert status == 200
    assert body["input_transformations"] == [
        {"type": "thinking_dropped", "path": "messages.1.content.0", "reason": "prefix_binding_mismatch"}
    ]
    assert body["usage"]["input_tokens"] == api.ask(messages=without, **fields)[1]["usage"]["input_tokens"]


@pytest.mark.parametrize("display", ["summarized", "omitted"])
def test_thinking_that_comes_back_counts_in_full_shown_or_not(api: Any, display: str) -> None:
    fields = {"model": FREE, "thinking": {"type": "adaptive", "display": display}}
    _, body = api.ask(messages=[HELLO], **fields)
    thought, text = body["content"]

    with_it, without = (
        api.ask(messages=[HELLO, {"role": "assistant", "content": content}, MORE], **fields)[1]["usage"]["input_tokens"]
        for content in ([thought, text], [text])
    )

    assert with_it - without == body["usage"]["output_tokens_details"]["thinking_tokens"]


def test_transformations_are_reported_under_the_beta_alone(api: Any) -> None:
    assert api.ask(betas=CONTROLS)[1]["input_transformations"] == []
    assert "input_transformations" not in api.ask()[1]


def test_a_stream_reports_transformations_at_its_start(api: Any) -> None:
    body = {"model": BINDING, "max_tokens": 1000, "messages": [HELLO], "stream": True}

    response = api.send("POST", "/v1/messages", body, anthropic_beta=CONTROLS)

    start = next(iter(response.body)).data.decode()
    assert json.loads(start.partition("data: ")[2])["message"]["input_transformations"] == []


def test_controls_need_the_beta(api: Any) -> None:
    assert api.refused(thinking=DROP) == "thinking.adaptive.block_binding: Extra inputs are not permitted"


def test_blocks_of_another_model_are_dropped_in_silence(api: Any) -> None:
    messages = talk(api, model=FREE)

    status, body = api.ask(model=BINDING, messages=messages, betas=CONTROLS)

    assert status == 200
    assert body["input_transformations"] == [
        {"type": "thinking_dropped", "path": "messages.1.content.0", "reason": "model_binding_mismatch"}
    ]


@pytest.mark.parametrize(
    ("writer", "reader", "is_read"),
    [
        ("claude-sonnet-5", "claude-sonnet-5-5", True),
        ("claude-opus-4-8", "claude-haiku-5-5", True),
        ("claude-haiku-5-5", "claude-sonnet-5-5", False),
        ("claude-fable-5-2", "claude-fable-5-1", False),
    ],
)
def test_some_models_read_the_thinking_of_others(api: Any, writer: str, reader: str, is_read: bool) -> None:
    messages = talk(api, model=writer)

    status, body = api.ask(model=reader, messages=messages, betas=CONTROLS)

    assert status == 200
    assert (body["input_transformations"] == []) == is_read


def test_token_counting_refuses_what_the_messages_api_refuses(api: Any) -> None:
    messages = edited(talk(api), signature="made up")

    status, body = api.ask("/v1/messages/count_tokens", model=BINDING, max_tokens=None, messages=messages)

    assert (status, body["error"]["message"]) == (
        400, "messages.1.content.0: Invalid `signature` in `thinking` block",
    )  # fmt: skip


def test_a_seal_says_what_was_sealed_however_long_the_conversation() -> None:
    before = Marks(b"system", b"tools.", tuple(n.to_bytes(6) for n in range(700)))

    seal = Seal.of("claude-opus-5-5", "Hm.", 3, before)
    read = Seal.read(seal.signature)

    assert read is not None
    assert read.vouches_for("Hm.")
    assert not read.vouches_for("")
    assert read.tokens == 3
    assert read.before is not None
    assert read.before.change(before) is None
    assert len(seal.signature) < 5000
