"""Whatever was asked and answered can be looked at: by a proxy, by an upstream that is no API, by a broken client."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator import Chunk, Emulator, Response
from clarion.emulator.clock import real
from clarion.emulator.control import Console

WORDS = ("type", "message", "error", "usage", "content", "text", "model", "role", "user", "delta", "index", "stream")
MORE = ("messages", "content_block", "message_start", "content_block_start", "content_block_delta", "text_delta")
ENDS = (
    "content_block_stop",
    "message_delta",
    "input_tokens",
    "output_tokens",
    "partial_json",
    "citation",
    "stop_reason",
)
NAMES = st.sampled_from((*WORDS, *MORE, *ENDS, "input_json_delta", "citations_delta", "claude-opus-5-5", "refusal"))
LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | NAMES
DATA: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=12
)
FIELDS = st.dictionaries(NAMES, DATA, max_size=4)
EVENTS = ("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "error")
EVENT = st.fixed_dictionaries(
    {"type": st.sampled_from(EVENTS)},
    optional={"message": FIELDS, "content_block": FIELDS, "delta": FIELDS, "usage": DATA, "error": DATA},
)


def frames(events: list[Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


@given(
    asked=DATA,
    answered=DATA | FIELDS,
    events=st.lists(EVENT | DATA, max_size=6),
    path=st.sampled_from(["/v1/messages", "/other"]),
)
def test_any_exchange_can_be_listed_and_shown(asked: Any, answered: Any, events: list[Any], path: str) -> None:
    emulator = Emulator()
    log, console = emulator.requests, Console(emulator)
    body = json.dumps(asked).encode()
    plain = Response(200, {"content-type": "application/json"}, json.dumps(answered).encode())
    stream = Response(200, {"content-type": "text/event-stream"}, iter([Chunk(0.0, frames(events))]))
    for response in (plain, stream):
        sent = log.answer(log.open("POST", path, {}, body, real()), response).body
        assert isinstance(sent, bytes) or list(sent)

    for place in ("requests", "requests/1", "requests/2", "verdict"):
        assert console.respond("GET", f"/_emulator/{place}", {}, b"").status == 200
    for exchange in log:
        assert isinstance(exchange.text, str)
        assert isinstance(exchange.response.text, str)
        assert isinstance(exchange.response.usage, dict)
