"""A deadline for a whole turn: pure with a clock of the test's own, and through the services."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

import anthropic
import pytest

from clarion import CircuitBreaker, ClaudeConfig, ClaudeService, Completion, DeadlineError, RetryPolicy, tool
from clarion._catalog import Catalog
from clarion._prompt import drafted
from clarion._request import Request
from clarion._steps import Count, Now, RunTools, Send, Wait
from clarion._tools import Toolbox, run_all
from clarion._turn import turn
from clarion.emulator import Emulator, script
from colours import Make
from test_turn import SERVER_CALL, broken, overloaded, reply, text
from wire import START, TEXT_START, saying, streamed

CATALOG = Catalog.load()
CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
CALLS = reply(CALL, stop="tool_use")
Answer = tuple[float, Any]  # how long a call takes, in seconds, and what comes of it


@tool
def look() -> str:
    """Look out."""
    return "rain"


def play(*answers: Answer, deadline: float = 10.0, counts: Any = 10, **options: Any) -> tuple[Completion, list[Send]]:
    """Run a turn on these answers, by a clock that moves only while something is done."""
    config = ClaudeConfig(adjust="silent", deadline=deadline, tools=[look], **options)
    request = Request(messages=tuple(drafted("Look.")), config=config, toolbox=Toolbox(config.tools))
    steps = turn(request, CATALOG, date(2026, 11, 23), stream=False)
    now, sent, waiting = 1000.0, list[Send](), list(answers)
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            return end.value, sent
        match step:
            case Now():
                answer = now
            case Wait():
                answer = step.most
                now += answer
            case RunTools():
                answer = run_all(step.calls, step.toolbox)
            case Send():
                sent.append(step)
                seconds, answer = waiting.pop(0)
                now += seconds
            case Count():
                answer = counts


def test_calls_are_given_what_is_left() -> None:
    _, sent = play((4.0, CALLS), (1.0, reply(text("Rain."))))

    assert [send.left for send in sent] == [10.0, 6.0]


def test_without_a_deadline_no_clock_is_asked() -> None:
    config = ClaudeConfig(adjust="silent")
    steps = turn(Request(messages=tuple(drafted("Hi")), config=config), CATALOG, date(2026, 11, 23), stream=False)

    step = next(steps)

    assert isinstance(step, Send)
    assert step.left is None


def test_an_answer_that_comes_late_is_not_thrown_away() -> None:
    completion, _ = play((11.0, reply(text("Rain."))))

    assert completion.text == "Rain."


def test_results_of_tools_are_in_the_messages_to_go_on_from() -> None:
    with pytest.raises(DeadlineError, match="not over after 10 s") as late:
        play((4.0, CALLS), (6.0, overloaded()))

    *_, asked, answered = late.value.messages
    assert asked["content"] == [CALL]
    assert answered["content"][0]["content"] == "rain"
    assert late.value.completion is not None
    assert [attempt.status for attempt in late.value.completion.attempts] == [200, 529]
    assert str(late.value.__cause__) == "Overloaded"


def test_tools_that_were_called_too_late_are_not_run_and_say_so() -> None:
    with pytest.raises(DeadlineError) as late:
        play((10.0, CALLS))

    assert late.value.completion is not None
    assert late.value.completion.tool_calls[0].name == "look"
    result = late.value.messages[-1]["content"][0]
    assert result["is_error"] is True
    assert "no time left" in result["content"]


def test_a_wait_that_ends_too_late_is_not_begun() -> None:
    with pytest.raises(DeadlineError) as late:
        play((9.0, _asking_for(5.0)))

    assert late.value.completion is None
    assert late.value.messages == [{"role": "user", "content": [{"type": "text", "text": "Look."}]}]


def test_waits_are_cut_to_what_is_left() -> None:
    with pytest.raises(DeadlineError):
        play((9.0, overloaded()), retry=RetryPolicy(base=30.0))


def test_a_hopeless_failure_keeps_its_name() -> None:
    with pytest.raises(OSError, match="forbidden") as error:
        play((11.0, _hopeless()))

    assert not isinstance(error.value, DeadlineError)


def test_what_a_stream_has_shown_is_kept() -> None:
    with pytest.raises(DeadlineError) as late:
        play((4.0, broken("Ra")), (7.0, broken("in")))

    assert late.value.text == "Rain"
    assert late.value.completion is not None
    assert late.value.completion.text == "Rain"
    assert late.value.completion.usage.output_tokens == 10


def test_a_pause_is_kept() -> None:
    with pytest.raises(DeadlineError) as late:
        play((11.0, reply(text("Let me see."), SERVER_CALL, stop="pause_turn")))

    assert late.value.messages[-1] == {"role": "assistant", "content": [text("Let me see."), SERVER_CALL]}
    assert late.value.completion is not None
    assert late.value.completion.content == [text("Let me see."), SERVER_CALL]


def test_text_that_was_being_continued_is_kept_once() -> None:
    with pytest.raises(DeadlineError) as late:
        play((4.0, reply(text("One, "), stop="max_tokens")), (7.0, overloaded()), continue_rounds=1)

    assert late.value.text == "One, "
    assert late.value.completion is not None
    assert late.value.completion.text == "One, "


def test_counts_have_the_deadline_too() -> None:
    with pytest.raises(DeadlineError) as late:
        play(counts=overloaded(), max_input_tokens=20, retry=RetryPolicy(attempts=99))

    assert late.value.completion is None


def _asking_for(seconds: float) -> Any:
    return replace(overloaded(), status=429, retry_after=seconds)


def _hopeless() -> Any:
    return replace(overloaded(), status=403, message="forbidden", error=OSError("forbidden"))


SOON = ClaudeConfig(deadline=0.25, model="claude-sonnet-5", retry=RetryPolicy(base=0.01))


@pytest.mark.parametrize(
    "step",
    [script.hang(90), script.stall(after=1, seconds=90), script.error(429, retry_after=90)],
    ids=["silence", "half an answer", "a wait that is asked for"],
)
def test_a_turn_is_over_in_time_whatever_takes_long(make_claude: Make, step: Any) -> None:
    claude = make_claude(emulate=Emulator(script=[step] * 9), config=SOON)
    start = time.monotonic()

    with pytest.raises(DeadlineError) as late:
        claude.complete("Hi")

    assert time.monotonic() - start < 30
    assert late.value.messages[-1]["role"] == "user"
    assert isinstance(late.value.__cause__, anthropic.APIError)


def test_a_stream_is_over_in_time_though_its_text_keeps_coming(make_claude: Make) -> None:
    steps = [script.say("word " * 200) & script.slow(per_event=0.01)]
    stream = make_claude(emulate=Emulator(script=steps), config=SOON).stream("Hi")
    seen: list[str] = []

    with pytest.raises(DeadlineError) as late:
        seen.extend(stream)

    assert 0 < len(seen) < 200
    assert late.value.text == "".join(seen)


def test_a_silent_socket_is_left_in_time(make_claude: Make) -> None:
    with saying(streamed(START, TEXT_START, length=100_000), hold=True) as url, pytest.raises(DeadlineError):
        make_claude(api_key="k", base_url=url, config=SOON).complete("Hi", max_tokens=64_000)


def test_a_tool_that_has_begun_is_waited_for_and_its_result_kept(make_claude: Make) -> None:
    @tool
    def ponder() -> str:
        """Ponder."""
        time.sleep(0.4)
        return "a result"

    claude = make_claude(emulate=Emulator(script=[script.call("ponder", {})]), config=SOON)

    with pytest.raises(DeadlineError) as late:
        claude.complete("Ponder.", tools=[ponder])

    assert late.value.messages[-1]["content"][0]["content"] == "a result"
    assert claude.complete(late.value.messages, tools=[ponder], deadline=None).stop_reason == "end_turn"


def test_the_clients_own_shorter_timeout_stays() -> None:
    import httpx2

    seen: list[Any] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.extensions["timeout"])
        return httpx2.Response(200, json={"type": "message", "content": [], "model": "m", "usage": {}})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    sdk = anthropic.Anthropic(api_key="k", http_client=http, timeout=httpx2.Timeout(30, connect=2))

    ClaudeService(sdk=sdk).complete("Hi", deadline=20)

    assert seen[0]["connect"] == 2
    assert 19 < seen[0]["read"] <= 20


def test_counting_is_over_in_time(make_claude: Make) -> None:
    hanging = script.hang(9).when(route="count_tokens")

    with pytest.raises(DeadlineError):
        make_claude(emulate=Emulator(script=[hanging] * 9), config=SOON).count_tokens("Hi")


def test_a_breaker_does_not_blame_a_model_for_the_deadline_of_a_turn(make_claude: Make) -> None:
    emulator = Emulator(script=[script.hang(9), script.say("word " * 200) & script.slow(per_event=0.01)])
    claude = make_claude(emulate=emulator, config=SOON, breaker=CircuitBreaker(least=1, window=1))

    with pytest.raises(DeadlineError):
        claude.complete("Hi")
    with pytest.raises(DeadlineError):
        claude.stream("Hi").finish()

    assert claude.complete("Hi").stop_reason == "end_turn"
