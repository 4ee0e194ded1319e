"""Which of the client's tools an answer calls, with what, and what follows the results."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

from clarion.emulator import Emulator

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "get_weather", "input_schema": CITY}
MAIL = {"name": "send_mail", "input_schema": {"type": "object"}}
TIME = {"name": "get_time", "input_schema": {"type": "object", "properties": {"zone": {"enum": ["UTC", "CET"]}}}}
SEARCH = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}
HIDDEN = {**WEATHER, "defer_loading": True}
ONE = {"type": "auto", "disable_parallel_tool_use": True}
FINAL = {"name": "final_result", "input_schema": CITY}
BOTH = "What is the weather, and what time is it?"


def say(words: str) -> dict[str, Any]:
    return {"role": "user", "content": words}


def uses(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in body["content"] if block["type"] == "tool_use"]


def answered(api: Any, words: str, **fields: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the answer to a prompt, and the conversation with a result for every call."""
    status, body = api.ask(messages=[say(words)], **fields)
    assert status == 200, body
    results = [
        {"type": "tool_result", "tool_use_id": use["id"], "content": f"result {number}"}
        for number, use in enumerate(uses(body), 1)
    ]
    return body, [say(words), {"role": "assistant", "content": body["content"]}, {"role": "user", "content": results}]


def test_all_tools_that_fit_are_called_together(api: Any) -> None:
    body, _ = answered(api, BOTH, tools=[MAIL, WEATHER, TIME])

    assert [use["name"] for use in uses(body)] == ["get_weather", "get_time"]
    assert len({use["id"] for use in uses(body)}) == 2
    assert body["stop_reason"] == "tool_use"


def test_a_tool_is_called_for_each_name_that_is_counted_up(api: Any) -> None:
    body, _ = answered(api, "Compare the weather in Oslo, New York and Lima, please", tools=[WEATHER])

    assert [use["input"] for use in uses(body)] == [{"city": "Oslo"}, {"city": "New York"}, {"city": "Lima"}]


@pytest.mark.parametrize("kind", ["auto", "any"])
def test_parallel_calls_can_be_ruled_out(api: Any, kind: str) -> None:
    choice = {"type": kind, "disable_parallel_tool_use": True}

    body, _ = answered(api, BOTH + " In Oslo and Lima?", tools=[WEATHER, TIME], tool_choice=choice)

    assert [use["name"] for use in uses(body)] == ["get_weather"]


def test_the_answer_after_the_results_quotes_all_of_them(api: Any) -> None:
    _, messages = answered(api, BOTH, tools=[WEATHER, TIME])

    _, body = api.ask(messages=messages, tools=[WEATHER, TIME])

    assert body["stop_reason"] == "end_turn"
    assert "Result of `get_weather`**: “result 1”" in body["content"][-1]["text"]
    assert "Result of `get_time`**: “result 2”" in body["content"][-1]["text"]


def test_a_word_of_the_system_after_the_results_calls_nothing_again(api: Any) -> None:
    _, messages = answered(api, BOTH, tools=[WEATHER, TIME])

    _, body = api.ask(messages=[*messages, {"role": "system", "content": "Be brief."}], tools=[WEATHER, TIME])

    assert body["stop_reason"] == "end_turn"


def test_a_picture_alone_is_a_prompt_of_its_own(api: Any, image: Any) -> None:
    _, messages = answered(api, BOTH, tools=[WEATHER, TIME])
    messages += [{"role": "assistant", "content": "Rain."}, {"role": "user", "content": [image()]}]

    _, body = api.ask(messages=messages, tools=[WEATHER, TIME])

    assert uses(body) == []


def test_one_after_the_other_all_tools_are_called_where_only_one_may_be(api: Any) -> None:
    tools, names = [WEATHER, TIME], []
    messages = [say(BOTH)]
    while True:
        _, body = api.ask(messages=messages, tools=tools, tool_choice=ONE)
        if body["stop_reason"] == "end_turn":
            break
        [use] = uses(body)
        names.append(use["name"])
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": "done"}
        messages += [{"role": "assistant", "content": body["content"]}, {"role": "user", "content": [result]}]

    assert names == ["get_weather", "get_time"]


def test_a_tool_for_the_final_answer_takes_the_place_of_text(api: Any) -> None:
    body, _ = answered(api, "I am in Oslo", tools=[WEATHER, FINAL])

    assert [(use["name"], use["input"]) for use in uses(body)] == [("final_result", {"city": "Oslo"})]


