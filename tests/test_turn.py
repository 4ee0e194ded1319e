"""The turn by itself: what it asks for is looked at, what it is answered is made up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from clarion import ClaudeConfig, Completion, OutputError, RefusalError, RetryPolicy, StreamInterrupted
from clarion._catalog import Catalog
from clarion._failure import Failure
from clarion._prompt import drafted
from clarion._reply import Reply
from clarion._request import Request
from clarion._steps import RunTools, Send, Tell, Wait
from clarion._tools import Toolbox, run_all
from clarion._turn import turn

CATALOG = Catalog.load()
ASK: list[dict[str, Any]] = [{"role": "user", "content": "Tell me."}]
TOOL_RESULT = [
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "weather", "input": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "rain"}]},
]
SERVER_CALL = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}


def reply(*content: dict[str, Any], stop: str = "end_turn", model: str = "claude-opus-5-5", **fields: Any) -> Reply:
    usage = {"input_tokens": 10, "output_tokens": 5}
    message = {
        "type": "message",
        "model": model,
        "content": list(content),
        "stop_reason": stop,
        "usage": usage,
        **fields,
    }
    return Reply(
        message=message,
        request_id="req_1",
        latency=1.0,
        time_to_first_token=None,
        emulated=False,
        build=lambda _: None,  # type: ignore[arg-type, return-value]  # nobody asks for the SDK's object
    )


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def broken(shown: str = "", **fields: Any) -> Failure:
    error = StreamInterrupted("gone", text=shown, request_id="req_0")
    return Failure(kind="stream", message="gone", text=shown, error=error, partial=reply() if shown else None, **fields)


def overloaded() -> Failure:
    return Failure(kind="status", message="Overloaded", status=529, error=OSError("Overloaded"))


def play(
    *answers: Reply | Failure, prompt: Any = "Tell me.", stream: bool = False, **options: Any
) -> tuple[Completion, list[Send]]:
    """Run a turn to its end on these answers; return its completion and what it sent."""
    config = ClaudeConfig(**{"adjust": "silent", **options})
    steps = turn(
        Request(messages=tuple(drafted(prompt)), config=config, toolbox=Toolbox(config.tools)),
        CATALOG,
        date(2026, 11, 23),
        stream=stream,
    )
    sent: list[Send] = []
    waiting = list(answers)
    answer: Any = None
    try:
        while True:
            step = steps.send(answer)
            match step:
                case Send():
                    sent.append(step)
                    answer = waiting.pop(0)
                case Wait():
                    answer = step.most
                case Tell():
                    answer = None
                case RunTools():
                    answer = run_all(step.calls, step.toolbox)
    except StopIteration as end:
        assert waiting == []
        return end.value, sent


def test_a_turn_is_one_call_when_nothing_is_wrong() -> None:
    completion, sent = play(reply(text("Hello")))

    assert completion.text == "Hello"
    assert len(sent) == len(completion.attempts) == 1


def test_failures_are_listed_with_their_waits_and_hooks_hear_of_them() -> None:
    heard: list[Any] = []

    completion, sent = play(
        overloaded(), overloaded(), reply(text("Hello")), retry=RetryPolicy(base=1, on_retry=heard.append)
    )

    assert completion.text == "Hello"
    assert [(attempt.status, attempt.wait) for attempt in completion.attempts] == [(529, 0.0), (529, 1.0), (200, 2.0)]
    assert heard == list(completion.attempts[:2])
    assert sent[0] == sent[1] == sent[2]


def test_when_no_attempt_is_left_the_last_error_is_raised_and_says_why() -> None:
    with pytest.raises(OSError, match="Overloaded") as error:
        play(overloaded(), overloaded(), retry=RetryPolicy(attempts=2))

    assert error.value.__notes__ == ["2 attempts failed"]


def test_another_model_is_asked_when_one_is_overloaded_and_the_request_is_fitted_to_it() -> None:
    completion, sent = play(
        overloaded(),
        reply(text("Hello"), model="claude-opus-4-6"),
        thinking={"type": "adaptive", "display": "summarized"},
        temperature=0.2,
        retry=RetryPolicy(overloads=1, fallback_models=("claude-opus-4-6",)),
    )

    assert [send.body["model"] for send in sent] == ["claude-opus-5-5", "claude-opus-4-6"]
    assert completion.model == "claude-opus-4-6"
    assert "sampling-while-thinking" in [adjustment.rule for adjustment in completion.adjustments]


def test_a_stream_that_breaks_before_any_text_is_started_again_unseen() -> None:
    completion, sent = play(broken(), reply(text("Hello")), stream=True)

    assert completion.text == "Hello"
    assert sent[0].body == sent[1].body


def test_a_stream_that_breaks_after_text_is_taken_up_from_there() -> None:
    completion, sent = play(broken("Hel"), broken("lo, wo"), reply(text("rld")), stream=True)

    assert completion.text == "Hello, world"
    assert completion.content == [text("Hello, world")]
    assert "<received>Hel</received>" in sent[1].body["messages"][-1]["content"][0]["text"]
    assert "<received>Hello, wo</received>" in sent[2].body["messages"][-1]["content"][0]["text"]
    assert len(sent[2].body["messages"]) == 2
    assert completion.messages == [*sent[0].body["messages"], {"role": "assistant", "content": [text("Hello, world")]}]
    assert completion.usage.input_tokens == 30


def test_a_model_that_takes_a_prefilled_answer_is_given_the_beginning_as_such() -> None:
    _, sent = play(
        broken("Hel "), reply(text("lo"), model="claude-haiku-4-5-20251001"), stream=True, model="claude-haiku-4-5"
    )

    assert sent[1].body["messages"][-1] == {"role": "assistant", "content": [text("Hel")]}


def test_without_resuming_a_broken_stream_is_an_error_with_its_text() -> None:
    with pytest.raises(StreamInterrupted) as error:
        play(broken("Hel"), stream=True, resume=False)

    assert error.value.text == "Hel"


def test_a_stream_that_never_gets_through_carries_all_the_text_that_was_shown() -> None:
    with pytest.raises(StreamInterrupted) as error:
        play(broken("Hel"), broken("lo"), stream=True, retry=RetryPolicy(attempts=2))

    assert error.value.text == "Hello"


def test_a_paused_turn_is_resumed_with_its_content_unchanged() -> None:
    completion, sent = play(reply(text("Let me see. "), SERVER_CALL, stop="pause_turn"), reply(text("Found it.")))

    assert sent[1].body["messages"][-1] == {"role": "assistant", "content": [text("Let me see. "), SERVER_CALL]}
    assert completion.text == "Let me see. Found it."
    assert completion.usage.output_tokens == 10


def test_a_turn_that_is_paused_for_ever_ends() -> None:
    completion, sent = play(*[reply(SERVER_CALL, stop="pause_turn")] * 11)

    assert len(sent) == 11
    assert completion.stop_reason == "pause_turn"


def test_every_call_of_a_turn_has_all_its_attempts_and_all_its_time() -> None:
    pause = reply(SERVER_CALL, stop="pause_turn")
    early, late = replace(overloaded(), ended=1.0), replace(overloaded(), started=900.0, ended=901.0)
    policy = RetryPolicy(attempts=2, deadline=60, base=0)

    completion, _ = play(pause, pause, early, pause, late, reply(text("Found it.")), retry=policy)

    assert [attempt.status for attempt in completion.attempts] == [200, 200, 529, 200, 529, 200]


def test_a_refusal_is_an_error_with_its_category() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "It looks like an exploit."}

    with pytest.raises(RefusalError, match=r"claude-opus-5-5 refused to answer \(cyber, It looks like") as refusal:
        play(reply(stop="refusal", stop_details=details))

    assert refusal.value.category == "cyber"
    assert refusal.value.completion.usage.input_tokens == 10


def test_a_refusal_goes_to_another_model_if_there_is_one_and_never_to_the_same() -> None:
    retry = RetryPolicy(fallback_models=("claude-opus-4-8",))

    completion, sent = play(reply(stop="refusal"), reply(text("Hello"), model="claude-opus-4-8"), retry=retry)

    assert [send.body["model"] for send in sent] == ["claude-opus-5-5", "claude-opus-4-8"]
    assert completion.text == "Hello"


def test_a_refusal_after_text_was_shown_is_not_covered_up() -> None:
    retry = RetryPolicy(fallback_models=("claude-opus-4-8",))

    with pytest.raises(RefusalError):
        play(reply(text("First, "), stop="refusal"), stream=True, retry=retry)


def test_an_answer_that_was_cut_off_is_truncated_unless_rounds_are_allowed() -> None:
    cut, rest = reply(text("One, "), stop="max_tokens"), reply(text("two."))

    truncated, _ = play(cut)
    whole, sent = play(cut, rest, continue_rounds=1)

    assert (truncated.text, truncated.truncated) == ("One, ", True)
    assert (whole.text, whole.truncated) == ("One, two.", False)
    assert "<received>One, </received>" in sent[1].body["messages"][-1]["content"][0]["text"]


def test_rounds_run_out() -> None:
    completion, _ = play(*[reply(text("more "), stop="max_tokens")] * 3, continue_rounds=2)

    assert completion.text == "more more more "
    assert completion.truncated


@dataclass
class Verdict:
    """A verdict."""

    good: bool


def test_a_value_that_was_cut_off_is_an_error_and_never_continued() -> None:
    half = reply(text('{"good": tr'), stop="max_tokens")

    with pytest.raises(OutputError, match=r"it stopped before its end \(max_tokens\)") as error:
        play(half, output_type=Verdict, continue_rounds=3)

    assert error.value.completion is not None
    assert error.value.completion.truncated


def test_a_value_that_broke_off_unseen_is_asked_for_anew() -> None:
    completion, sent = play(broken('{"good": '), reply(text('{"good": true}')), output_type=Verdict)

    assert completion.parsed == Verdict(good=True)
    assert sent[0].body == sent[1].body
    assert completion.usage.input_tokens == 20


def test_a_value_that_broke_off_while_it_was_watched_is_an_interruption() -> None:
    with pytest.raises(StreamInterrupted) as error:
        play(broken('{"good": '), output_type=Verdict, stream=True)

    assert error.value.text == '{"good": '


def test_a_tool_call_that_was_cut_off_is_asked_for_again_with_more_room() -> None:
    call = {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}

    completion, sent = play(reply(call, stop="max_tokens"), reply(call, stop="tool_use"), max_tokens=1000)

    assert [send.body["max_tokens"] for send in sent] == [1000, 2000]
    assert len(completion.tool_calls) == 1


def test_a_tool_call_for_which_there_is_never_room_is_not_run() -> None:
    call = {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}

    completion, sent = play(*[reply(call, stop="max_tokens")] * 3, max_tokens=1000)

    assert [send.body["max_tokens"] for send in sent] == [1000, 2000, 4000]
    assert completion.tool_calls == ()
    assert completion.truncated


def test_an_answer_of_nothing_after_tool_results_is_asked_for_once_more() -> None:
    completion, sent = play(reply(), reply(text("It rains.")), prompt=TOOL_RESULT)

    assert completion.text == "It rains."
    assert sent[1].body["messages"][-1]["role"] == "user"
    assert sent[1].body["messages"][:-1] == sent[0].body["messages"]


def test_an_answer_of_nothing_to_a_question_stays_one() -> None:
    completion, sent = play(reply())

    assert (completion.text, len(sent)) == ("", 1)


def test_a_stream_that_breaks_after_a_pause_is_taken_up_with_what_was_said_before_it() -> None:
    pause = reply(text("Let me see. "), SERVER_CALL, stop="pause_turn")

    completion, sent = play(pause, broken("Found "), reply(text("it.")), stream=True)

    assert sent[2].body["messages"][:-1] == sent[1].body["messages"]
    assert sent[1].body["messages"][-1] == {"role": "assistant", "content": [text("Let me see. "), SERVER_CALL]}
    assert completion.text == "Let me see. Found it."


def test_a_tool_that_was_forced_once_is_not_forced_again_when_a_stream_is_taken_up() -> None:
    def now() -> str:
        """Tell the time."""
        return "noon"

    call = {"type": "tool_use", "id": "t1", "name": "now", "input": {}}

    _, sent = play(
        reply(call, stop="tool_use"),
        broken("It is "),
        reply(text("noon.")),
        stream=True,
        model="claude-opus-5",
        tools=[now],
        extra={"tool_choice": {"type": "any"}},
    )

    assert [send.body["tool_choice"]["type"] for send in sent] == ["any", "auto", "auto"]
