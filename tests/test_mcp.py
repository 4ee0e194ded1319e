"""Tools of real MCP servers, over stdio and HTTP, in both colours."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from clarion import (
    AsyncClaudeService,
    InvalidSettingError,
    MCPServerError,
    MCPTools,
    Tool,
    ToolCall,
    ToolDefinitionError,
)
from clarion._tools import run
from clarion.emulator import script
from colours import Make
from wire import RememberingEmulator

COMMAND = [sys.executable, str(Path(__file__).parent / "mcp_server.py")]


@contextmanager
def listening() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a server of the HTTP transport; yield its URL and its process."""
    with subprocess.Popen([*COMMAND, "http"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/mcp", process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with listening() as (url, _):
        yield url


@pytest.fixture(scope="module", params=["stdio", "http"])
def station(request: pytest.FixtureRequest) -> Iterator[MCPTools]:
    """A server that all tests of this module share, once by each transport."""
    over_http = request.param == "http"
    where: dict[str, Any] = {"url": request.getfixturevalue("url")} if over_http else {"command": COMMAND}
    with MCPTools(**where) as tools:
        yield tools


def named(tools: MCPTools, name: str) -> Tool:
    return next(tool for tool in tools if tool.name == name)


def called(tool: Tool, **arguments: Any) -> dict[str, Any]:
    return run(tool, ToolCall(id="t1", name=tool.name, input=arguments))


def connected() -> set[threading.Thread]:
    """The threads that hold connections."""
    return {thread for thread in threading.enumerate() if thread.name == "clarion-mcp"}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_tools_of_a_server_are_offered_and_called_in_a_turn(make_claude: Make, station: MCPTools) -> None:
    emulator = RememberingEmulator(
        script=[script.calls([("get_weather", {"location": "Oslo", "days": 3}), ("broken", {}), ("measure", {})])]
    )

    completion = make_claude(emulate=emulator).complete("What is the weather in Oslo?", tools=station)

    offered = {tool["name"]: tool for tool in emulator.bodies[0]["tools"]}
    assert offered["get_weather"]["description"] == "Get the weather of a place."
    assert offered["get_weather"]["input_schema"]["required"] == ["location"]
    weather, broken, measure = emulator.bodies[1]["messages"][-1]["content"]
    assert weather["content"] == "3 days of rain in Oslo"
    assert (broken["content"], broken["is_error"]) == ("the gauge is frozen: try tomorrow", True)
    assert "12.5" in measure["content"]
    assert completion.stop_reason == "end_turn"


def test_what_a_server_says_of_itself_is_there(station: MCPTools) -> None:
    assert station.instructions == "Ask for one place at a time."


def test_every_kind_of_content_becomes_a_block_or_a_note(make_claude: Make, station: MCPTools) -> None:
    emulator = RememberingEmulator(script=[script.call("all_kinds_of", {})])

    make_claude(emulate=emulator).complete("Look.", tools=station, model="claude-sonnet-4-6")

    (result,) = emulator.bodies[1]["messages"][-1]["content"]
    said, image, sound, link, text, file = result["content"]
    assert said["text"] == "The station:"
    assert sound["text"] == "[audio/wav data, 12 bytes: it cannot be shown here]"
    assert link["text"] == "[resource file:///log.txt (log): of the day]"
    assert text["text"] == "[resource file:///a.txt]\nrain, rain"
    for block in (image, file):
        pixels = PIL.Image.open(io.BytesIO(base64.b64decode(block["source"]["data"])))
        assert 1500 < pixels.width <= 1568  # as the model that was asked sees it


def test_a_structure_without_content_is_given_as_json(station: MCPTools) -> None:
    assert called(named(station, "bare"))["content"] == '{"degrees":12.5}'


def test_a_wrong_input_does_not_reach_the_server(station: MCPTools) -> None:
    block = called(named(station, "get_weather"), days="many")

    assert block["is_error"] is True
    assert "location: required" in block["content"]


def test_a_call_that_takes_too_long_is_given_up_and_the_server_goes_on(station: MCPTools) -> None:
    slow = replace(named(station, "slow"), timeout=0.2)

    block = called(slow)

    assert block["is_error"] is True
    assert "did not finish within 0.2 s" in block["content"]
    assert called(named(station, "get_weather"), location="Lima")["content"] == "1 days of rain in Lima"


def test_threads_and_event_loops_share_a_connection(station: MCPTools) -> None:
    weather = named(station, "get_weather")
    emulator = RememberingEmulator(script=[script.call("get_weather", {"location": "Rome"})] * 4)

    async def ask() -> list[str]:
        async with AsyncClaudeService(emulate=emulator) as claude:
            done = await asyncio.gather(*[claude.complete("Weather?", tools=station) for _ in range(4)])
        return [completion.messages[-2]["content"][0]["content"] for completion in done]  # type: ignore[index]  # a result is there

    with ThreadPoolExecutor(16) as pool:
        loop = pool.submit(asyncio.run, ask())
        blocks = list(pool.map(lambda number: called(weather, location=str(number)), range(15)))

    assert [block["content"] for block in blocks] == [f"1 days of rain in {number}" for number in range(15)]
    assert loop.result() == ["1 days of rain in Rome"] * 4


def test_names_of_two_servers_are_told_apart_by_a_prefix(make_claude: Make, url: str) -> None:
    with MCPTools(url=url) as one, MCPTools(url=url, prefix="north_") as other:
        claude = make_claude(emulate=True)
        with pytest.raises(ToolDefinitionError, match=r"two tools are called 'get_weather': .* a prefix="):
            claude.complete("Hi", tools=[*one, *one])

        assert claude.complete("Hi", tools=[*one, *other]).stop_reason == "end_turn"
        assert {tool.name for tool in other} >= {"north_get_weather", "north_all_kinds_of"}


def test_a_server_that_dies_interrupts_the_turn_and_is_named(make_claude: Make) -> None:
    emulator = RememberingEmulator(script=[script.calls([("get_weather", {"location": "Oslo"}), ("die", {})])] * 2)
    claude = make_claude(emulate=emulator)

    with MCPTools(command=COMMAND) as tools:
        with pytest.raises(MCPServerError, match=r"the MCP server '.*mcp_server\.py' cannot be asked") as error:
            claude.complete("Weather?", tools=tools, max_parallel=1)
        with pytest.raises(MCPServerError):
            called(named(tools, "get_weather"), location="Oslo")

    assert error.value.completion is not None
    weather, died = error.value.results
    assert weather["content"] == "1 days of rain in Oslo"
    assert died["is_error"] is True


def test_a_server_over_http_that_dies_is_named() -> None:
    with listening() as (url, process), MCPTools(url=url) as tools:
        weather = named(tools, "get_weather")
        assert called(weather, location="Oslo")["content"] == "1 days of rain in Oslo"
        process.kill()
        process.wait()

        for _ in range(2):
            with pytest.raises(MCPServerError, match="cannot be asked"):
                called(weather, location="Oslo")


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"command": ["no-such-program-at-all"]}, "No such file"),
        ({"command": [sys.executable, "-c", "raise SystemExit(3)"]}, "closed"),
        (
            {"command": [sys.executable, "-c", "import sys; sys.stdin.read()"], "connect_timeout": 0.2},
            "did not answer within 0.2 s",
        ),
        ({"url": "http://127.0.0.1:9/mcp"}, "attempts failed"),
    ],
    ids=["no such program", "ends at once", "says nothing", "nobody listens"],
)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_server_that_cannot_be_reached_is_named(where: dict[str, Any], why: str, colour: str) -> None:
    async def connect() -> None:
        async with MCPTools(**where):
            pass

    before = connected()

    with pytest.raises(MCPServerError, match=why) as error:
        asyncio.run(connect()) if colour == "async" else MCPTools(**where).__enter__()

    assert (where.get("url") or where["command"][0]) in str(error.value)
    assert connected() <= before