@pytest.mark.parametrize("choice", [{"type": "auto"}, {"type": "any"}, ONE])
def test_the_tool_for_the_final_answer_is_called_after_the_results_of_others(api: Any, choice: dict[str, Any]) -> None:
    body, messages = answered(api, "The weather in Oslo?", tools=[FINAL, WEATHER], tool_choice=choice)

    _, after = api.ask(messages=messages, tools=[FINAL, WEATHER], tool_choice=choice)

    assert [use["name"] for use in uses(body) + uses(after)] == ["get_weather", "final_result"]


@pytest.mark.parametrize("by_tool", [True, False], ids=["by a tool", "by a format"])
def test_a_form_takes_names_and_numbers_from_the_results(api: Any, by_tool: bool) -> None:
    properties = {"city": {"type": "string"}, "degrees": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    final = {"name": "final_result", "input_schema": schema}
    asked: dict[str, Any] = {"tools": [WEATHER, *([final] if by_tool else [])]}
    asked |= {} if by_tool else {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    _, messages = answered(api, "The weather in Oslo?", **asked)
    messages[-1]["content"][0]["content"] = [{"type": "text", "text": "It has 21 degrees."}]

    _, after = api.ask(messages=messages, **asked)

    filled = uses(after)[0]["input"] if by_tool else json.loads(after["content"][-1]["text"])
    assert filled == {"city": "Oslo", "degrees": 21}


def test_the_final_answer_is_text_where_no_tool_may_be_called(api: Any) -> None:
    _, messages = answered(api, "The weather in Oslo?", tools=[FINAL, WEATHER])

    _, after = api.ask(messages=messages, tools=[FINAL, WEATHER], tool_choice={"type": "none"})

    assert uses(after) == []


@pytest.mark.parametrize(("is_error", "calls"), [(False, []), (True, ["final_result"])])
def test_the_final_answer_is_given_again_only_after_an_error(api: Any, is_error: bool, calls: list[str]) -> None:
    _, messages = answered(api, "I am in Oslo", tools=[WEATHER, FINAL])
    messages[-1]["content"][0]["is_error"] = is_error

    _, after = api.ask(messages=messages, tools=[WEATHER, FINAL])

    assert [use["name"] for use in uses(after)] == calls


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "get_time"}])
def test_a_forced_choice_calls_again_after_the_results(api: Any, choice: dict[str, str]) -> None:
    body, messages = answered(api, "Hello", tools=[TIME], tool_choice=choice)

    _, again = api.ask(messages=messages, tools=[TIME], tool_choice=choice)

    assert [use["name"] for use in uses(again)] == ["get_time"]
    assert uses(again)[0]["id"] != uses(body)[0]["id"]


@pytest.mark.parametrize("seed", range(5))
def test_arguments_are_valid_and_vary_with_the_seed(api: Any, seed: int) -> None:
    schema = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "pattern": "^[A-Z]{3}-\\d+$"},
            "level": {"type": "integer", "minimum": 3, "maximum": 5},
            "on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        },
        "required": ["code", "level", "on"],
    }
    other = type(api)(Emulator(seed=seed))

    body, _ = answered(other, "Order it", tools=[{"name": "order", "input_schema": schema}])

    Draft202012Validator(schema).validate(uses(body)[0]["input"])


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ({"type": "bash_20250124", "name": "bash"}, {"command": "ls -la"}),
        ({"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"}, {"command": "view", "path": "/repo"}),
        ({"type": "memory_20250818", "name": "memory"}, {"command": "view", "path": "/memories"}),
    ],
)
def test_tools_with_a_schema_of_the_api_are_called_by_it(
    api: Any, tool: dict[str, str], arguments: dict[str, str]
) -> None:
    body, _ = answered(api, "Go", tools=[tool], tool_choice={"type": "any"})

    assert [use["input"] for use in uses(body)] == [arguments]


def test_a_deferred_tool_is_found_before_it_is_called_and_not_searched_for_again(api: Any) -> None:
    body, messages = answered(api, "What is the weather?", model="claude-opus-5-5", tools=[SEARCH, HIDDEN])

    kinds = [block["type"] for block in body["content"]]
    assert kinds == ["thinking", "server_tool_use", "tool_search_tool_result", "tool_use"]
    assert body["content"][2]["content"]["tool_references"] == [{"type": "tool_reference", "tool_name": "get_weather"}]
    messages = [*messages, {"role": "assistant", "content": "Rain."}, say("And the weather tomorrow?")]
    _, again = api.ask(model="claude-opus-5-5", messages=messages, tools=[SEARCH, HIDDEN])
    assert [block["type"] for block in again["content"]] == ["thinking", "tool_use"]


