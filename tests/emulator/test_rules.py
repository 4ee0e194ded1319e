"""What each model and version refuses, in the words of the API."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.emulator import models

OLD = "2023-06-01"
TOOL = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
ADAPTIVE = {"thinking": {"type": "adaptive"}}
MANUAL = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000}
OFF = {"thinking": {"type": "disabled"}}
BETWEEN = {"thinking": {"type": "between_tools"}}
CALLABLE = [model.id for model in models.catalogue() if model.lifecycle != "retired"]
USE_ADAPTIVE = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content[0] if len(content) == 1 else list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content[0] if len(content) == 1 else list(content)}


def call(number: int) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": "get_weather", "input": {}}


def result(number: int, content: str = "sunny") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": content}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def effort(level: str) -> dict[str, Any]:
    return {"output_config": {"effort": level}}


@pytest.mark.parametrize("model", CALLABLE)
def test_every_callable_model_answers_up_to_its_own_maximum(api: Any, model: str) -> None:
    found = models.find(model)
    assert found is not None
    most = found.max_output

    assert api.ask(model=model, max_tokens=most)[0] == 200
    assert api.refused(model=model, max_tokens=most + 1) == (
        f"max_tokens: {most + 1} > {most}, which is the maximum allowed number of output tokens for {model}"
    )


@pytest.mark.parametrize("model", CALLABLE)
@pytest.mark.parametrize("field", ["temperature", "top_p", "top_k"])
def test_the_new_version_takes_no_sampling_on_any_model(api: Any, model: str, field: str) -> None:
    assert api.refused(model=model, **{field: 1}) == f"{field}: Extra inputs are not permitted"


@pytest.mark.parametrize(
    ("model", "fields", "refusal"),
    [
        ("claude-opus-4-6", {"temperature": 0.2, "top_k": 5}, ""),
        ("claude-haiku-4-5", {"temperature": 0}, ""),
        ("claude-opus-4-6", {"temperature": 1.5}, "temperature: Input should be between 0 and 1"),
        ("claude-opus-4-6", {"temperature": 0.2, **ADAPTIVE}, "`temperature` may only be set to 1"),
        ("claude-haiku-4-5", {"temperature": 0.2, **MANUAL}, "`temperature` may only be set to 1"),
        ("claude-haiku-4-5", {"top_k": 5, **MANUAL}, "`top_k` must be unset"),
        ("claude-haiku-4-5", {"top_p": 0.9, **MANUAL}, "`top_p` must be greater than or equal to 0.95"),
        ("claude-haiku-4-5", {"top_p": 0.95, **MANUAL}, ""),
        ("claude-opus-4-7", {"temperature": 0.2}, "temperature: Extra inputs are not permitted"),
        ("claude-haiku-5-5", {"temperature": 1}, ""),
        ("claude-haiku-5-5", {"top_p": 0.99}, ""),
        ("claude-haiku-5-5", {"temperature": 1, "top_p": 0.99}, "temperature: Extra inputs"),
        ("claude-haiku-5-5", {"top_k": 1}, "top_k: Extra inputs are not permitted"),
    ],
    ids=str,
)
def test_the_old_version_takes_sampling_where_the_model_does(
    api: Any, model: str, fields: dict[str, Any], refusal: str
) -> None:
    if refusal:
        assert api.refused(model=model, version=OLD, **fields).startswith(refusal)
    else:
        assert api.ask(model=model, version=OLD, **fields)[0] == 200


@pytest.mark.parametrize(
    ("model", "fields", "message"),
    [
        ("claude-opus-5-5", MANUAL, f'"thinking.type.enabled" is not supported for this model. {USE_ADAPTIVE}'),
        ("claude-opus-4-7", MANUAL, f'"thinking.type.enabled" is not supported for this model. {USE_ADAPTIVE}'),
        ("claude-opus-5-5", OFF, f'"thinking.type.disabled" is not supported for this model. {USE_ADAPTIVE}'),
        (
            "claude-fable-5",
            OFF,
            '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not '
            'specified; use "thinking.type.enabled" with "budget_tokens" for extended thinking.',
        ),
        ("claude-opus-5-5", BETWEEN, '"thinking.type.between_tools" is not supported for this model.'),
        ("claude-haiku-4-5", ADAPTIVE, "adaptive thinking is not supported on this model"),
        ("claude-haiku-4-5", effort("low"), "This model does not support the effort parameter."),
        (
            "claude-opus-4-6",
            effort("xhigh"),
            "output_config.effort: 'xhigh' is not supported for this model. Supported levels: low, medium, high, max",
        ),
    ],
    ids=str,
)
def test_thinking_and_effort_are_refused_as_documented(
    api: Any, model: str, fields: dict[str, Any], message: str
) -> None:
    assert api.refused(model=model, **fields) == message


def test_sonnet_5_5_recommends_between_tools_instead_of_disabled(api: Any) -> None:
    assert "between_tools" in api.refused(model="claude-sonnet-5-5", **OFF)


@pytest.mark.parametrize(
    ("model", "fields"),
    [("claude-haiku-5-5", OFF), ("claude-opus-5", OFF), ("claude-sonnet-5-5", BETWEEN)],
    ids=str,
)
def test_thinking_cannot_be_turned_down_at_the_highest_efforts(api: Any, model: str, fields: dict[str, Any]) -> None:
    assert api.ask(model=model, **fields, **effort("high"))[0] == 200
    for level in ("xhigh", "max"):
        assert "is not supported for this model with effort" in api.refused(model=model, **fields, **effort(level))


def test_a_budget_must_leave_room_for_the_answer(api: Any) -> None:
    budget = {"thinking": {"type": "enabled", "budget_tokens": 2000}}

    assert "`max_tokens` must be greater than `thinking.budget_tokens`" in api.refused(
        model="claude-haiku-4-5", max_tokens=2000, **budget
    )
    assert api.ask(model="claude-haiku-4-5", max_tokens=2001, **budget)[0] == 200


CONVERSATIONS: list[tuple[str, list[dict[str, Any]], str]] = [
    ("none", [], "messages: at least one message is required"),
    ("assistant first", [assistant("Hi"), user("Hi")], 'messages: first message must use the "user" role'),
    ("system first", [{"role": "system", "content": "Be kind"}, user("Hi")],
     'messages: first message must use the "user" role'),
    ("prefill", [user("Hi"), assistant("{")],
     "This model does not support assistant message prefill. The conversation must end with a user message."),
    ("empty text", [user([text("")])], "messages: text content blocks must be non-empty"),
    ("blank text", [user(" \n")], "messages: text content blocks must contain non-whitespace text"),
    ("empty turn", [user("Hi"), assistant([]), user("Hi")],
     "messages.1: all messages must have non-empty content except for the optional final assistant message"),
    ("empty string", [user("")],
     "messages.0: all messages must have non-empty content except for the optional final assistant message"),
    ("no result", [user("Hi"), assistant([call(1)]), user("And?")],
     "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` "
     "block must have a corresponding `tool_result` block in the next message."),
    ("one of two results", [user("Hi"), assistant([call(1), call(2)]), user([result(1)])],
     "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_2. Each `tool_use` "
     "block must have a corresponding `tool_result` block in the next message."),
    ("result after text", [user("Hi"), assistant([call(1)]), user([text("Here"), result(1)])],
     "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` "
     "block must have a corresponding `tool_result` block in the next message."),
    ("ends with a call", [user("Hi"), assistant([call(1)])],
     "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` "
     "block must have a corresponding `tool_result` block in the next message."),
    ("no call", [user([result(1)])],
     "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block "
     "must have a corresponding `tool_use` block in the previous message."),
    ("same id twice", [user("Hi"), assistant([call(1)]), user([result(1)]), assistant([call(1)]), user([result(1)])],
     "messages: `tool_use` ids must be unique"),
    ("two results for one call", [user("Hi"), assistant([call(1)]), user([result(1), result(1)])],
     "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
     "toolu_1"),
    ("assistant document", [user("Hi"), assistant([{"type": "document", "source": {
        "type": "text", "media_type": "text/plain", "data": "x"}}]), user("And?")],
     "messages.1.content.0: `document` blocks are not permitted in `assistant` messages"),
    ("cited user text", [user([text("x") | {"citations": [{"type": "char_location"}]}])],
     "messages.0.content.0: `citations` are not permitted in the text of `user` messages"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "message"), [row[1:] for row in CONVERSATIONS], ids=[row[0] for row in CONVERSATIONS]
)
def test_a_broken_conversation_is_refused(api: Any, messages: list[dict[str, Any]], message: str) -> None:
    assert api.refused(messages=messages) == message


@pytest.mark.parametrize(
    "messages",
    [
        [user("Hi"), user("Still there?")],
        [user("Hi"), {"role": "system", "content": "Be brief"}, assistant("Hello"), user("And?")],
        [user("Hi"), assistant([call(1), call(2)]), user([result(1), result(2), text("Thanks")])],
        [user("Hi"), assistant([call(1)]), assistant([call(2)]), user([result(1)]), user([result(2)])],
        [user("Hi"), assistant([call(1)]), user([result(1, "")])],
        [user("Hi"), assistant([call(1)]), user([result(1, "\n")])],
    ],
    ids=[
        "merged turns",
        "system turn",
        "results, then text",
        "calls over two messages",
        "empty result",
        "blank result",
    ],
)
def test_a_sound_conversation_is_answered(api: Any, messages: list[dict[str, Any]]) -> None:
    assert api.ask(messages=messages)[0] == 200


def test_a_system_turn_is_refused_by_models_without_them(api: Any) -> None:
    messages = [user("Hi"), {"role": "system", "content": "Be brief"}]

    assert api.refused(model="claude-sonnet-5", messages=messages).startswith('messages: Unexpected role "system"')


@pytest.mark.parametrize(
    ("ending", "fields", "refusal"),
    [
        ("{", {}, ""),
        ("{ ", {}, "messages: final assistant content cannot end with trailing whitespace"),
        ("{", MANUAL, "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`."),
    ],
)
def test_old_models_take_a_prefill(api: Any, ending: str, fields: dict[str, Any], refusal: str) -> None:
    request = {"model": "claude-haiku-4-5", "messages": [user("Hi"), assistant(ending)], **fields}

    if refusal:
        assert api.refused(**request).startswith(refusal)
    else:
        assert api.ask(**request)[0] == 200


def test_the_old_version_takes_what_the_new_one_took_out(api: Any) -> None:
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
    messages = [user("Hi"), assistant([document]), user([text("x") | {"citations": [{"type": "char_location"}]}])]

    assert api.ask(version=OLD, messages=messages)[0] == 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"tools": [TOOL | {"name": "get weather"}]},
            "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        ),
        ({"tools": [TOOL, TOOL]}, "tools: Tool names must be unique."),
        ({"tools": [TOOL | {"defer_loading": True}]}, "All tools have defer_loading: true"),
        (
            {"tools": [{"name": "a", "input_schema": {"type": "array"}}]},
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        ({"tools": [{"name": "a", "input_schema": {}}]}, "tools.0.custom.input_schema.type: Field required"),
        (
            {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "other"}},
            "Tool 'other' not found in provided tools",
        ),
        ({"tool_choice": {"type": "auto"}}, "tool_choice: may only be specified while providing `tools`"),
        (
            {"tools": [TOOL | {"strict": True}]},
            "tools.0.custom.input_schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
        ),
        ({"stop_sequences": ["\n"]}, "stop_sequences: each stop sequence must contain non-whitespace"),
        ({"speed": "fast"}, "speed: 'fast' is not supported for this model"),
        (
            {"cache_control": {"type": "ephemeral"}}
            | {"system": [text("x") | {"cache_control": {"type": "ephemeral"}}] * 4},
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
        (
            {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
            | {"system": [text("x") | {"cache_control": {"type": "ephemeral"}}]},
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
        ),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
        ),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "integer", "minimum": 1}}}},
            "output_config.format.schema: For 'integer' type, properties minimum are not supported",
        ),
        ({"max_tokens": 0, "stream": True}, "max_tokens: 0 is not permitted together with stream"),
    ],
    ids=lambda value: str(value)[:70],
)
def test_a_request_that_asks_for_too_much_is_refused(api: Any, fields: dict[str, Any], message: str) -> None:
    assert api.refused(**fields) == message


@pytest.mark.parametrize("model", CALLABLE)
@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "get_weather"}], ids=lambda c: c["type"])
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_tools_are_forced_only_where_the_model_allows_it(
    api: Any, model: str, choice: dict[str, str], path: str
) -> None:
    found = models.find(model)
    assert found is not None
    limit = {"max_tokens": 500 if path == "/v1/messages" else None}

    status, _ = api.ask(path, model=model, tools=[TOOL], tool_choice=choice, **limit)

    assert status == (200 if found.forced_tools else 400)


def test_a_forced_tool_and_manual_thinking_exclude_each_other(api: Any) -> None:
    request = {"model": "claude-opus-4-6", "tools": [TOOL], "tool_choice": {"type": "any"}}

    assert api.refused(**request, **MANUAL) == "Thinking may not be enabled when tool_choice forces tool use."
    assert api.ask(**request, **ADAPTIVE)[0] == 200


def test_geography_and_fast_mode_depend_on_the_model(api: Any) -> None:
    assert api.ask(model="claude-opus-5-5", inference_geo="us")[1]["usage"]["inference_geo"] == "us"
    assert api.refused(model="claude-haiku-4-5", inference_geo="us").startswith("inference_geo: ")
    assert api.ask(model="claude-opus-5-5", speed="fast")[1]["usage"]["speed"] == "fast"
    assert api.ask(model="claude-opus-4-6", speed="fast")[1]["usage"]["speed"] == "standard"
    assert api.refused(model="claude-opus-5", speed="fast").startswith("speed: ")
    assert api.ask(model="claude-opus-5", speed="fast", betas="fast-mode-2026-02-01")[0] == 200


def test_counting_refuses_what_creating_refuses(api: Any) -> None:
    path = "/v1/messages/count_tokens"

    status, body = api.ask(path, model="claude-opus-5-5", max_tokens=None, **OFF)

    assert status == 400
    assert body["error"]["message"].startswith('"thinking.type.disabled" is not supported')


def test_a_prompt_longer_than_the_window_is_refused_but_can_be_counted(api: Any) -> None:
    messages = [user("word " * 200_000)]

    counted = api.ask("/v1/messages/count_tokens", model="claude-haiku-4-5", max_tokens=None, messages=messages)[1]
    message = api.refused(model="claude-haiku-4-5", messages=messages)

    assert message == f"prompt is too long: {counted['input_tokens']} tokens > 200000 maximum"


def test_documents_are_cited_all_or_none_and_never_with_a_format(api: Any) -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "x"}
    cited = {"type": "document", "source": source, "citations": {"enabled": True}}
    plain = {"type": "document", "source": source}
    schema = {"type": "object", "properties": {}, "additionalProperties": False}

    assert "all or none" in api.refused(messages=[user([cited, plain])])
    assert "Citations cannot" in api.refused(
        messages=[user([cited])], output_config={"format": {"type": "json_schema", "schema": schema}}
    )
    assert api.ask(messages=[user([cited, cited])])[0] == 200
