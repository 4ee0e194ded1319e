"""Answers that are not quite what the API gives, as gateways make them: read, or refused by name."""

from __future__ import annotations

import contextlib
import copy
import functools
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breaking import TOOLS
from clarion import ClarionError, ClaudeConfig, ClaudeService, NotAMessageError, RetryPolicy, StreamInterrupted
from clarion._reply import Assembly, text_of
from clarion.emulator import Emulator, script
from colours import Make
from wire import sse

HEADERS = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
ONCE = ClaudeConfig(retry=RetryPolicy(attempts=1), max_rounds=2)
WRONG: list[Any] = [None, True, -1, 1.5, 10**18, "", "x", [], {}, [1], [[]], {"type": "x"}, {"type": []}]
ERROR = [{"type": "error", "error": {"type": "overloaded_error", "message": "x"}}]


@functools.cache
def answers() -> tuple[list[Any], list[Any]]:
    """Sound answers, whole and as the events of streams: of text, a call of a tool and a search."""
    emulator, whole, streamed = Emulator(), [], [ERROR]
    for prompt in ("Hi", "What is the weather in Oslo?", "Search the web for harbour dues."):
        body = {"model": "claude-sonnet-5", "max_tokens": 4000, "tools": TOOLS, "thinking": {"type": "adaptive"}}
        for stream in (False, True):
            asked = body | {"messages": [{"role": "user", "content": prompt}], "stream": stream}
            came = emulator.respond("POST", "/v1/messages", HEADERS, orjson.dumps(asked)).body
            if isinstance(came, bytes):
                whole.append(orjson.loads(came))
            else:
                frames = b"".join(chunk.data for chunk in came).split(b"\n\n")[:-1]
                events = [orjson.loads(frame.partition(b"\ndata: ")[2]) for frame in frames]
                streamed.append([*events[:12], *events[-6:]])
    return whole, streamed


@st.composite
def changed(draw: st.DrawFn, index: int) -> Any:
    """A sound answer in which up to two values are others, or missing."""
    value = copy.deepcopy(draw(st.deferred(lambda: st.sampled_from(answers()[index]))))
    for _ in range(draw(st.integers(1, 2))):
        holder: Any = None
        key: Any = None
        inner = value
        while isinstance(inner, dict | list) and inner and (holder is None or draw(st.integers(0, 3))):
            holder, key = inner, draw(st.sampled_from([*inner] if isinstance(inner, dict) else range(len(inner))))
            inner = inner[key]
        if holder is not None and draw(st.integers(0, 4)):
            holder[key] = copy.deepcopy(draw(st.sampled_from(WRONG)))
        elif holder is not None:
            del holder[key]
    return value


@pytest.mark.filterwarnings("ignore")
@given(changed(0))
@settings(max_examples=100)
def test_a_whole_answer_is_read_or_refused_by_name(message: Any) -> None:
    emulator = Emulator(script=[script.body(orjson.dumps(message))] * 3)

    with ClaudeService(emulate=emulator, config=ONCE) as claude, contextlib.suppress(ClarionError):
        done = claude.complete("Hi")
        assert isinstance(done.text + done.thinking, str)
        for name in ("tool_calls", "citations", "truncated", "model", "usage", "cost", "attempts", "messages"):
            getattr(done, name)
        repr(done)


@given(changed(1), st.integers(1, 2000))
@settings(max_examples=300)
@example([{"type": "error", "error": "boom"}], 2000)
def test_a_stream_is_read_or_refused_by_name(events: Any, size: int) -> None:
    stream = b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events)
    assembly = Assembly("req_1")

    with contextlib.suppress(StreamInterrupted, NotAMessageError):
        for start in range(0, len(stream), size):
            for event in assembly.feed(stream[start : start + size]):
                text_of(event)
            assert isinstance(assembly.text, str)
        assert isinstance(assembly.message()["content"], list)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"content": ["Hi"]}, "its content block 0 is no object with a type"),
        ({"content": [{"type": "text", "text": None}]}, "block 0 is of type text, and its text is None"),
        ({"content": [{"type": "tool_use", "name": "x", "input": {}}]}, "type tool_use, and its id is None"),
        ({"content": [{"type": "tool_use", "id": "t", "name": "x"}]}, "has no input"),
        ({"stop_reason": ["end_turn"]}, r"its stop_reason is \['end_turn'\]"),
        ({"usage": {"input_tokens": "12"}}, "its usage has input_tokens='12'"),
        ({"usage": {"iterations": [7]}}, "has the iteration 7"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(make_claude: Make, fields: dict[str, Any], why: str) -> None:
    sound = {"type": "message", "role": "assistant", "model": "claude-sonnet-5", "content": [], "usage": {}}
    emulator = Emulator(script=[script.body(orjson.dumps(sound | fields))] * 3)

    with pytest.raises(NotAMessageError, match=why):
        make_claude(emulate=emulator, config=ONCE).complete("Hi")


def test_an_error_within_a_stream_that_is_none_interrupts_it() -> None:
    with pytest.raises(StreamInterrupted, match="an event of type error is malformed"):
        list(Assembly("req_1").feed(sse({"type": "error", "error": "boom"})))
