"""Clients not written here, on the emulator: what they get is what it said, and it takes what they send."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.environments import CLIENTS
from clients.run import TASKS, Outcome

Of = Callable[[str, str], Outcome]

PAGE = Path(__file__).parents[2] / "docs" / "emulator.md"


def those_that_do(*tasks: str) -> pytest.MarkDecorator:
    """Parametrize a test with the clients that have a task, and the task."""
    pairs = [(name, task) for task in tasks for name in CLIENTS if task in (*TASKS, *CLIENTS[name].also)]
    return pytest.mark.parametrize(("client", "task"), pairs)


every_client = pytest.mark.parametrize("client", CLIENTS)


@every_client
def test_it_gets_the_whole_text_and_its_usage(outcome: Of, client: str) -> None:
    done = outcome(client, "text")

    [request] = done.emulator.requests
    usage = request.response.usage
    assert done.said["text"] == request.response.text
    assert done.said["text"].startswith("[emulated]")
    assert (done.said["input"], done.said["output"]) == (usage["input_tokens"], usage["output_tokens"])


@every_client
def test_its_stream_adds_up_to_the_same_text_and_usage(outcome: Of, client: str) -> None:
    streamed = dict(outcome(client, "stream").said)

    assert streamed.pop("pieces") > 5
    assert streamed == outcome(client, "text").said
    assert all(request.json["stream"] for request in outcome(client, "stream").emulator.requests)


@those_that_do("tools", "streamed_tools")
def test_it_runs_the_tools_it_is_asked_to_and_gives_back_what_came_before(outcome: Of, client: str, task: str) -> None:
    done = outcome(client, task)

    asked, answered = (request for request in done.emulator.requests if request.response.status == 200)
    assert done.said["calls"] == [["get_weather", {"city": "Oslo"}], ["get_weather", {"city": "Lima"}]]
    assert "“Oslo has 21 degrees”" in done.said["text"]
    assert "“Lima has 21 degrees”" in done.said["text"]
    assert done.said["text"] == answered.response.text
    assert asked.response.is_stream or task == "tools"
    assert types(answered.json["messages"][1]) == types(asked.response.json) == ["thinking", "tool_use", "tool_use"]


@every_client
def test_it_gets_a_filled_form(outcome: Of, client: str) -> None:
    done = outcome(client, "structured")

    [request] = done.emulator.requests
    assert done.said == json.loads(request.response.text)
    assert (done.said["city"], done.said["degrees"]) == ("Oslo", 21)
    assert request.json["output_config"]["format"]["type"] == "json_schema"


@those_that_do("structured_by_tool")
def test_it_gets_a_form_filled_by_a_tool_call(outcome: Of, client: str, task: str) -> None:
    done = outcome(client, task)

    [request] = done.emulator.requests
    assert done.said == request.response.json["content"][-1]["input"]
    assert (done.said["city"], done.said["degrees"]) == ("Oslo", 21)


@those_that_do("agent_with_form")
def test_its_agent_fills_the_form_after_its_tools_have_run(outcome: Of, client: str, task: str) -> None:
    done = outcome(client, task)

    assert [name for name, _ in done.said["calls"]] == ["get_weather", "get_weather", "final_result"]
    assert (done.said["form"]["city"], done.said["form"]["degrees"]) == ("Oslo", 21)


@every_client
def test_its_image_arrives(outcome: Of, client: str) -> None:
    assert "PNG, 40 x 30 px" in outcome(client, "image").said["text"]


@every_client
def test_after_a_429_it_waits_as_long_as_it_was_told(outcome: Of, client: str) -> None:
    done = outcome(client, "rate_limit")

    refused, answered = done.emulator.requests
    assert (answered.at - refused.at).total_seconds() >= 1
    assert done.said["text"] == answered.response.text


@every_client
def test_an_overload_within_a_stream_is_an_error_and_not_tried_again(outcome: Of, client: str) -> None:
    done = outcome(client, "overload")

    assert done.said["raised"] == CLIENTS[client].overload
    assert "overloaded_error" in done.said["message"]
    assert len(done.emulator.requests) == 1


@every_client
def test_it_does_nothing_that_the_api_asks_not_to_do(outcome: Of, client: str) -> None:
    for task in (*TASKS, *CLIENTS[client].also):
        emulator = outcome(client, task).emulator
        assert emulator.verdict() == ()
        assert {request.headers["anthropic-version"] for request in emulator.requests} == {CLIENTS[client].version}


def test_the_command_llm_prints_what_the_library_gets(outcome: Of) -> None:
    assert outcome("llm", "command").said["text"] == outcome("llm", "text").said["text"] + "\n"


def test_the_documentation_names_them_in_these_versions() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    named = {row[0]: row[1:] for row in rows if len(row) == 4}

    for client in CLIENTS.values():
        packages = ", ".join(f"`{pin}`" for pin in (*client.python, *client.npm[:1])) or "any"
        raised = f"`{client.overload}`" if packages != "any" else named[client.title][-1]
        assert named[client.title] == [packages, client.version, raised]


def types(message: Any) -> list[str]:
    return [block["type"] for block in message["content"]]
