"""Tools and structured output in whole turns, in both colours."""

from __future__ import annotations

import asyncio
import base64
import io
import threading
import time
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from clarion import (
    Allow,
    Deny,
    Edit,
    Image,
    InterruptTurn,
    LimitError,
    OutputError,
    RoundLimitError,
    Tool,
    ToolCall,
    ToolDefinitionError,
    ToolError,
    tool,
)
from clarion.emulator import script
from colours import Make
from wire import RememberingEmulator

QUESTION = "What is the weather in Oslo and Lima?"


@tool
def get_weather(location: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> str:
    """Get current weather for a location.

    Args:
        location: City and country.
        unit: Of the temperature.
    """
    return f"12 {unit} in {location}"


@tool
async def get_time(location: str) -> str:
    """Get the time of a place."""
    await asyncio.sleep(0)
    return f"It is noon in {location}"


@pytest.fixture
def scripted(make_claude: Make) -> Any:
    """Makes a service whose emulator answers by a script; returns both."""

    def make(*steps: Any) -> tuple[Any, RememberingEmulator]:
        emulator = RememberingEmulator(script=steps)
        return make_claude(emulate=emulator), emulator

    return make


def results(emulator: RememberingEmulator) -> list[dict[str, Any]]:
    """The results of tools in the last request."""
    return [block for block in emulator.bodies[-1]["messages"][-1]["content"] if block["type"] == "tool_result"]


def test_a_tool_is_described_called_and_its_result_answered(claude: Any, emulator: RememberingEmulator) -> None:
    completion = claude.complete(QUESTION, tools=[get_weather])

    (definition,) = emulator.bodies[0]["tools"]
    assert definition["name"] == "get_weather"
    assert definition["input_schema"]["properties"]["location"]["description"] == "City and country."
    assert "12 celsius in Oslo" in completion.text
    assert [message["role"] for message in completion.messages] == ["user", "assistant", "user", "assistant"]
    assert completion.usage.output_tokens == sum(
        reply.message["usage"]["output_tokens"] for reply in completion.replies
    )


def test_calls_of_one_round_are_answered_together_in_order(scripted: Any) -> None:
    weather, clock = ("get_weather", {"location": "Oslo"}), ("get_time", {"location": "Lima"})
    claude, emulator = scripted(script.calls([weather, clock]))

    claude.complete(QUESTION, tools=[get_weather, get_time])

    assert [result["content"] for result in results(emulator)] == ["12 celsius in Oslo", "It is noon in Lima"]
    assert len(emulator.bodies) == 2


def test_calls_of_one_round_run_at_the_same_time(scripted: Any) -> None:
    meeting = threading.Barrier(3, timeout=60)

    def meet(number: int) -> str:
        """Meet the others."""
        meeting.wait()
        return f"met {number}"

    claude, emulator = scripted(script.calls([("meet", {"number": number}) for number in range(3)]))

    claude.complete(QUESTION, tools=[meet])

    assert [result["content"] for result in results(emulator)] == ["met 0", "met 1", "met 2"]


def test_a_wrong_input_goes_back_to_the_model_with_what_is_wrong(scripted: Any) -> None:
    claude, emulator = scripted(script.call("get_weather", {"location": 7, "unit": "kelvin"}))

    claude.complete(QUESTION, tools=[get_weather])

    (result,) = results(emulator)
    assert result["is_error"] is True
    assert "location" in result["content"]
    assert "celsius" in result["content"]


def test_what_a_tool_raises_by_accident_is_not_told_to_the_model(
    scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def look_up(key: str) -> str:
        """Look something up."""
        raise KeyError(f"password=hunter2 for {key}")

    claude, emulator = scripted(script.call("look_up", {"key": "x"}))

    with caplog.at_level("DEBUG", "clarion"):
        claude.complete(QUESTION, tools=[look_up])

    (result,) = results(emulator)
    assert result["is_error"] is True
    assert "hunter2" not in str(emulator.bodies)
    assert "hunter2" in caplog.text


def test_what_a_tool_raises_on_purpose_is_told(scripted: Any) -> None:
    def look_up(key: str) -> str:
        """Look something up."""
        raise ToolError(f"there is no {key}: try y")

    claude, emulator = scripted(script.call("look_up", {"key": "x"}))

    claude.complete(QUESTION, tools=[look_up])

    assert results(emulator)[0]["content"] == "there is no x: try y"


def test_a_tool_that_takes_too_long_is_given_up(scripted: Any) -> None:
    @tool(timeout=0.05)
    def wait() -> str:
        """Wait."""
        time.sleep(2)
        return "late"

    claude, emulator = scripted(script.call("wait", {}))

    claude.complete(QUESTION, tools=[wait])

    assert results(emulator)[0]["is_error"] is True


def test_an_unknown_tool_is_answered_with_the_known_ones(scripted: Any) -> None:
    claude, emulator = scripted(script.call("get_news", {}))

    claude.complete(QUESTION, tools=[get_weather])

    assert "get_weather" in results(emulator)[0]["content"]


def test_approval_allows_denies_and_edits(scripted: Any) -> None:
    def approve(call: ToolCall) -> Allow | Deny | Edit:
        match call.input["location"]:
            case "Oslo":
                return Allow()
            case "Lima":
                return Deny("not today")
        return Edit({"location": "Rome"})

    places = [("get_weather", {"location": place}) for place in ("Oslo", "Lima", "Bonn")]
    claude, emulator = scripted(script.calls(places))

    claude.complete(QUESTION, tools=[get_weather], approve=approve)

    first, second, third = results(emulator)
    assert first["content"] == "12 celsius in Oslo"
    assert second["is_error"] is True
    assert "not today" in second["content"]
    assert third["content"] == "12 celsius in Rome"


def test_an_interrupted_turn_can_be_gone_on_from(scripted: Any) -> None:
    def stop_here() -> str:
        """Stop."""
        raise InterruptTurn("a person must look")

    claude, _ = scripted(script.call("stop_here", {}))

    with pytest.raises(InterruptTurn, match="a person must look") as interrupt:
        claude.complete(QUESTION, tools=[stop_here])

    completion = interrupt.value.completion
    assert completion is not None
    assert completion.tool_calls[0].name == "stop_here"
    assert claude.complete(interrupt.value.messages, tools=[stop_here]).stop_reason == "end_turn"


def test_rounds_have_an_end_that_can_be_gone_on_from(scripted: Any) -> None:
    claude, emulator = scripted(*[script.call("get_weather", {"location": "Oslo"})] * 3)

    with pytest.raises(RoundLimitError, match="after 2 rounds") as limit:
        claude.complete(QUESTION, tools=[get_weather], max_rounds=2)

    assert len(emulator.bodies) == 3
    assert len(limit.value.completion.messages) == 6
    assert claude.complete(limit.value.messages, tools=[get_weather]).stop_reason == "end_turn"


def test_what_a_turn_has_cost_counts_against_its_limit(scripted: Any) -> None:
    claude, emulator = scripted(*[script.call("get_weather", {"location": "Oslo"})] * 9)

    with pytest.raises(LimitError, match=r"after \$0\.0\d+ of this turn") as limit:
        claude.complete(QUESTION, tools=[get_weather], max_tokens=1000, max_cost=0.03)

    completion = limit.value.completion
    assert completion is not None
    assert completion.cost is not None
    assert 0 < completion.cost.total <= 0.03
    assert limit.value.messages[-1]["content"][0]["type"] == "tool_result"
    same = Tool.of(get_weather).definition()  # without a function; thinking is bound to the tools it was made with
    assert claude.complete(limit.value.messages, tools=[same]).stop_reason == "tool_use"  # the script goes on
    assert len(emulator.unused) < 8


def test_a_forced_tool_is_forced_once(claude: Any, emulator: RememberingEmulator) -> None:
    claude.complete("Hi", model="claude-opus-5", tools=[get_weather], tool_choice={"type": "any"})

    assert [body["tool_choice"]["type"] for body in emulator.bodies] == ["any", "auto"]


def test_tools_without_a_function_are_left_to_the_caller(claude: Any, emulator: RememberingEmulator) -> None:
    definition = {"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}

    completion = claude.complete(QUESTION, tools=[definition])

    assert completion.stop_reason == "tool_use"
    assert [call.name for call in completion.tool_calls] == ["get_weather"]
    assert len(emulator.bodies) == 1


def test_a_stream_goes_through_all_rounds(claude: Any) -> None:
    with claude.stream(QUESTION, tools=[get_weather]) as stream:
        text = "".join(stream)

    assert text == stream.completion.text
    assert "12 celsius in Oslo" in text
    assert len(stream.completion.replies) == 2


def test_two_tools_of_one_name_are_refused_before_anything_is_sent(claude: Any, emulator: RememberingEmulator) -> None:
    with pytest.raises(ToolDefinitionError, match="two tools are called 'get_weather'"):
        claude.complete(QUESTION, tools=[get_weather, get_weather])

    assert emulator.bodies == []


class Invoice(BaseModel):
    """An invoice."""

    number: str
    total: float = Field(gt=0)
    lines: list[str] = []


@dataclass
class Verdict:
    """A verdict."""

    good: bool


@pytest.mark.parametrize(("type_", "kind"), [(Verdict, Verdict), (list[Verdict], list), (Literal["good", "bad"], str)])
def test_an_answer_is_a_value_of_the_type_that_was_asked_for(claude: Any, type_: Any, kind: type) -> None:
    completion = claude.complete("Is this good?", output_type=type_)

    assert isinstance(completion.parsed, kind)


def test_an_answer_that_does_not_fit_is_sent_back_once_and_mended(scripted: Any) -> None:
    wrong, right = '{"number": "7", "total": 0, "lines": []}', '{"number": "7", "total": 9.5, "lines": []}'
    claude, emulator = scripted(script.say(wrong), script.say(right))

    completion = claude.complete("Extract the invoice.", output_type=Invoice)

    assert completion.parsed == Invoice(number="7", total=9.5)
    assert "total" in emulator.bodies[1]["messages"][-1]["content"][0]["text"]
    assert len(completion.replies) == 2


def test_an_answer_that_never_fits_is_an_error_that_keeps_what_was_paid_for(scripted: Any) -> None:
    wrong = '{"number": "7", "total": 0, "lines": []}'
    claude, _ = scripted(script.say(wrong), script.say(wrong))

    with pytest.raises(OutputError, match="total") as error:
        claude.complete("Extract the invoice.", output_type=Invoice)

    assert error.value.text == wrong
    assert error.value.completion is not None
    assert error.value.completion.usage.output_tokens > 0


def test_tools_and_an_output_type_go_together(claude: Any) -> None:
    completion = claude.complete(QUESTION, tools=[get_weather], output_type=Verdict)

    assert isinstance(completion.parsed, Verdict)
    assert len(completion.replies) == 2


def test_a_value_can_be_watched_while_it_comes(scripted: Any) -> None:
    claude, _ = scripted(script.say('{"number": "A-17", "total": 9.5, "lines": ["bread", "butter", "jam", "coffee"]}'))

    with claude.stream("Extract the invoice.", output_type=Invoice) as stream:
        seen = [stream.partial for _ in stream]

    assert stream.completion.parsed == Invoice(number="A-17", total=9.5, lines=["bread", "butter", "jam", "coffee"])
    assert seen[-1] == {"number": "A-17", "total": 9.5, "lines": ["bread", "butter", "jam", "coffee"]}
    assert len([value for value in seen if value != seen[-1]]) > 0


@pytest.mark.parametrize(("model", "edge_px"), [("claude-opus-5-5", 2576), ("claude-sonnet-4-6", 1568)])
def test_images_in_results_are_fitted_to_the_model_that_is_asked(scripted: Any, model: str, edge_px: int) -> None:
    import PIL.Image

    def screenshot() -> list[Any]:
        """Take a picture of the screen."""
        return ["The screen:", Image(PIL.Image.new("L", (4000, 400)))]

    claude, emulator = scripted(script.call("screenshot", {}))

    claude.complete("What is on the screen?", model=model, tools=[screenshot])

    said, shown = results(emulator)[0]["content"]
    assert said == {"type": "text", "text": "The screen:"}
    width, _ = PIL.Image.open(io.BytesIO(base64.b64decode(shown["source"]["data"]))).size
    assert edge_px - 28 < width <= edge_px


def test_an_image_block_that_the_api_would_refuse_is_made_to_fit(scripted: Any) -> None:
    import PIL.Image

    file = io.BytesIO()
    PIL.Image.new("L", (9000, 90)).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()

    def scan() -> dict[str, Any]:
        """Scan a page."""
        return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}

    claude, emulator = scripted(script.call("scan", {}))

    assert claude.complete("Scan it.", tools=[scan]).stop_reason == "end_turn"
    (shown,) = results(emulator)[0]["content"]
    assert max(PIL.Image.open(io.BytesIO(base64.b64decode(shown["source"]["data"]))).size) <= 2576


def test_a_value_can_be_watched_after_tools_have_run(scripted: Any) -> None:
    said = script.say('{"number": "A-17", "total": 9.5, "lines": []}')
    claude, _ = scripted(script.call("get_weather", {"location": "Oslo"}), said)

    with claude.stream("Extract the invoice.", tools=[get_weather], output_type=Invoice) as stream:
        seen = [stream.partial for _ in stream]

    assert seen[-1] == {"number": "A-17", "total": 9.5, "lines": []}
