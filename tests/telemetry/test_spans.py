"""What OpenTelemetry is told of a turn, by its own SDK's exporters."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from opentelemetry import baggage, trace
from opentelemetry import context as contexts
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode

from clarion import AsyncClaudeService, InterruptTurn, RetryPolicy
from clarion._sdk import async_client, client
from clarion.emulator import Emulator
from clarion.emulator.script import call, calls, cut, error, hang, say
from colours import Make
from telemetry.telescope import Telescope
from test_conversation import talk
from wire import RememberingEmulator

QUICK = RetryPolicy(base=0.001)
OSLO = call("get_weather", {"location": "Oslo"})


@pytest.fixture
def telescope() -> Telescope:
    return Telescope()


@pytest.fixture
def make(make_claude: Make, telescope: Telescope) -> Any:
    """Makes a service that is looked on, whose emulator answers by a script."""

    def made(*script: Any, **options: Any) -> Any:
        return make_claude(emulate=RememberingEmulator(script=list(script)), telemetry=telescope.telemetry(), **options)

    return made


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"rain in {location}"


def test_a_turn_is_a_span_and_its_attempt_one_below_it(make: Any, telescope: Telescope) -> None:
    completion = make().complete("Hi", max_tokens=100, tags={"team": "search"})

    attempt, turn = telescope.spans()
    assert (turn.name, turn.kind, turn.parent) == ("invoke_agent", SpanKind.INTERNAL, None)
    assert (attempt.name, attempt.kind) == ("chat claude-opus-5-5", SpanKind.CLIENT)
    assert attempt.parent.span_id == turn.context.span_id
    assert {**attempt.attributes, "gen_ai.response.id": ""} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "server.address": "emulator.invalid",
        "server.port": 80,
        "gen_ai.request.model": "claude-opus-5-5",
        "gen_ai.request.max_tokens": 100,
        "gen_ai.response.id": "",
        "gen_ai.response.model": "claude-opus-5-5",
        "gen_ai.response.finish_reasons": ("max_tokens",),
        "gen_ai.usage.input_tokens": completion.usage.total_input_tokens,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.cache_write.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": completion.usage.thinking_tokens,
        "http.response.status_code": 200,
        "anthropic.request.id": completion.request_ids[0],
        "clarion.cost.usd": float(completion.cost.total),
        "clarion.emulated": True,
        "clarion.tag.team": "search",
    }


def test_a_turn_adds_up_what_all_its_attempts_used(make: Any, telescope: Telescope) -> None:
    claude = make(OSLO, OSLO)

    completion = claude.complete("Weather in Oslo?", tools=[get_weather])

    (turn,) = telescope.spans("invoke_agent")
    assert turn.attributes["gen_ai.operation.name"] == "invoke_agent"
    assert turn.attributes["gen_ai.usage.input_tokens"] == completion.usage.total_input_tokens
    assert turn.attributes["gen_ai.usage.output_tokens"] == completion.usage.output_tokens
    assert turn.attributes["clarion.cost.usd"] == float(completion.cost.total)
    assert turn.attributes["gen_ai.response.finish_reasons"] == ("end_turn",)
    assert len(telescope.spans("chat")) == 3


def test_a_run_of_a_tool_is_a_span_of_the_turn_and_current_while_it_runs(make: Any, telescope: Telescope) -> None:
    seen: dict[str, Any] = {}
    tracer = telescope.tracer_provider.get_tracer("app")

    def look_up(key: str) -> str:
        """Look something up."""
        seen[key] = threading.current_thread().name
        with tracer.start_as_current_span(f"query {key}"):
            return key

    claude = make(calls([("look_up", {"key": "a"}), ("look_up", {"key": "b"})]))

    claude.complete("Look up a and b", tools=[look_up])

    turn, tools = telescope.one("invoke_agent"), telescope.spans("execute_tool look_up")
    assert all(name.startswith("clarion-tool") for name in seen.values())
    assert {tool.parent.span_id for tool in tools} == {turn.context.span_id}
    assert {tool.attributes["gen_ai.tool.call.id"] for tool in tools} == {
        block["id"] for block in claude_calls(claude) if block["type"] == "tool_use"
    }
    queries = telescope.spans("query")
    assert {query.parent.span_id for query in queries} == {tool.context.span_id for tool in tools}


def claude_calls(claude: Any) -> list[dict[str, Any]]:
    """The blocks of the first answer, as they were sent back."""
    bodies: list[dict[str, Any]] = claude.sdk._client._transport._emulator.bodies
    return next(m["content"] for m in bodies[-1]["messages"] if m["role"] == "assistant")


def test_an_async_tool_runs_in_its_span(make: Any, telescope: Telescope) -> None:
    tracer = telescope.tracer_provider.get_tracer("app")

    async def get_time(location: str) -> str:
        """Get the time of a place."""
        await asyncio.sleep(0)
        with tracer.start_as_current_span("clock"):
            return f"noon in {location}"

    make(call("get_time", {"location": "Oslo"})).complete("Time in Oslo?", tools=[get_time])

    assert telescope.one("clock").parent.span_id == telescope.one("execute_tool get_time").context.span_id


def test_a_tool_that_fails_has_a_span_that_failed(make: Any, telescope: Telescope) -> None:
    def fail(location: str) -> str:
        """Get the weather of a place."""
        raise KeyError(location)

    make(call("fail", {"location": "Oslo"})).complete("Weather in Oslo?", tools=[fail])

    tool = telescope.one("execute_tool fail")
    assert (tool.status.status_code, tool.attributes["error.type"]) == (StatusCode.ERROR, "tool_error")
    assert telescope.one("invoke_agent").status.status_code == StatusCode.UNSET


def test_a_tool_that_interrupts_is_named_in_its_span_and_the_turns(make: Any, telescope: Telescope) -> None:
    def leave(location: str) -> str:
        """Get the weather of a place."""
        raise InterruptTurn("enough")

    with pytest.raises(InterruptTurn):
        make(call("leave", {"location": "Oslo"})).complete("Weather in Oslo?", tools=[leave])

    for name in ("execute_tool leave", "invoke_agent"):
        assert telescope.one(name).attributes["error.type"] == "InterruptTurn"


def test_an_attempt_that_fails_is_a_failed_span_and_an_event_of_the_turn(make: Any, telescope: Telescope) -> None:
    completion = make(error(529), say("Hello")).complete("Hi", retry=QUICK)

    failed, answered, turn = telescope.spans()
    assert (failed.status.status_code, failed.status.description) == (StatusCode.ERROR, None)
    assert failed.attributes["error.type"] == "overloaded_error"
    assert failed.attributes["http.response.status_code"] == 529
    assert answered.status.status_code == turn.status.status_code == StatusCode.UNSET
    (event,) = turn.events
    assert event.name == "clarion.retry"
    assert event.attributes == {"error.type": "overloaded_error", "clarion.wait": completion.attempts[1].wait}


def test_a_fallback_is_an_event_that_names_the_model(make: Any, telescope: Telescope) -> None:
    policy = RetryPolicy(overloads=1, fallback_models=("claude-sonnet-5-5",))

    make(error(529)).complete("Hi", retry=policy)

    turn = telescope.one("invoke_agent")
    assert [span.name for span in telescope.spans("chat")] == ["chat claude-opus-5-5", "chat claude-sonnet-5-5"]
    assert turn.events[0].attributes["gen_ai.request.model"] == "claude-sonnet-5-5"
    assert turn.attributes["gen_ai.response.model"] == "claude-sonnet-5-5"


def test_a_turn_that_is_given_up_has_the_name_of_its_last_failure(make: Any, telescope: Telescope) -> None:
    with pytest.raises(Exception, match="400"):
        make(error(400)).complete("Hi")

    turn = telescope.one("invoke_agent")
    assert (turn.status.status_code, turn.attributes["error.type"]) == (StatusCode.ERROR, "invalid_request_error")


def test_what_goes_wrong_outside_a_turn_ends_its_span_all_the_same(make: Any, telescope: Telescope) -> None:
    def stop(_call: Any) -> Any:
        raise KeyError("colour")

    with pytest.raises(KeyError):
        make(OSLO).complete("Weather in Oslo?", tools=[get_weather], approve=stop)

    assert telescope.one("invoke_agent").attributes["error.type"] == "KeyError"


def test_a_stream_is_a_span_until_it_has_been_read(make: Any, telescope: Telescope) -> None:
    with make().stream("Hi") as stream:
        assert telescope.spans() == []
        completion = stream.finish()

        attempt, turn = telescope.spans()

    assert attempt.attributes["gen_ai.request.stream"] is True
    assert attempt.attributes["gen_ai.response.time_to_first_chunk"] == completion.time_to_first_token
    assert turn.attributes["gen_ai.usage.output_tokens"] == completion.usage.output_tokens


def test_a_stream_that_is_left_ends_its_spans_with_what_it_had_used(make: Any, telescope: Telescope) -> None:
    with make().stream("Hi") as stream:
        for _ in stream:
            break

    attempt, turn = telescope.spans()
    assert attempt.attributes["clarion.abandoned"] is turn.attributes["clarion.abandoned"] is True
    assert attempt.attributes["gen_ai.usage.input_tokens"] > 0
    assert attempt.status.status_code == turn.status.status_code == StatusCode.UNSET


def test_a_stream_that_breaks_is_two_attempts_of_one_turn(make: Any, telescope: Telescope) -> None:
    with make(cut(after=20)).stream("Hi", retry=QUICK) as stream:
        stream.finish()

    first, second, turn = telescope.spans()
    assert first.attributes["error.type"] == "stream"
    assert first.parent.span_id == second.parent.span_id == turn.context.span_id


def test_a_stream_leaves_the_context_of_its_reader_as_it_was(make: Any, telescope: Telescope) -> None:
    tracer = telescope.tracer_provider.get_tracer("app")

    with tracer.start_as_current_span("request") as outer, make().stream("Hi") as stream:
        for _ in stream:
            assert trace.get_current_span() is outer
            with tracer.start_as_current_span("shown"):
                pass

    assert telescope.one("invoke_agent").parent.span_id == outer.get_span_context().span_id
    assert {span.parent.span_id for span in telescope.spans("shown")} == {outer.get_span_context().span_id}
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_a_turn_taken_in_steps_is_one_span(make: Any, telescope: Telescope) -> None:
    for _ in make(OSLO).steps("Weather in Oslo?", tools=[get_weather]):
        assert trace.get_current_span() is trace.INVALID_SPAN

    turn = telescope.one("invoke_agent")
    assert {span.parent.span_id for span in telescope.spans() if span is not turn} == {turn.context.span_id}
    assert len(telescope.spans()) == 4


def test_steps_that_are_left_end_their_span(make_claude: Make, telescope: Telescope) -> None:
    claude = make_claude(emulate=Emulator(script=[OSLO]), telemetry=telescope.telemetry())
    steps = iter(claude.steps("Weather in Oslo?", tools=[get_weather]))
    next(steps)

    del steps
    settle(claude)

    assert telescope.one("invoke_agent").attributes["clarion.abandoned"] is True


def settle(claude: Any) -> None:
    """Let an event loop, if there is one, close what was dropped."""
    if hasattr(claude, "_runner"):
        claude._runner.run(asyncio.sleep(0.05))


def test_a_turn_of_a_conversation_names_it_by_a_number(make: Any, telescope: Telescope, tmp_path: Any) -> None:
    chat = talk(make(), store=tmp_path / "talks.db")
    chat.send("Where is Oslo?")
    with chat.stream("And Lima?") as stream:
        stream.finish()

    turns = telescope.spans("invoke_agent")
    assert {turn.attributes["gen_ai.conversation.id"] for turn in turns} == {"talks.db#1"}
    assert len(turns) == len(telescope.spans("chat")) == 2


def test_the_context_of_an_attempt_is_sent_along(make_claude: Make, telescope: Telescope) -> None:
    emulator = RememberingEmulator()
    claude = make_claude(emulate=emulator, telemetry=telescope.telemetry())
    token = contexts.attach(baggage.set_baggage("tenant", "42"))

    claude.complete("Hi")
    with claude.stream("Hi") as stream:
        stream.finish()

    contexts.detach(token)
    sent = [headers["traceparent"].split("-")[1:3] for headers in emulator.headers]
    attempts = [span.context for span in telescope.spans("chat")]
    assert sent == [[f"{each.trace_id:032x}", f"{each.span_id:016x}"] for each in attempts]
    assert [headers["baggage"] for headers in emulator.headers] == ["tenant=42", "tenant=42"]


def test_the_sdk_client_says_whether_there_are_spans_and_whether_they_are_sent_along(telescope: Telescope) -> None:
    from clarion import ClaudeService

    emulator = RememberingEmulator()
    plain = client(api_key=None, base_url=None, emulate=emulator)
    provider: Any = {"tracer_provider": telescope.tracer_provider}

    ways: list[Any] = [{**provider, "propagation": False}, {**provider, "traces": False}]
    for options in ways:
        ClaudeService(sdk=plain.with_options(open_telemetry=options)).complete("Hi")

    assert len(telescope.spans("invoke_agent")) == 1
    assert not any("traceparent" in headers for headers in emulator.headers)


def test_a_call_of_the_sdk_itself_and_ours_are_told_once_each(telescope: Telescope) -> None:
    from clarion import ClaudeService

    made = client(api_key=None, base_url=None, emulate=True)
    claude = ClaudeService(sdk=made.with_options(open_telemetry={"tracer_provider": telescope.tracer_provider}))

    claude.complete("Hi")
    claude.sdk.messages.create(model="claude-opus-5-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])

    assert [span.name for span in telescope.spans()] == [
        "chat claude-opus-5-5",
        "invoke_agent",
        "anthropic.messages.create",
    ]


def test_what_is_not_sampled_costs_no_attributes_and_still_carries_its_context(make_claude: Make) -> None:
    telescope, emulator = Telescope(), RememberingEmulator()
    telescope.tracer_provider.sampler = ALWAYS_OFF
    claude = make_claude(emulate=emulator, telemetry=telescope.telemetry())

    claude.complete("Hi")

    assert telescope.spans() == []
    assert int(emulator.headers[0]["traceparent"].split("-")[3], 16) & 1 == 0
    assert telescope.points("gen_ai.client.operation.duration")[0].count == 1


def test_nothing_is_told_where_that_is_not_wanted(make_claude: Make) -> None:
    emulator = RememberingEmulator()

    make_claude(emulate=emulator, telemetry=False).complete("Hi")

    assert "traceparent" not in emulator.headers[0]


def test_metrics_have_the_names_and_units_of_the_conventions(make: Any, telescope: Telescope) -> None:
    claude = make(error(500), OSLO)

    claude.complete("Weather in Oslo?", tools=[get_weather], retry=QUICK)
    with claude.stream("Hi") as stream:
        stream.finish()

    assert {name: metric.unit for name, metric in telescope.metrics().items()} == {
        "gen_ai.client.token.usage": "{token}",
        "gen_ai.client.operation.duration": "s",
        "gen_ai.client.operation.time_to_first_chunk": "s",
        "gen_ai.invoke_agent.duration": "s",
        "gen_ai.execute_tool.duration": "s",
        "clarion.cost": "{USD}",
        "clarion.retries": "{attempt}",
    }


def test_metrics_add_up_to_what_was_used(make: Any, telescope: Telescope) -> None:
    claude = make(error(500))

    completions = [claude.complete("Hi", retry=QUICK) for _ in range(3)]

    tokens = {point.attributes["gen_ai.token.type"]: point for point in telescope.points("gen_ai.client.token.usage")}
    assert tokens["input"].sum == sum(each.usage.total_input_tokens for each in completions)
    assert tokens["output"].sum == sum(each.usage.output_tokens for each in completions)
    assert tokens["input"].explicit_bounds[:4] == (1, 4, 16, 64)
    (cost,) = telescope.points("clarion.cost")
    assert Decimal(str(cost.value)) == pytest.approx(sum(each.cost.total for each in completions))
    durations = telescope.points("gen_ai.client.operation.duration")
    assert {point.attributes.get("error.type"): point.count for point in durations} == {None: 3, "api_error": 1}
    (retries,) = telescope.points("clarion.retries")
    assert (retries.value, retries.attributes["error.type"], retries.attributes["clarion.next"]) == (
        1,
        "api_error",
        "retry",
    )


def test_metrics_are_divided_by_the_tags_that_were_asked_for(make_claude: Make, telescope: Telescope) -> None:
    claude = make_claude(emulate=True, telemetry=telescope.telemetry(tags=("team",)))

    claude.complete("Hi", tags={"team": "search", "user": "7"})

    (cost,) = telescope.points("clarion.cost")
    assert cost.attributes["clarion.tag.team"] == "search"
    assert "clarion.tag.user" not in cost.attributes


def test_prompts_in_threads_are_turns_of_whoever_asked(make: Any, telescope: Telescope) -> None:
    tracer = telescope.tracer_provider.get_tracer("app")

    with tracer.start_as_current_span("request") as outer:
        make().batch_process(["One?", "Two?", "Three?"])

    parents = {span.parent.span_id for span in telescope.spans("invoke_agent")}
    assert parents == {outer.get_span_context().span_id}


class Noticing(Emulator):
    """An emulator that says when a call has come."""

    def __init__(self) -> None:
        super().__init__(script=[hang(30)])
        self.asked = asyncio.Event()

    def respond(self, *request: Any) -> Any:
        self.asked.set()
        return super().respond(*request)


async def cancelled(telescope: Telescope) -> None:
    emulator = Noticing()
    sdk = async_client(api_key=None, base_url=None, emulate=emulator)
    async with AsyncClaudeService(sdk=sdk, telemetry=telescope.telemetry()) as claude:
        asking = asyncio.create_task(claude.complete("Hi"))
        await emulator.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


def test_a_turn_that_is_cancelled_ends_its_spans(telescope: Telescope) -> None:
    asyncio.run(cancelled(telescope))

    attempt, turn = telescope.spans()
    assert attempt.attributes["clarion.abandoned"] is turn.attributes["clarion.abandoned"] is True


def test_spans_take_the_time_of_what_they_tell_of(make: Any, telescope: Telescope) -> None:
    def nap(location: str) -> str:
        """Get the weather of a place."""
        time.sleep(0.02)
        return location

    make(call("nap", {"location": "Oslo"})).complete("Weather in Oslo?", tools=[nap])

    tool, turn = telescope.one("execute_tool"), telescope.one("invoke_agent")
    assert 20e6 <= tool.end_time - tool.start_time <= turn.end_time - turn.start_time
    assert telescope.points("gen_ai.execute_tool.duration")[0].sum >= 0.02


def test_what_the_environment_names_and_is_not_there_stops_no_call() -> None:
    program = "from clarion import ClaudeService; print(ClaudeService(emulate=True).complete('Hi').text)"
    names = {"OTEL_PYTHON_METER_PROVIDER": "nowhere", "OTEL_PROPAGATORS": "nowhere"}
    environment = {**os.environ, **names, "OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}

    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout.startswith("[emulated]")


def test_a_provider_may_be_registered_after_the_service_was_made() -> None:
    program = """
from clarion import ClaudeService
claude = ClaudeService(emulate=True)
claude.complete("Hi")
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
claude.complete("Hi")
print([span.name for span in exporter.get_finished_spans()])
"""

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "['chat claude-opus-5-5', 'invoke_agent']"


class Failing(SpanProcessor):
    """A processor that fails when a span begins, or when it ends."""

    def __init__(self, when: str) -> None:
        self.when = when

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        self.fail("start", span)

    def on_end(self, span: Any) -> None:
        self.fail("end", span)

    def fail(self, when: str, span: Any) -> None:
        if self.when == f"{when} {span.name.split()[0]}":
            raise ValueError("broken")


@pytest.mark.parametrize("when", ["start invoke_agent", "start chat", "end chat", "end invoke_agent"])
def test_a_processor_that_fails_fails_no_call(
    make: Any, telescope: Telescope, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    telescope.tracer_provider.add_span_processor(Failing(when))

    assert make().complete("Hi").text

    assert "OpenTelemetry failed (ValueError): this turn is not told to it" in caplog.text