def test_leaving_ends_the_process_and_the_thread_and_wakes_those_who_wait() -> None:
    before = connected()
    failed: list[BaseException] = []

    def wait_for(tool: Tool) -> None:
        try:
            called(tool)
        except MCPServerError as error:
            failed.append(error)

    with MCPTools(command=COMMAND) as tools:
        process = int(called(named(tools, "pid"))["content"])
        assert is_alive(process)
        weather, waiting = named(tools, "get_weather"), threading.Thread(target=wait_for, args=[named(tools, "slow")])
        waiting.start()
        called(weather, location="Oslo")  # an answer behind the call of the thread
    waiting.join()

    assert not is_alive(process)
    assert connected() <= before
    assert len(failed) == 1
    with pytest.raises(MCPServerError, match="not connected any more"):
        called(weather, location="Oslo")
    with pytest.raises(MCPServerError, match="use its tools inside"):
        list(tools)


def test_an_async_program_connects_and_leaves_without_a_trace(url: str) -> None:
    async def connect() -> int:
        async with MCPTools(url=url) as tools:
            return len(tools)

    assert asyncio.run(connect()) == 9


def test_a_program_that_gives_up_connecting_leaves_nothing_behind() -> None:
    before = connected()
    silent = [sys.executable, "-c", "import sys; sys.stdin.read()"]

    async def connect() -> None:
        async with asyncio.timeout(0.3), MCPTools(command=silent):
            pass

    with pytest.raises(TimeoutError):
        asyncio.run(connect())

    assert connected() <= before


def test_the_environment_is_handed_on_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")

    with MCPTools(command=COMMAND, env={"STATION": "north"}) as tools:
        assert called(named(tools, "environment"))["content"] == "SECRET=None, STATION=north"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({}, "one of the two"),
        ({"command": ["a"], "url": "http://b"}, "one of the two"),
        ({"command": "python server.py"}, "must be a list of a program"),
        ({"command": []}, "must be a list of a program"),
        ({"url": "ftp://b"}, "must begin with http"),
        ({"command": ["a"], "headers": {}}, "headers is not for an MCP server given by command"),
        ({"url": "http://b", "cwd": "."}, "cwd is not for an MCP server given by url"),
        ({"command": ["a"], "prefix": "a b"}, "prefix must be up to 32 letters"),
    ],
)
def test_what_cannot_be_a_server_is_refused(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidSettingError, match=complaint):
        MCPTools(**wrong)


def test_long_names_are_cut_and_stay_apart() -> None:
    from clarion._mcp.tools import _fitting

    one, other = _fitting("a" * 100), _fitting("a" * 101)

    assert len(one) == len(other) == 64
    assert one != other
