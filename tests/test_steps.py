"""A turn taken step by step, in both colours."""

from __future__ import annotations

from typing import Any

import pytest

from clarion import (
    AsyncClaudeService,
    Deny,
    InvalidPromptError,
    RoundLimitError,
    ToolDefinitionError,
    ToolError,
    TurnStep,
    tool,
)
from clarion.emulator import script
from colours import Make
from wire import RememberingEmulator

QUESTION = "What is the weather in Oslo and Lima?"
BOTH = script.calls([("get_weather", {"location": "Oslo"}), ("get_weather", {"location": "Lima"})])
DEFINITION = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}}}


@pytest.fixture
def run() -> list[str]:
    """The places for which the tool has been run."""
    return []


@pytest.fixture
def get_weather(run: list[str]) -> Any:
    @tool
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        run.append(location)
        return f"rain in {location}"

    return get_weather


@pytest.fixture
def scripted(make_claude: Make) -> Any:
    """Makes a service whose emulator answers by a script; returns both."""

    def make(*steps: Any) -> tuple[Any, RememberingEmulator]:
        emulator = RememberingEmulator(script=steps)
        return make_claude(emulate=emulator), emulator

    return make


def results(messages: list[Any]) -> list[Any]:
    return [block["content"] for block in messages[-1]["content"]]


def test_calls_are_shown_before_they_are_run_and_the_last_step_has_what_complete_returns(
    scripted: Any, get_weather: Any, run: list[str]
) -> None:
    claude, _ = scripted(BOTH)
    seen: list[TurnStep] = []

    for step in claude.steps(QUESTION, tools=[get_weather]):
        assert run == ["Oslo", "Lima"][: 2 * len(seen)]
        seen.append(step)

    first, last = seen
    assert [call.input["location"] for call in first.calls] == ["Oslo", "Lima"]
    assert first.completion.stop_reason == "tool_use"
    assert (first.is_last, last.is_last, last.calls) == (False, True, ())
    again, _ = scripted(BOTH)
    assert last.completion.content == again.complete(QUESTION, tools=[get_weather]).content


def test_a_turn_without_calls_is_one_step(claude: Any) -> None:
    (step,) = claude.steps("Hello")

    assert step.is_last
    assert step.messages == step.completion.messages


def test_a_call_that_is_answered_is_not_run(scripted: Any, get_weather: Any, run: list[str]) -> None:
    claude, emulator = scripted(BOTH)

    for step in claude.steps(QUESTION, tools=[get_weather]):
        for call in step.calls[:1]:
            step.answer(call, {"degrees": 12})

    assert run == ["Lima"]
    assert results(emulator.bodies[-1]["messages"]) == ['{"degrees":12}', "rain in Lima"]


def test_a_call_may_be_answered_with_an_error_or_a_denial(scripted: Any, get_weather: Any, run: list[str]) -> None:
    claude, emulator = scripted(BOTH)

    for step in claude.steps(QUESTION, tools=[get_weather]):
        for call, answer in zip(step.calls, [ToolError("no such place"), Deny("not today")], strict=False):
            step.answer(call, answer)

    first, second = emulator.bodies[-1]["messages"][-1]["content"]
    assert (first["content"], first["is_error"]) == ("no such place", True)
    assert "not today" in second["content"]
    assert run == []


def test_a_turn_that_is_left_can_be_gone_on_from(scripted: Any, get_weather: Any, run: list[str]) -> None:
    claude, emulator = scripted(BOTH)

    for step in claude.steps(QUESTION, tools=[get_weather]):
        step.answer(step.calls[0], "sun")
        break

    assert run == []
    assert len(emulator.bodies) == 1
    assert results(step.messages) == ["sun", "This call was not run: the turn was left."]
    assert claude.complete(step.messages, tools=[get_weather]).stop_reason == "end_turn"


def test_tools_without_a_function_are_the_callers_to_answer(scripted: Any) -> None:
    claude, emulator = scripted(BOTH)

    for step in claude.steps(QUESTION, tools=[DEFINITION]):
        for call in step.calls:
            step.answer(call, f"fog in {call.input['location']}")

    assert results(emulator.bodies[-1]["messages"]) == ["fog in Oslo", "fog in Lima"]
    assert step.completion.stop_reason == "end_turn"


def test_a_tool_without_a_function_that_nobody_answers_is_an_error(scripted: Any) -> None:
    claude, _ = scripted(BOTH)

    with pytest.raises(ToolDefinitionError, match="get_weather is only a definition"):
        list(claude.steps(QUESTION, tools=[DEFINITION]))


def test_a_call_of_another_step_cannot_be_answered(scripted: Any, get_weather: Any) -> None:
    claude, _ = scripted(BOTH)
    first, last = claude.steps(QUESTION, tools=[get_weather])

    with pytest.raises(ValueError, match="get_weather waits in this step; calls: none"):
        last.answer(first.calls[0], "sun")


def test_limits_hold_as_in_complete(scripted: Any, get_weather: Any) -> None:
    claude, _ = scripted(BOTH, BOTH)

    with pytest.raises(RoundLimitError):
        list(claude.steps(QUESTION, tools=[get_weather], max_rounds=1))


def test_a_prompt_that_cannot_be_is_refused(claude: Any) -> None:
    with pytest.raises(InvalidPromptError):
        list(claude.steps(7))


def test_steps_that_nobody_takes_cost_nothing_and_warn_of_nothing() -> None:
    AsyncClaudeService(emulate=RememberingEmulator()).steps("Hello")
