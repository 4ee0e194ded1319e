from __future__ import annotations

import time
from typing import Any

import anthropic
import pytest

import clarion
from clarion.emulator import Emulator
from clarion.emulator.script import say
from colours import Make
from wire import RememberingEmulator


def test_the_text_of_a_stream_is_the_text_of_its_completion(claude: Any) -> None:
    with claude.stream("Tell me of the sea.") as stream:
        pieces = list(stream)

    assert len(pieces) > 1
    assert "".join(pieces) == stream.completion.text
    assert stream.completion.stop_reason == "end_turn"


def test_a_stream_ends_with_what_complete_returns(claude: Any) -> None:
    whole = claude.complete("Tell me of the sea.", thinking="high")
    with claude.stream("Tell me of the sea.", thinking="high") as stream:
        streamed = stream.finish()

    assert streamed.content == whole.content
    assert streamed.usage == whole.usage
    assert streamed.time_to_first_token is not None
    assert streamed.time_to_first_token <= streamed.latency


def test_the_events_of_a_stream_are_the_sdks_own(claude: Any) -> None:
    with claude.stream("Hi") as stream:
        events = list(stream.events())

    assert isinstance(events[0], anthropic.types.RawMessageStartEvent)
    assert isinstance(events[-1], anthropic.types.RawMessageStopEvent)
    text = "".join(e.delta.text for e in events if e.type == "content_block_delta" and e.delta.type == "text_delta")
    assert text == stream.completion.text


def test_an_unfinished_stream_has_text_but_no_completion(claude: Any) -> None:
    with claude.stream("Tell me of the sea.") as stream:
        first = next(iter(stream))

    with pytest.raises(clarion.UnfinishedStreamError) as unfinished:
        _ = stream.completion
    assert unfinished.value.text == stream.text
    assert stream.text.startswith(first)


def test_a_stream_that_was_begun_can_be_finished(claude: Any) -> None:
    with claude.stream("Tell me of the sea.") as stream:
        next(iter(stream))
        completion = stream.finish()

    assert "Tell me of the sea." in completion.text


def test_leaving_a_stream_does_not_wait_for_its_end(make_claude: Make) -> None:
    claude = make_claude(emulate=Emulator(tokens_per_second=5))  # the whole answer would take half a minute
    start = time.monotonic()

    with claude.stream("Tell me of the sea.", model="claude-haiku-5-5", thinking="off") as stream:
        first = next(iter(stream))

    assert stream.text == first
    assert time.monotonic() - start < 15


def test_a_wrong_prompt_is_refused_when_the_stream_is_entered(claude: Any, emulator: RememberingEmulator) -> None:
    with pytest.raises(clarion.InvalidPromptError), claude.stream(""):
        pass

    assert emulator.bodies == []


def test_an_error_of_the_api_comes_when_the_stream_is_entered(claude: Any) -> None:
    with pytest.raises(anthropic.NotFoundError), claude.stream("Hi", model="claude-unheard-of"):
        pass


def test_a_stream_can_be_read_without_a_context(claude: Any) -> None:
    stream = claude.stream("Hi")

    assert "".join(stream) == stream.completion.text


def test_a_stream_that_was_read_is_not_entered_again(claude: Any) -> None:
    stream = claude.stream("Hi")
    with stream:
        stream.finish()

    with pytest.raises(RuntimeError, match="call stream\\(\\) again"), stream:
        pass


def test_a_stream_shows_how_far_it_is(make_claude: Make) -> None:
    stream = make_claude(emulate=Emulator(script=[say("Ships.")])).stream("Hi")

    assert "CompletionStream('', finished=False)" in repr(getattr(stream, "_target", stream))
    with stream:
        stream.finish()
    assert "CompletionStream('Ships.', finished=True)" in repr(getattr(stream, "_target", stream))