def test_a_deferred_tool_nobody_can_search_for_is_not_called(api: Any) -> None:
    body, _ = answered(api, "What is the weather?", tools=[HIDDEN, MAIL])

    assert uses(body) == []


def test_a_tool_for_code_alone_is_called_by_code_that_goes_on_with_the_results(api: Any) -> None:
    code = {"type": "code_execution_20260120", "name": "code_execution"}
    fields = {"model": "claude-opus-5-5", "tools": [code, {**WEATHER, "allowed_callers": ["code_execution_20260120"]}]}
    body, messages = answered(api, "Weather in Oslo and Lima?", **fields)

    assert [block["type"] for block in body["content"]] == ["thinking", "server_tool_use", "tool_use", "tool_use"]
    run = body["content"][1]
    assert {use["caller"]["tool_id"] for use in uses(body)} == {run["id"]}
    status, after = api.ask(messages=messages, container=body["container"]["id"], **fields)
    assert status == 200, after
    result = after["content"][0]
    assert (result["type"], result["tool_use_id"]) == ("code_execution_tool_result", run["id"])
    assert result["content"]["stdout"] == "result 1\nresult 2\n"
    assert after["container"]["id"] == body["container"]["id"]
    assert after["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    ("model", "thinking", "kind", "is_shown"),
    [
        ("claude-opus-5-5", None, "thinking", False),
        ("claude-opus-5-5", {"type": "adaptive", "display": "summarized"}, "thinking", True),
        ("claude-opus-5-5", {"type": "adaptive", "display": "updates"}, "thinking", True),
        ("claude-sonnet-5-5", {"type": "between_tools"}, "thinking", True),
        ("claude-haiku-5-5", None, "text", True),
        ("claude-opus-4-8", None, "text", True),
    ],
)
def test_notes_between_tool_calls_are_thinking_on_some_models(
    api: Any, model: str, thinking: dict[str, str] | None, kind: str, is_shown: bool
) -> None:
    fields = {
        "model": model, "thinking": thinking, "tools": [WEATHER, TIME], "tool_choice": ONE,
        "betas": "thinking-display-updates-2026-08-18",
    }  # fmt: skip
    first, messages = answered(api, BOTH, **fields)

    _, body = api.ask(messages=messages, **fields)

    note = body["content"][-2]
    assert note["type"] == kind
    assert bool(note[kind]) == is_shown
    assert first["content"][-2:-1] == [] or first["content"][-2]["type"] == "thinking"
    results = [{"type": "tool_result", "tool_use_id": uses(body)[0]["id"], "content": "done"}]
    more = [*messages, {"role": "assistant", "content": body["content"]}, {"role": "user", "content": results}]
    assert api.ask(messages=more, **fields)[0] == 200


def test_updates_show_no_thinking_before_the_answer_and_need_their_beta(api: Any) -> None:
    thinking = {"type": "adaptive", "display": "updates"}

    assert api.ask(thinking=thinking, betas="thinking-display-updates-2026-08-18")[1]["content"][0]["thinking"] == ""
    assert api.refused(thinking=thinking) == "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"


def test_eager_input_streams_in_smaller_pieces(api: Any) -> None:
    def pieces(tool: dict[str, Any]) -> list[str]:
        body = {
            "model": "claude-haiku-5-5",
            "max_tokens": 1000,
            "stream": True,
            "messages": [say("What is the weather?")],
        }
        chunks = api.send("POST", "/v1/messages", body | {"tools": [tool]}).body
        stream = b"".join(chunk.data for chunk in chunks).decode()
        events = [json.loads(line.removeprefix("data: ")) for line in stream.split("\n") if line.startswith("data: ")]
        return [
            event["delta"]["partial_json"]
            for event in events
            if event.get("delta", {}).get("type") == "input_json_delta"
        ]

    eager, plain = pieces({**WEATHER, "eager_input_streaming": True}), pieces(WEATHER)

    assert "".join(eager) == "".join(plain) == '{"city": "city"}'
    assert eager[0] == plain[0] == ""
    assert len(eager) > len(plain)
