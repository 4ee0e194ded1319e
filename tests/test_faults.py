"""Answers that are none, over real sockets, in both colours: each must end in an error with a name."""

from __future__ import annotations

import anthropic
import pytest

from clarion import ClaudeConfig, NotAMessageError, RetryPolicy, StreamInterrupted
from colours import Make
from wire import END, HELLO, OVERLOADED, START, STOP, TEXT_START, TEXT_STOP, http, saying, sse, streamed

ONCE = ClaudeConfig(retry=RetryPolicy(attempts=1))
HTML = b"<!DOCTYPE html><html><body>Please log in to the proxy</body></html>"

NO_MESSAGES = {
    "HTML of a proxy": http(HTML, kind="text/html"),
    "an empty body": http(b""),
    "half a JSON text": http(b'{"id": "msg_1", "type": "mess'),
    "JSON that is no object": http(b"[1, 2]"),
    "an object of another type": http(b'{"type": "error", "error": {"type": "api_error", "message": "no"}}'),
    "a message without content": http(b'{"type": "message", "role": "assistant"}'),
}

NO_STREAMS = {
    "HTML of a proxy": http(HTML, kind="text/html"),
    "an empty body": http(b"", kind="text/event-stream"),
    "a message that is not streamed": http(b'{"type": "message", "content": []}'),
}

BROKEN_STREAMS = {
    "ends after its start": (streamed(START), ""),
    "ends without message_stop": (streamed(START, TEXT_START, HELLO, TEXT_STOP, END), "Hello"),
    "ends in the middle of an event": (http(sse(START, TEXT_START, HELLO)[:-20], kind="text/event-stream"), ""),
    "promises more than it sends": (streamed(START, TEXT_START, HELLO, length=100_000), "Hello"),
    "has an event that is not JSON": (http(sse(START, TEXT_START, HELLO) + b"data: <html>\n\n"), "Hello"),
    "has a malformed event": (http(sse(START, TEXT_START, HELLO, {"type": "content_block_delta"})), "Hello"),
    "has no message_start": (http(sse(TEXT_START, HELLO, TEXT_STOP, END, STOP)), "Hello"),
}


@pytest.fixture(params=["plain", "streamed underneath"])
def max_tokens(request: pytest.FixtureRequest) -> int:
    """Both ways in which `complete` brings an answer home."""
    return 1000 if request.param == "plain" else 30_000


@pytest.mark.parametrize("answer", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_an_answer_that_is_no_message_is_an_error_with_a_name(make_claude: Make, answer: bytes) -> None:
    with saying(answer) as url, pytest.raises(NotAMessageError) as error:
        make_claude(api_key="k", base_url=url, config=ONCE).complete("Hi", max_tokens=1000)

    assert error.value.request_id == "req_wire"
    assert answer.endswith(error.value.body)


@pytest.mark.parametrize("answer", NO_STREAMS.values(), ids=NO_STREAMS)
def test_a_stream_that_is_none_is_an_error_with_a_name(make_claude: Make, answer: bytes) -> None:
    with saying(answer) as url, pytest.raises(NotAMessageError) as error:
        make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi").finish()

    assert answer.endswith(error.value.body)


@pytest.mark.parametrize(("answer", "text"), BROKEN_STREAMS.values(), ids=BROKEN_STREAMS)
def test_a_broken_stream_is_an_error_that_carries_its_text(make_claude: Make, answer: bytes, text: str) -> None:
    seen: list[str] = []
    with saying(answer) as url:
        stream = make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi")
        with pytest.raises(StreamInterrupted) as error:
            seen.extend(stream)

    assert "".join(seen) == text
    assert error.value.text == text
    assert error.value.request_id == "req_wire"


def test_a_broken_stream_underneath_complete_is_the_same_error(make_claude: Make) -> None:
    with saying(streamed(START, TEXT_START, HELLO)) as url, pytest.raises(StreamInterrupted) as error:
        make_claude(api_key="k", base_url=url, config=ONCE).complete("Hi", max_tokens=64_000)

    assert error.value.text == "Hello"


def test_an_error_event_gives_its_type_after_the_text_before_it(make_claude: Make) -> None:
    seen: list[str] = []
    with saying(streamed(START, TEXT_START, HELLO, OVERLOADED)) as url:
        stream = make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi")
        with pytest.raises(StreamInterrupted, match="Overloaded") as error:
            seen.extend(stream)

    assert seen == ["Hello"]
    assert error.value.error_type == "overloaded_error"


def test_a_reset_in_the_middle_of_a_stream_is_an_interruption(make_claude: Make) -> None:
    with saying(streamed(START, TEXT_START, HELLO, length=100_000), reset=True) as url:
        stream = make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi")
        with pytest.raises(StreamInterrupted):
            list(stream)


def test_a_stream_that_stalls_is_an_interruption_after_the_timeout(make_claude: Make) -> None:
    seen: list[str] = []
    with saying(streamed(START, TEXT_START, HELLO, length=100_000), hold=True) as url:
        stream = make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi", timeout=0.2)
        with pytest.raises(StreamInterrupted, match="timeout"):
            seen.extend(stream)

    assert seen == ["Hello"]


def test_a_count_that_is_none_is_an_error_with_a_name(make_claude: Make) -> None:
    with saying(http(b"{}")) as url, pytest.raises(NotAMessageError, match="input_tokens"):
        make_claude(api_key="k", base_url=url, config=ONCE).count_tokens("Hi")


def test_a_server_that_cannot_be_reached_is_the_sdks_error(make_claude: Make) -> None:
    claude = make_claude(api_key="k", base_url="http://127.0.0.1:9", config=ONCE)

    with pytest.raises(anthropic.APIConnectionError):
        claude.complete("Hi")


def test_events_and_deltas_of_unknown_kinds_are_passed_over(make_claude: Make) -> None:
    strange = {"type": "content_block_delta", "index": 0, "delta": {"type": "glow_delta", "glow": 3}}
    answer = streamed(START, {"type": "ping"}, {"type": "novelty"}, TEXT_START, strange, HELLO, TEXT_STOP, END, STOP)

    with saying(answer) as url, make_claude(api_key="k", base_url=url, config=ONCE).stream("Hi") as stream:
        completion = stream.finish()

    assert completion.text == "Hello"
    assert completion.usage.output_tokens == 5
    assert completion.usage.input_tokens == 10
