"""Cache diagnostics: what a request says of the one before it."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from clarion.emulator.cache import diagnosis
from desk import FIVE, LONG, MODEL, Desk, Fields, text, tool, user

TALK: Fields = {"tools": [tool()], "system": [text("Be kind. " + LONG)], "messages": [user(text("One " + LONG))]}
ON: Fields = {"messages": [*TALK["messages"], {"role": "assistant", "content": "Yes."}, user(text("Two"))]}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def said(desk: Desk, previous: str | None, **fields: Any) -> Any:
    return desk.send(diagnostics={"previous_message_id": previous}, **TALK | fields)["diagnostics"]


def first(desk: Desk, **fields: Any) -> str:
    id: str = desk.send(diagnostics={"previous_message_id": None}, **TALK | fields)["id"]
    return id


def test_who_does_not_ask_is_told_nothing(desk: Desk) -> None:
    assert "diagnostics" not in desk.send(**TALK)


def test_a_first_turn_has_nothing_to_compare(desk: Desk) -> None:
    assert said(desk, None) is None


@pytest.mark.parametrize("more", [{}, ON, ON | {"max_tokens": 20, "cache_control": FIVE}])
def test_a_request_that_goes_on_has_no_divergence(desk: Desk, more: Fields) -> None:
    assert said(desk, first(desk), **more) is None


CHANGES: dict[str, tuple[Fields, str, int]] = {  # the change, the reason, at least so many tokens missed
    "the model": ({"model": "claude-opus-5-5"} | ON, "model_changed", 1_900),
    "the speed": ({"model": "claude-opus-5-5", "speed": "fast"}, "model_changed", 1_900),
    "a tool": ({"tools": [tool(), tool(name="other")]}, "tools_changed", 1_900),
    "a tool and the system prompt": ({"tools": [], "system": "Other"}, "tools_changed", 1_900),
    "the order of a schema": (
        {"tools": [tool(input_schema={"properties": {}, "type": "object"})]}, "tools_changed", 1_900,
    ),
    "the system prompt": ({"system": [text("It is 12:01. " + LONG)]} | ON, "system_changed", 1_250),
    "an earlier message": ({"messages": [user(text("Other " + LONG)), *ON["messages"][1:]]}, "messages_changed", 600),
    "a message taken out": ({"messages": ON["messages"][2:]}, "messages_changed", 600),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_named_with_the_tokens_it_lost(desk: Desk, change: str) -> None:
    fields, reason, missed = CHANGES[change]

    answer = said(desk, first(desk, **({"model": "claude-opus-5-5"} if "speed" in fields else {})), **fields)

    assert answer["cache_miss_reason"]["type"] == reason
    assert missed <= answer["cache_miss_reason"]["cache_missed_input_tokens"] <= missed + 250


@pytest.mark.parametrize(
    "fields",
    [
        {"tool_choice": {"type": "none"}},
        {"thinking": {"type": "disabled"}},
        {"output_config": {"effort": "low"}},
        {"headers": {"x-api-key": "mine", "anthropic-beta": "interleaved-thinking-2025-05-14"}},
    ],
)
def test_another_change_that_shapes_the_prompt_makes_a_diagnosis_unavailable(desk: Desk, fields: Fields) -> None:
    assert said(desk, first(desk), **fields) == {"cache_miss_reason": {"type": "unavailable"}}


def test_defaults_spelled_out_are_no_change(desk: Desk) -> None:
    spelled: Fields = {"tool_choice": {"type": "auto"}, "output_config": {"effort": "medium"}}

    assert said(desk, first(desk), **spelled) is None


def test_only_requests_that_asked_are_remembered(desk: Desk) -> None:
    silent = desk.send(**TALK)["id"]
    not_found = {"cache_miss_reason": {"type": "previous_message_not_found"}}

    assert said(desk, silent) == not_found
    assert said(desk, "msg_unheard_of") == not_found


def test_requests_of_another_key_are_not_found(desk: Desk) -> None:
    answer = said(desk, first(desk), headers={"x-api-key": "yours"})

    assert answer["cache_miss_reason"]["type"] == "previous_message_not_found"


def test_the_oldest_requests_are_forgotten(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(diagnosis, "MOST_KEPT", 2)
    ids = [first(desk) for _ in range(2)]

    assert said(desk, ids[0]) is None
    assert said(desk, ids[0])["cache_miss_reason"]["type"] == "previous_message_not_found"


def test_beyond_the_horizon_there_is_no_diagnosis(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(diagnosis, "HORIZON", 2)
    messages = [user(text("1"), text("2"), text("3"))]

    answer = said(desk, first(desk, messages=messages), messages=[user(text("1"), text("2"), text("4"))])

    assert answer == {"cache_miss_reason": {"type": "unavailable"}}


def test_in_a_stream_the_diagnosis_is_in_its_first_event(client: anthropic.Anthropic) -> None:
    messages: Any = [{"role": "user", "content": "Hello"}]
    asked: Fields = {"model": MODEL, "max_tokens": 50, "messages": messages}
    message = client.messages.create(diagnostics={"previous_message_id": None}, system="One", **asked)

    with client.messages.stream(diagnostics={"previous_message_id": message.id}, system="Two", **asked) as stream:
        event = next(iter(stream))

    assert message.diagnostics is None
    assert event.type == "message_start"
    assert event.message.diagnostics is not None
    assert event.message.diagnostics.cache_miss_reason is not None
    assert event.message.diagnostics.cache_miss_reason.type == "system_changed"
