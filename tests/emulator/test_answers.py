"""What the emulator answers when nothing is scripted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

from clarion.emulator import Emulator, models, tokens

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "mood": {"enum": ["calm", "cross"]},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        "note": {"type": "string"},
    },
    "required": ["name", "age", "mood", "tags"],
    "additionalProperties": False,
    "$defs": {"tag": {"type": "string", "format": "date"}},
}
WEATHER = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
        },
        "required": ["location", "unit", "days"],
    },
}
MAIL = {"name": "send_mail", "input_schema": {"type": "object"}}


def text_of(body: dict[str, Any]) -> str:
    return "".join(block["text"] for block in body["content"] if block["type"] == "text")


def say(words: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": words}]


def test_an_answer_has_every_field_of_a_message_and_no_null_citations(api: Any) -> None:
    _, body = api.ask()

    assert body.keys() == {
        "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "container", "usage",
    }  # fmt: skip
    assert (body["type"], body["role"], body["stop_reason"]) == ("message", "assistant", "end_turn")
    assert body["content"][-1].keys() == {"type", "text"}


def test_usage_has_every_field_and_counts_the_thinking(api: Any) -> None:
    usage = api.ask()[1]["usage"]

    assert usage.keys() == {
        "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation",
        "output_tokens_details", "server_tool_use", "service_tier", "speed", "inference_geo",
    }  # fmt: skip
    assert 0 < usage["output_tokens_details"]["thinking_tokens"] < usage["output_tokens"]


def test_usage_counts_what_token_counting_counts(api: Any) -> None:
    fields: dict[str, Any] = {"system": "Be kind.", "tools": [WEATHER], "messages": say("Tell me a story")}

    counted = api.ask("/v1/messages/count_tokens", max_tokens=None, **fields)[1]

    assert counted == {"input_tokens": api.ask(**fields)[1]["usage"]["input_tokens"]}


def test_an_alias_answers_under_the_name_of_its_model(api: Any) -> None:
    assert api.ask(model="claude-haiku-4-5")[1]["model"] == "claude-haiku-4-5-20251001"


def test_the_answer_is_marked_and_tells_what_arrived(api: Any) -> None:
    code = "import os\nfrom json import loads\n\nclass User: pass\n\ndef login(name): ...\n"

    said = text_of(api.ask(system="You review code.", messages=say(code), tools=[MAIL])[1])

    assert said.startswith("[emulated] ")
    for part in ("claude-haiku-5-5", "`os`", "`json`", "`User`", "`login`", "16 characters", "`send_mail`"):
        assert part in said


def test_different_input_gives_a_different_answer(api: Any) -> None:
    assert text_of(api.ask(messages=say("One"))[1]) != text_of(api.ask(messages=say("Two"))[1])


def test_the_same_calls_in_the_same_order_get_the_same_answers(api: Any) -> None:
    first, second = type(api)(), type(api)()

    assert [first.ask()[1] for _ in range(3)] == [second.ask()[1] for _ in range(3)]


def test_no_two_answers_share_an_id_and_ids_sort_in_order(api: Any) -> None:
    ids = [api.ask()[1]["id"] for _ in range(200)]

    assert len(set(ids)) == 200
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("model", "thinking", "first", "is_shown"),
    [
        ("claude-opus-5-5", None, "thinking", False),
        ("claude-opus-5-5", {"type": "adaptive", "display": "summarized"}, "thinking", True),
        ("claude-haiku-5-5", {"type": "disabled"}, "text", False),
        ("claude-sonnet-5-5", {"type": "between_tools"}, "text", False),
        ("claude-opus-4-8", None, "text", False),
        ("claude-opus-4-8", {"type": "adaptive"}, "thinking", False),
        ("claude-opus-4-6", {"type": "adaptive"}, "thinking", True),
        ("claude-opus-4-6", {"type": "adaptive", "display": "omitted"}, "thinking", False),
        ("claude-haiku-4-5", None, "text", False),
        ("claude-haiku-4-5", {"type": "enabled", "budget_tokens": 1024}, "thinking", True),
    ],
    ids=str,
)
def test_thinking_comes_first_where_it_is_on(
    api: Any, model: str, thinking: dict[str, Any] | None, first: str, is_shown: bool
) -> None:
    block = api.ask(model=model, thinking=thinking, max_tokens=4000)[1]["content"][0]

    assert block["type"] == first
    if first == "thinking":
        assert bool(block["thinking"]) == is_shown
        assert len(block["signature"]) > 100


def test_more_effort_is_more_thinking(api: Any) -> None:
    spent = [
        api.ask(output_config={"effort": level})[1]["usage"]["output_tokens_details"]["thinking_tokens"]
        for level in models.EFFORTS
    ]

    assert spent == sorted(set(spent))


@pytest.mark.parametrize("limit", [1, 20, 60])
@pytest.mark.parametrize("model", ["claude-opus-4-6", "claude-opus-4-8"])
def test_max_tokens_cuts_the_text_to_exactly_that_usage(api: Any, model: str, limit: int) -> None:
    whole = text_of(api.ask(model=model)[1])

    _, body = api.ask(model=model, max_tokens=limit)

    tokenizer = models.find(model).tokenizer  # type: ignore[union-attr]  # the model is in the catalogue
    assert body["stop_reason"] == "max_tokens"
    assert body["usage"]["output_tokens"] == limit
    assert whole.startswith(text_of(body))
    assert limit - 2 <= tokens.count(text_of(body), tokenizer) <= limit


def test_thinking_uses_up_max_tokens_before_the_text(api: Any) -> None:
    _, body = api.ask(model="claude-opus-5-5", max_tokens=10)

    assert [block["type"] for block in body["content"]] == ["thinking"]
    assert (body["stop_reason"], body["usage"]["output_tokens"]) == ("max_tokens", 10)


def test_a_pre_warm_says_nothing(api: Any) -> None:
    _, body = api.ask(max_tokens=0)

    assert (body["content"], body["stop_reason"]) == ([], "max_tokens")
    assert body["usage"]["output_tokens"] == 0
    assert body["usage"]["input_tokens"] > 0


def test_the_window_ends_an_answer_that_no_longer_fits(api: Any) -> None:
    fits = api.ask("/v1/messages/count_tokens", model="claude-haiku-4-5", max_tokens=None, messages=say("word " * 9))
    per_word = (api.ask("/v1/messages/count_tokens", model="claude-haiku-4-5", max_tokens=None,
                        messages=say("word " * 1009))[1]["input_tokens"] - fits[1]["input_tokens"]) / 1000  # fmt: skip
    words = int((200_000 - 30) / per_word)

    _, body = api.ask(model="claude-haiku-4-5", messages=say("word " * words))

    assert body["stop_reason"] == "model_context_window_exceeded"
    assert body["usage"]["input_tokens"] + body["usage"]["output_tokens"] == 200_000


def test_the_first_stop_sequence_ends_the_answer(api: Any) -> None:
    _, body = api.ask(stop_sequences=["never said", "message", "received"])

    assert (body["stop_reason"], body["stop_sequence"]) == ("stop_sequence", "received")
    assert text_of(body).endswith("** ")


def test_a_forced_tool_is_called_with_fitting_arguments_and_without_thinking(api: Any) -> None:
    _, body = api.ask(tools=[MAIL, WEATHER], tool_choice={"type": "tool", "name": "get_weather"})

    assert [block["type"] for block in body["content"]] == ["tool_use"]
    call = body["content"][0]
    assert body["stop_reason"] == "tool_use"
    assert call["id"].startswith("toolu_01")
    assert call["input"].keys() == {"location", "unit", "days"}
    assert call["input"]["location"] == "location"
    assert call["input"]["unit"] in {"celsius", "fahrenheit"}
    assert call["input"]["days"] in range(1, 8)


def test_arguments_take_names_and_numbers_from_the_prompt(api: Any) -> None:
    _, body = api.ask(tools=[WEATHER], messages=say("How is the weather in Oslo over the next 3 days?"))

    arguments = body["content"][-1]["input"]
    assert (arguments["location"], arguments["days"]) == ("Oslo", 3)


@pytest.mark.parametrize(
    ("words", "choice", "called"),
    [
        ("What is the weather?", {"type": "auto"}, "get_weather"),
        ("Please mail them", {"type": "auto"}, "send_mail"),
        ("Get me a coffee", {"type": "auto"}, None),
        ("What is the weather?", {"type": "none"}, None),
        ("Get me a coffee", {"type": "any"}, "get_weather"),
        ("Mail it", {"type": "any"}, "send_mail"),
    ],
)
def test_a_tool_is_called_when_the_words_fit_its_name(
    api: Any, words: str, choice: dict[str, str], called: str | None
) -> None:
    _, body = api.ask(tools=[WEATHER, MAIL], tool_choice=choice, messages=say(words))

    assert [block["name"] for block in body["content"] if block["type"] == "tool_use"] == ([called] if called else [])
    assert body["stop_reason"] == ("tool_use" if called else "end_turn")


def test_after_a_tool_result_the_answer_is_text_about_it(api: Any) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "18 degrees", "is_error": True}
    messages = [*say("Weather?"), {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]

    _, body = api.ask(tools=[WEATHER], messages=messages)

    assert "Result of `get_weather`** (an error): “18 degrees”" in text_of(body)


def test_a_tool_call_cut_by_max_tokens_has_no_input(api: Any) -> None:
    _, body = api.ask(model="claude-opus-4-8", max_tokens=15, tools=[WEATHER], tool_choice={"type": "any"})

    assert body["stop_reason"] == "max_tokens"
    assert [block["input"] for block in body["content"]] == [{}]


def test_a_format_is_filled_with_an_instance_of_its_schema(api: Any) -> None:
    _, body = api.ask(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}, messages=say("See Ann, 41"))

    made = json.loads(text_of(body))
    Draft202012Validator(SCHEMA).validate(made)
    assert (made["name"], made["age"]) == ("Ann", 41)


def test_the_seed_varies_what_is_made_up_and_nothing_else_does(api: Any) -> None:
    ask = {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}
    answers = [text_of(type(api)(Emulator(seed=seed)).ask(**ask)[1]) for seed in (1, 1, 2, 3, 4)]

    assert answers[0] == answers[1]
    assert len(set(answers)) > 2


def test_the_documented_test_prompt_is_refused(api: Any) -> None:
    prompt = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"

    _, body = api.ask(messages=say(prompt))

    assert (body["content"], body["stop_reason"]) == ([], "refusal")
    assert body["stop_details"] == {"type": "refusal", "category": None, "explanation": None}


def test_thinking_is_not_turned_on_within_a_turn(api: Any) -> None:
    off: dict[str, Any] = {"model": "claude-opus-4-8", "tools": [WEATHER]}
    _, body = api.ask(messages=say("What is the weather?"), **off)
    result = {"type": "tool_result", "tool_use_id": body["content"][-1]["id"], "content": "rain"}
    loop = [*say("What is the weather?"), {"role": "assistant", "content": body["content"]}]

    _, answer = api.ask(messages=[*loop, {"role": "user", "content": [result]}], thinking={"type": "adaptive"}, **off)

    assert [block["type"] for block in answer["content"]] == ["text"]


def test_diagnostics_are_answered_only_when_asked_for(api: Any) -> None:
    assert api.ask(diagnostics={"previous_message_id": None})[1]["diagnostics"] is None
    assert "diagnostics" not in api.ask()[1]


def test_a_plain_answer_takes_as_long_as_its_tokens(api: Any) -> None:
    emulator = Emulator(first_token_delay=2.0, tokens_per_second=10)

    response = type(api)(emulator).send(
        "POST", "/v1/messages", {"model": "claude-opus-4-8", "max_tokens": 50, "messages": say("Hello")}
    )

    assert response.delay == 2.0 + 50 / 10
