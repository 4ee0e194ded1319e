"""The log of exchanges: what a test can ask of the requests it made."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

from clarion.emulator import Chunk, ConnectionLost, Emulator, Response
from clarion.emulator.clock import real
from clarion.emulator.log import Log
from clarion.emulator.prices import bill
from clarion.emulator.script import bad_tool_json, call, cut, drop, error, error_event, garbage, reset, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    import anthropic


MESSAGES: Any = [{"role": "user", "content": "Good morning"}]
ASKED: Any = {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": MESSAGES}


def drained(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    return b"".join(chunk.data for chunk in response.body)


def logged(log: Log, *, request: bytes = b"", answer: bytes = b"") -> None:
    log.answer(log.open("POST", "/v1/messages", {}, request, real()), Response(200, {}, answer))


def test_a_request_and_its_answer_can_be_asked_for(client: anthropic.Anthropic, api: Any) -> None:
    message = client.messages.create(**ASKED)

    (request,) = api.emulator.requests
    assert request.json["model"] == request.model == "claude-haiku-5-5"
    assert (request.number, request.method, request.path) == (1, "POST", "/v1/messages")
    assert request.text == "Good morning"
    assert request.headers["anthropic-version"] == "2026-10-21"
    assert request.response.status == 200
    assert request.response.json == message.to_dict(mode="json")
    assert request.response.usage["output_tokens"] == message.usage.output_tokens
    assert request.response.cost == bill(message.to_dict(mode="json"))


def test_a_stream_is_put_together(client: anthropic.Anthropic, api: Any) -> None:
    tools: Any = [{"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {}}}}]
    api.emulator.add(call("get_weather", {"city": "Oslo"}))
    with client.messages.stream(**ASKED, tools=tools) as stream:
        message = stream.get_final_message()

    answer = api.emulator.requests[0].response
    assert answer.is_complete
    assert answer.json["content"] == message.to_dict(mode="json")["content"]
    assert answer.json["stop_reason"] == "tool_use"
    assert answer.usage["output_tokens"] == message.usage.output_tokens
    assert answer.events[0]["type"] == "message_start"
    assert answer.events[-1] == {"type": "message_stop"}


def test_keys_and_cookies_are_not_in_the_log(api: Any) -> None:
    secrets = {"x_api_key": "sk-ant-1", "authorization": "Bearer sk-ant-2", "Cookie": "sk-ant-3"}
    api.send("GET", "/v1/models", **secrets)

    (request,) = api.emulator.requests
    assert "sk-ant" not in str(request.headers)
    assert set(request.headers) == {"x-api-key", "authorization", "cookie", "anthropic-version"}


def test_what_the_api_refuses_is_logged_too(api: Any) -> None:
    api.send("POST", "/v1/messages?beta=true", b"{")
    api.ask(model="nobody")
    api.send("GET", "/nowhere")

    assert [request.response.status for request in api.emulator.requests] == [400, 404, 404]
    assert api.emulator.requests[0].json is None
    assert api.emulator.requests[0].query == "beta=true"
    assert api.emulator.requests[1].response.json["error"]["message"] == "model: nobody"


def test_the_step_a_call_took_is_named(api: Any) -> None:
    api.emulator.add(error(529), say("hello").when(model="claude-opus-*"))

    api.ask()
    api.ask()
    api.ask(model="claude-opus-5-5")

    assert [request.step for request in api.emulator.requests] == ["error(529)", None, "say('hello', 'end_turn')"]
    assert api.emulator.requests[-1].response.text == "hello"


def test_a_connection_lost_before_the_answer_is_logged(api: Any) -> None:
    api.emulator.add(reset())

    with pytest.raises(ConnectionLost):
        api.ask()

    answer = api.emulator.requests[0].response
    assert answer.status is None
    assert answer.lost is not None
    assert answer.lost.is_reset
    assert not answer.is_complete


@pytest.mark.parametrize(
    ("step", "is_complete", "text"),
    [
        (cut(after=1), True, "one two"),
        (error_event(after=1), True, "one two"),
        (garbage(after=1), True, "one two three four five six"),
        (drop(after=1), False, "one two"),
    ],
    ids=str,
)
def test_a_spoilt_stream_is_read_as_far_as_it_goes(api: Any, step: Any, is_complete: bool, text: str) -> None:
    api.emulator.add(say("one two three four five six") & step)
    response = api.send("POST", "/v1/messages", ASKED | {"stream": True})

    if is_complete:
        drained(response)
    else:
        with pytest.raises(ConnectionLost):
            drained(response)

    answer = api.emulator.requests[0].response
    assert answer.is_complete is is_complete
    assert (answer.lost is None) is is_complete
    assert answer.text == text


def test_tool_input_that_is_no_json_stays_as_it_came(api: Any) -> None:
    api.emulator.add(bad_tool_json("get", '{"city": Os'))
    drained(api.send("POST", "/v1/messages", ASKED | {"stream": True}))

    block = api.emulator.requests[0].response.json["content"][-1]
    assert block["partial_json"] == '{"city": Os'
    assert block["input"] == {}


def test_a_stream_that_is_left_early_is_not_complete(api: Any) -> None:
    response = api.send("POST", "/v1/messages", ASKED | {"stream": True})
    assert not isinstance(response.body, bytes)
    next(response.body)
    assert len(api.emulator.requests[0].response.events) == 1

    del response
    gc.collect()

    assert not api.emulator.requests[0].response.is_complete
    assert len(api.emulator.requests[0].response.events) == 1


def test_the_delays_of_a_stream_are_kept() -> None:
    log = Log()
    chunks: Iterator[Chunk] = iter([Chunk(0.5, b"data: 1\n\n"), Chunk(0.25, b"data: 2\n\n")])
    response = Response(200, {"content-type": "text/event-stream"}, chunks)

    drained(log.answer(log.open("POST", "/", {}, b"", real()), response))

    assert log[0].response.delays == [0.5, 0.25]
    assert log[0].response.events == [1, 2]


def test_the_newest_are_kept_when_there_are_too_many() -> None:
    log = Log(most=3)

    for _ in range(5):
        logged(log)

    assert [exchange.number for exchange in log] == [3, 4, 5]
    assert log.opened == 5
    assert log.numbered(2) is None
    assert log.numbered(4) is log[1]


def test_bodies_count_against_the_bytes_that_may_be_kept() -> None:
    log = Log(most_bytes=100_000)

    logged(log, request=b"a" * 60_000)
    logged(log, answer=b"b" * 60_000)
    assert [exchange.number for exchange in log] == [2]

    logged(log, request=b"c" * 1_000_000)
    assert [exchange.number for exchange in log] == [3]

    logged(log)
    assert [exchange.number for exchange in log] == [4]


def test_a_stream_that_ends_after_it_was_forgotten_is_not_counted() -> None:
    log = Log(most=1, most_bytes=50_000)
    stream = log.answer(log.open("POST", "/", {}, b"", real()), Response(200, {}, iter([Chunk(0, b"x" * 100_000)])))

    logged(log)
    drained(stream)
    logged(log)

    assert [exchange.number for exchange in log] == [3]
    assert log._size < 5_000


def test_changes_are_told_apart_by_revision() -> None:
    log = Log()
    logged(log)
    seen = log.revision
    stream = log.answer(log.open("POST", "/", {}, b"", real()), Response(200, {}, iter([Chunk(0, b"x")])))

    assert [exchange.number for exchange in log.changed(seen)] == [2]
    seen = log.revision
    assert log.changed(seen) == []
    drained(stream)
    assert [exchange.number for exchange in log.changed(seen)] == [2]


def test_a_cleared_log_goes_on_with_new_numbers() -> None:
    emulator = Emulator()
    emulator.respond("GET", "/", {}, b"")
    emulator.requests.clear()
    emulator.respond("GET", "/", {}, b"")

    assert [request.number for request in emulator.requests] == [2]


def test_a_log_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one exchange at least, not 0"):
        Log(most=0)
