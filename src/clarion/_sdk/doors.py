"""Calls through a client of the SDK, in two colours.

They go through its documented low-level `post`, so that its retries, middleware and tracing hold, and bring back bytes,
not objects.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._reply import read_message, read_token_count
from clarion._sdk.belonging import ClientOfLoop, ClientOfProcess
from clarion._sdk.replies import reply_of, request_id_of
from clarion._sdk.streams import AsyncEventStream, EventStream, Lines
from clarion._sdk.unsent import named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    import httpx2
    from anthropic import Anthropic, AsyncAnthropic
    from anthropic._types import RequestOptions

    from clarion._reply import Reply
    from clarion._steps import Count, Send

MESSAGES = "/v1/messages"
COUNT_TOKENS = "/v1/messages/count_tokens"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whatever answered a call: its status, headers and body, how long it took, and when it came, both in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    at: float


class Door:
    """Calls through a synchronous SDK client; if it `is_ours`, over connections of the process that calls."""

    def __init__(self, client: Anthropic, *, is_ours: bool = False) -> None:
        self._client = ClientOfProcess(client, is_ours=is_ours)

    @property
    def client(self) -> Anthropic:
        """The client for this process."""
        return self._client.here()

    def send(self, send: Send) -> Reply:
        """Make one call and return its whole reply, streamed underneath if `send.stream` says so."""
        if send.stream:
            with self.open(send) as stream:
                for _ in stream:
                    pass
                return stream.reply()
        start = time.monotonic()
        response = self._post(MESSAGES, send)
        message = read_message(response.content, request_id_of(response))
        return reply_of(message, response, start)

    @contextlib.contextmanager
    def open(self, send: Send) -> Iterator[EventStream]:
        """Open a stream; leaving the context closes the connection, even in the middle of an answer."""
        from anthropic import Stream

        start = time.monotonic()
        with named(send.body):
            client = self.client
            stream = client.post(
                MESSAGES,
                cast_to=object,
                body={**send.body, "stream": True},
                options=_options(send, client),
                stream=True,
                stream_cls=Stream[object],
            )
        try:
            yield EventStream(stream.response, start, send)
        finally:
            stream.response.close()

    def count(self, count: Count) -> int:
        """Ask the API how many input tokens a request has."""
        response = self._post(COUNT_TOKENS, count)
        return read_token_count(response.content, request_id_of(response))

    def probe(self, method: str, path: str, body: bytes | None, *, timeout: float) -> Answer:
        """Make one call, once, and return whatever answers, errors of the API too."""
        from anthropic import APIResponse, APIStatusError

        options: RequestOptions = {"timeout": timeout, "max_retries": 0}
        start = time.monotonic()
        with named():
            try:
                if body is None:
                    got = self.client.get(path, cast_to=APIResponse[object], options=options)
                else:
                    options["headers"] = {"content-type": "application/json"}
                    got = self.client.post(path, cast_to=APIResponse[object], content=body, options=options)
                response = got.http_response
            except APIStatusError as error:
                response = error.response
        return Answer(response.status_code, response.headers, response.content, time.monotonic() - start, time.time())

    def _post(self, path: str, call: Send | Count) -> httpx2.Response:
        from anthropic import APIResponse

        with named(call.body):
            client = self.client
            answer = client.post(path, cast_to=APIResponse[object], body=call.body, options=_options(call, client))
        return answer.http_response


class AsyncDoor:
    """Calls through an asynchronous SDK client; if it `is_ours`, over connections of the loop that calls."""

    def __init__(self, client: AsyncAnthropic, *, is_ours: bool = False) -> None:
        self._client = ClientOfLoop(client, is_ours=is_ours)

    @property
    def client(self) -> AsyncAnthropic:
        """The client for this process and loop."""
        return self._client.here()

    async def close(self) -> None:
        """Close the connections of all loops of this process."""
        await self._client.close()

    async def send(self, send: Send) -> Reply:
        """Make one call and return its whole reply, streamed underneath if `send.stream` says so."""
        if send.stream:
            async with self.open(send) as stream:
                async for _ in stream:
                    pass
                return stream.reply()
        start = time.monotonic()
        response = await self._post(MESSAGES, send)
        message = read_message(response.content, request_id_of(response))
        return reply_of(message, response, start)

    @contextlib.asynccontextmanager
    async def open(self, send: Send) -> AsyncIterator[AsyncEventStream]:
        """Open a stream; leaving the context closes the connection, even in the middle of an answer."""
        from anthropic import AsyncStream

        start = time.monotonic()
        with named(send.body):
            client = await self._client.connected()
            stream = await client.post(
                MESSAGES,
                cast_to=object,
                body={**send.body, "stream": True},
                options=_options(send, client),
                stream=True,
                stream_cls=AsyncStream[object],
            )
        try:
            yield AsyncEventStream(stream.response, start, send)
        finally:
            await stream.response.aclose()

    async def count(self, count: Count) -> int:
        """Ask the API how many input tokens a request has."""
        response = await self._post(COUNT_TOKENS, count)
        return read_token_count(response.content, request_id_of(response))

    async def fetch(self, path: str, *, query: Mapping[str, object] | None = None) -> bytes:
        """Return the body of an answer to `GET`."""
        from anthropic import AsyncAPIResponse

        with named():
            answer = await (await self._client.connected()).get(
                path, cast_to=AsyncAPIResponse[object], options={"params": query or {}, "max_retries": 0}
            )
        return answer.http_response.content

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Post bytes of JSON, and return the body of the answer."""
        from anthropic import AsyncAPIResponse

        headers = {"content-type": "application/json", **headers}
        with named():
            answer = await (await self._client.connected()).post(
                path, cast_to=AsyncAPIResponse[object], content=body, options={"headers": headers, "max_retries": 0}
            )
        return answer.http_response.content

    @contextlib.asynccontextmanager
    async def open_lines(self, path: str) -> AsyncIterator[Lines]:
        """Open an answer that is read line by line. Reading raises StreamInterrupted when the connection breaks."""
        from anthropic import AsyncStream

        with named():
            stream = await (await self._client.connected()).get(
                path, cast_to=object, options={"max_retries": 0}, stream=True, stream_cls=AsyncStream[object]
            )
        try:
            yield Lines(stream.response)
        finally:
            await stream.response.aclose()

    async def _post(self, path: str, call: Send | Count) -> httpx2.Response:
        from anthropic import AsyncAPIResponse

        with named(call.body):
            client = await self._client.connected()
            answer = await client.post(
                path, cast_to=AsyncAPIResponse[object], body=call.body, options=_options(call, client)
            )
        return answer.http_response


def _options(call: Send | Count, client: Anthropic | AsyncAnthropic) -> RequestOptions:
    options: RequestOptions = {"headers": call.headers, "max_retries": 0}  # a turn has its own policy
    if call.timeout is not None:
        options["timeout"] = call.timeout
    if call.left is not None:
        options["timeout"] = _shorter(client.timeout if call.timeout is None else call.timeout, call.left)
    return options


def _shorter(timeout: float | httpx2.Timeout | None, left: float) -> float | httpx2.Timeout:
    """Return a timeout with nothing in it that is longer than what is left."""
    import httpx2

    bounds = httpx2.Timeout(timeout).as_dict()
    return httpx2.Timeout(**{name: left if bound is None else min(bound, left) for name, bound in bounds.items()})
