"""Every fault x every way of asking x both colours: each ends in the right completion, or in an error with a name."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import (
    AsyncClaudeService,
    ClaudeConfig,
    ClaudeService,
    Completion,
    NotAMessageError,
    OutputError,
    RefusalError,
    RetryPolicy,
    StreamInterrupted,
)
from clarion.emulator import Emulator, Step, script
from colours import Awaited, Make

pytestmark = pytest.mark.untraced

QUICK = RetryPolicy(base=0.001, cap=0.002, attempts=4)
WRONG = (anthropic.BadRequestError, StreamInterrupted)
PROMPT = "What is the weather in Oslo?"


@dataclass
class Report:
    """What the structured way asks for."""

    city: str
    degrees: int


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"Rain in {location}."


def plain(claude: Any) -> Completion:
    return claude.complete(PROMPT)  # type: ignore[no-any-return]  # either colour


def underneath(claude: Any) -> Completion:
    return claude.complete(PROMPT, max_tokens=64_000)  # type: ignore[no-any-return]  # either colour


def streamed(claude: Any) -> Completion:
    with claude.stream(PROMPT) as stream:
        shown = "".join(stream)
    assert shown == stream.text == stream.completion.text
    return stream.completion  # type: ignore[no-any-return]  # either colour


def with_tools(claude: Any) -> Completion:
    completion = claude.complete(PROMPT, tools=[get_weather])
    assert "Rain in " in completion.text
    return completion  # type: ignore[no-any-return]  # either colour


def structured(claude: Any) -> Completion:
    completion = claude.complete(PROMPT, output_type=Report, repair_rounds=3)
    assert isinstance(completion.parsed, Report)
    return completion  # type: ignore[no-any-return]  # either colour


WAYS: dict[str, Callable[[Any], Completion]] = {
    "plain": plain,
    "streamed underneath": underneath,
    "streamed": streamed,
    "with tools": with_tools,
    "structured": structured,
}

PASSING: dict[str, Step] = {
    "429 with retry-after": script.error(429, retry_after=0.01),
    "429 without retry-after": script.error(429),
    "429 of the ramp": script.error(429, code="ramp_limit_exceeded", retry_after=0.01),
    "408": script.error(408),
    "500": script.error(500),
    "502 and HTML": script.html(502),
    "503": script.error(503),
    "504": script.error(504),
    "529": script.error(529),
    "reset before an answer": script.reset(),
    "hang-up before an answer": script.hangup(),
    "silence before an answer": script.hang(5),
    "an empty body": script.body(b""),
    "half a JSON": script.body(b'{"id": "msg_1", "type": "mess'),
    "a body that breaks off": script.truncated(),
    "a clean end after 0 deltas": script.cut(after=0),
    "a clean end after 2 deltas": script.cut(after=2),
    "a lost connection after 0 deltas": script.drop(after=0),
    "a lost connection after 2 deltas": script.drop(after=2),
    "a reset after 2 deltas": script.drop(after=2, reset=True),
    "a stall after 2 deltas": script.stall(after=2, seconds=5),
    "a stall with pings after 2 deltas": script.stall(after=2, seconds=1, pings=0.05),
    "an overload before any text": script.error_event(after=0),
    "an overload after 2 deltas": script.error_event(after=2),
    "an API error after 2 deltas": script.error_event(after=2, type="api_error"),
    "an event that is no JSON": script.garbage(after=2),
    "a slow drip": script.slow(first_token=0.02, per_event=0.001),
}

STAYING = {name: fault for name, fault in PASSING.items() if name != "a slow drip"}

# What is odd, and no fault: answers as the API may give them one day, or as its documentation allows.
ODD: dict[str, Step] = {
    "message_delta twice": script.duplicate(),
    "pings twice": script.duplicate("ping"),
    "events of tomorrow": script.unknown_event(),
    "deltas of tomorrow": script.unknown_delta(),
    "a block of tomorrow at the end": script.unknown_block(),
    "a block of tomorrow at the beginning": script.unknown_block(first=True),
    "indices that begin later": script.index_gap(2),
    "blocks in the reverse order": script.out_of_order(),
    "usage of its own": script.usage({"output_tokens": 900}),
    "an empty cache": script.evict(),
}

HOPELESS: dict[str, tuple[Step, Any]] = {
    "400": (script.error(400), anthropic.BadRequestError),
    "401": (script.error(401), anthropic.AuthenticationError),
    "403": (script.error(403), anthropic.PermissionDeniedError),
    "404": (script.error(404), anthropic.NotFoundError),
    "413": (script.error(413), anthropic.APIStatusError),
    "a spend cap": (script.error(429, code="enforced_spend_limit_reached"), anthropic.RateLimitError),
    "a contract's cap": (script.error(429, code="contract_spend_limit_reached"), anthropic.RateLimitError),
    "a wait past the deadline": (script.error(429, retry_after=4000), anthropic.RateLimitError),
    "200 and HTML": (script.html(200), NotAMessageError),
    "a refusal before any text": (script.refusal("cyber"), RefusalError),
    "a refusal after 2 deltas": (script.refusal("bio", after=2), RefusalError),
    "a wrong request within the stream": (script.error_event(after=2, type="invalid_request_error"), WRONG),
}


def service(make_claude: Make, *steps: Step, **options: Any) -> tuple[Any, Emulator]:
    emulator = Emulator(script=steps)
    config = ClaudeConfig(
        retry=QUICK, timeout=0.2, stall_timeout=0.15, system="Be brief.", model="claude-sonnet-5", **options
    )
    return make_claude(emulate=emulator, config=config), emulator


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_ends_in_the_right_completion(
    make_claude: Make, way: Callable[[Any], Completion], fault: Step
) -> None:
    claude, emulator = service(make_claude, fault)

    completion = way(claude)

    assert emulator.unused == ()
    assert completion.stop_reason == "end_turn"
    assert completion.attempts[-1].status == 200
    assert emulator.verdict() == ()  # nothing was done that the API's documentation asks not to do
    if way is plain:
        assert PROMPT in completion.text


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_does_not_show_in_a_stream_that_runs_tools(make_claude: Make, fault: Step) -> None:
    claude, emulator = service(make_claude, fault)

    with claude.stream(PROMPT, tools=[get_weather]) as stream:
        shown = "".join(stream)

    assert emulator.unused == ()
    assert "Rain in " in shown
    assert shown == stream.text == stream.completion.text


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_value_that_is_watched_is_whole_or_interrupted_where_it_was_seen(make_claude: Make, fault: Step) -> None:
    claude, _ = service(make_claude, fault)
    stream = claude.stream(PROMPT, output_type=Report)
    seen: list[str] = []

    interrupted: StreamInterrupted | None = None
    try:
        seen.extend(stream)
    except StreamInterrupted as error:
        interrupted = error

    if interrupted:
        assert interrupted.text == "".join(seen) != ""
    else:
        assert isinstance(stream.completion.parsed, Report)
        assert "".join(seen) == stream.completion.text


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("step", ODD.values(), ids=ODD)
def test_what_is_odd_is_tolerated(make_claude: Make, way: Callable[[Any], Completion], step: Step) -> None:
    claude, emulator = service(make_claude, step)
    if way is with_tools and "unknown_block" in str(step):  # all that came is sent back, and it is not taken
        with pytest.raises(anthropic.BadRequestError, match="future_block"):
            way(claude)
        return

    completion = way(claude)

    assert emulator.unused == ()
    assert {attempt.status for attempt in completion.attempts} == {200}
    assert completion.stop_reason == "end_turn"
    assert emulator.verdict() == ()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("fault", STAYING.values(), ids=STAYING)
def test_a_fault_that_stays_ends_in_an_error_with_a_name(
    make_claude: Make, way: Callable[[Any], Completion], fault: Step
) -> None:
    claude, _ = service(make_claude, *[fault] * 12)

    with pytest.raises((anthropic.APIError, StreamInterrupted, NotAMessageError)):
        way(claude)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("fault", "error"), HOPELESS.values(), ids=HOPELESS)
def test_a_hopeless_fault_is_raised_at_once(
    make_claude: Make, way: Callable[[Any], Completion], fault: Step, error: Any
) -> None:
    claude, emulator = service(make_claude, fault, script.say("never reached"))

    with pytest.raises(error):
        way(claude)

    assert len(emulator.unused) == 1


def ended(completion: Completion) -> None:
    assert completion.stop_reason == "end_turn"


def cut_short(completion: Completion) -> None:
    assert completion.truncated
    assert completion.tool_calls == ()


def empty(completion: Completion) -> None:
    ended(completion)
    assert completion.text == ""


def asks_for_tool(completion: Completion) -> None:
    assert [call.name for call in completion.tool_calls] == ["get_weather"]


WEATHER = {"location": "Oslo"}
# How an answer may end, and what comes of it: plain, streamed underneath, streamed, with tools, structured.
ENDINGS: dict[str, tuple[Step, tuple[Any, Any, Any, Any, Any]]] = {
    "no content": (script.empty(), (empty, empty, empty, empty, ended)),
    "max_tokens after 2 deltas": (script.stop("max_tokens", after=2), (cut_short,) * 4 + (OutputError,)),
    "a full window after 2 deltas": (
        script.stop("model_context_window_exceeded", after=2),
        (cut_short,) * 4 + (OutputError,),
    ),
    "a tool call that max_tokens cut": (
        script.call("get_weather", WEATHER, cut=5),
        (ended, ended, cut_short, ended, ended),
    ),
    "a tool call": (
        script.calls([("get_weather", WEATHER)]),
        (asks_for_tool, asks_for_tool, asks_for_tool, ended, asks_for_tool),
    ),
    "a tool call given as a block": (
        script.blocks([{"type": "tool_use", "name": "get_weather", "input": WEATHER}]),
        (asks_for_tool, asks_for_tool, asks_for_tool, ended, asks_for_tool),
    ),
    "an answer made of the request": (
        script.answer(lambda body: f"{len(body['messages'])} message"),
        (ended, ended, ended, ended, ended),
    ),
    "a tool call whose input is no JSON": (
        script.bad_tool_json("get_weather"),
        (asks_for_tool, ended, ended, ended, asks_for_tool),
    ),
}
ASKING: tuple[Callable[[Any], Completion], ...] = (
    plain,
    underneath,
    streamed,
    lambda claude: claude.complete(PROMPT, tools=[get_weather]),
    lambda claude: claude.complete(PROMPT, output_type=Report, repair_rounds=3),
)


@pytest.mark.parametrize("way", range(len(WAYS)), ids=list(WAYS))
@pytest.mark.parametrize(("step", "ends"), ENDINGS.values(), ids=ENDINGS)
def test_an_answer_that_ends_otherwise_is_what_it_is(make_claude: Make, way: int, step: Step, ends: Any) -> None:
    claude, emulator = service(make_claude, step)
    end = ends[way]

    if isinstance(end, type):
        with pytest.raises(end):
            ASKING[way](claude)
    else:
        end(ASKING[way](claude))
    assert emulator.verdict() == ()


def test_every_fault_that_the_emulator_knows_is_in_the_matrix() -> None:
    source = Path(__file__).read_text("utf-8")

    assert {word for word in script.__all__ if f"script.{word}(" not in source} == {"Step", "ok", "replay"}


@pytest.mark.parametrize("way", [plain, streamed], ids=["plain", "streamed"])
def test_a_turn_that_the_server_pauses_is_resumed(make_claude: Make, way: Callable[[Any], Completion]) -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    claude, emulator = service(make_claude, script.pause(), script.pause(), tools=[search])

    completion = way(claude)

    assert emulator.unused == ()
    assert completion.stop_reason == "end_turn"
    assert len(completion.replies) == 3


def test_a_fault_after_a_tool_has_run_does_not_run_it_again(make_claude: Make) -> None:
    runs: list[str] = []

    def get_forecast(location: str) -> str:
        """Get the forecast of a place."""
        runs.append(location)
        return "Rain."

    claude, emulator = service(make_claude, script.call("get_forecast", {"location": "Oslo"}), script.error(529))

    completion = claude.complete(PROMPT, tools=[get_forecast])

    assert runs == ["Oslo"]
    assert emulator.unused == ()
    assert [attempt.status for attempt in completion.attempts] == [200, 529, 200]


def test_a_tool_call_that_max_tokens_cut_is_asked_for_again_and_run_once(make_claude: Make) -> None:
    runs: list[str] = []

    def get_forecast(location: str) -> str:
        """Get the forecast of a place."""
        runs.append(location)
        return "Rain."

    cut, whole = (
        script.call("get_forecast", {"location": "Oslo"}, cut=5),
        script.call("get_forecast", {"location": "Oslo"}),
    )
    claude, _ = service(make_claude, cut, whole)

    claude.complete(PROMPT, tools=[get_forecast], max_tokens=1000)

    assert runs == ["Oslo"]


def test_tool_arguments_that_are_no_json_are_tried_again(make_claude: Make) -> None:
    claude, _ = service(make_claude, script.bad_tool_json("get_weather"))

    with claude.stream(PROMPT, tools=[get_weather]) as stream:
        completion = stream.finish()

    assert "Rain in " in completion.text


breaks = st.one_of(
    st.builds(script.cut, after=st.integers(0, 6)),
    st.builds(script.drop, after=st.integers(0, 6)),
    st.builds(script.error_event, after=st.integers(0, 6)),
    st.builds(script.garbage, after=st.integers(0, 6)),
    st.sampled_from([script.error(529), script.error(500), script.reset(), script.html(502)]),
)


@given(st.sampled_from(["sync", "async"]), st.lists(breaks, max_size=3), st.randoms(use_true_random=False))
def test_whatever_breaks_what_was_shown_is_the_text_of_the_completion_once(
    colour: str, faults: list[Step], order: random.Random
) -> None:
    words = [f"word{number} " for number in range(40)]
    order.shuffle(words)
    config = ClaudeConfig(retry=RetryPolicy(base=0, attempts=9), system="Be brief.", model="claude-sonnet-5")
    emulator = Emulator(script=[fault & script.say("".join(words)) if _streams(fault) else fault for fault in faults])
    with asyncio.Runner() as runner:
        how: dict[str, Any] = {"emulate": emulator, "config": config}
        claude: Any = ClaudeService(**how) if colour == "sync" else Awaited(AsyncClaudeService(**how), runner)

        with claude.stream(PROMPT) as stream:
            shown = list(stream)

    assert "".join(shown) == stream.completion.text == stream.text
    assert emulator.unused == ()


def _streams(fault: Step) -> bool:
    """Whether a fault breaks an answer, and not the call before it."""
    return "after" in str(fault) or "cut" in str(fault)
