"""A server that answers at once, in process: what is left is the client's own work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import anthropic
import httpx2
import orjson

EVENTS = 2000
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-5-5",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
DELTA = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "some words"}}
STREAM = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    *[DELTA] * EVENTS,
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 5},
    },
    {"type": "message_stop"},
]
CHUNKS = [b"event: %s\ndata: %s\n\n" % (str(event["type"]).encode(), orjson.dumps(event)) for event in STREAM]


class Chunks(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """The stream, an event at a time."""

    def __iter__(self) -> Iterator[bytes]:
        yield from CHUNKS

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in CHUNKS:
            yield chunk


class Instant(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers every request with the same message, streamed if that is asked for."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return _answer(request.read())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return _answer(await request.aread())


def _answer(body: bytes) -> httpx2.Response:
    headers = {"request-id": "req_1"}
    if b'"stream":true' in body:
        return httpx2.Response(200, headers={**headers, "content-type": "text/event-stream"}, stream=Chunks())
    return httpx2.Response(200, headers={**headers, "content-type": "application/json"}, content=orjson.dumps(MESSAGE))


def sdk() -> anthropic.Anthropic:
    """Return the SDK's client on this server."""
    return anthropic.Anthropic(api_key="k", http_client=httpx2.Client(transport=Instant()))


def async_sdk() -> anthropic.AsyncAnthropic:
    """Return the SDK's asynchronous client on this server."""
    return anthropic.AsyncAnthropic(api_key="k", http_client=httpx2.AsyncClient(transport=Instant()))
