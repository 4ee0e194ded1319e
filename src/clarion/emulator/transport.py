"""The emulator in process: httpx2 transports for the official SDK's sync and async clients, streaming chunk
by chunk.

    anthropic.Anthropic(api_key="any", http_client=httpx2.Client(transport=EmulatorTransport(Emulator())))

httpx2's own ASGI transport collects a whole answer before handing it on; these do not. A delay longer than the
request's read timeout, and a connection that a script breaks, raise what httpx2 raises over a socket.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx2

from clarion.emulator.wire import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from clarion.emulator.app import Emulator
    from clarion.emulator.wire import Chunk, Response

__all__ = ["AsyncEmulatorTransport", "EmulatorTransport"]


class EmulatorTransport(httpx2.BaseTransport):
    """Serves an emulator to `httpx2.Client`. Delays are slept in the thread that reads the answer."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; the body of a stream is made while it is read."""
        try:
            response = _respond(self._emulator, request, request.read())
        except ConnectionLost as lost:
            _sleep(lost.delay, request)
            raise _unanswered(lost, request) from None
        _sleep(response.delay, request)
        if isinstance(response.body, bytes):
            return httpx2.Response(response.status, headers=response.headers, content=response.body)
        stream = _Stream(response.body, request)
        return httpx2.Response(response.status, headers=response.headers, stream=stream)


class AsyncEmulatorTransport(httpx2.AsyncBaseTransport):
    """Serves an emulator to `httpx2.AsyncClient` on asyncio."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; the body of a stream is made while it is read."""
        try:
            body = await request.aread()
            if self._emulator.is_slow:
                response = await asyncio.to_thread(_respond, self._emulator, request, body)
            else:
                response = _respond(self._emulator, request, body)
        except ConnectionLost as lost:
            await _pause(lost.delay, request)
            raise _unanswered(lost, request) from None
        if response.delay:
            await _pause(response.delay, request)
        if isinstance(response.body, bytes):
            return httpx2.Response(response.status, headers=response.headers, content=response.body)
        stream = _AsyncStream(response.body, request)
        return httpx2.Response(response.status, headers=response.headers, stream=stream)


class _Stream(httpx2.SyncByteStream):
    def __init__(self, chunks: Iterator[Chunk], request: httpx2.Request) -> None:
        self._chunks = chunks
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._chunks:
                _sleep(chunk.delay, self._request)
                yield chunk.data
        except ConnectionLost as lost:
            raise _unfinished(lost, self._request) from None

    def close(self) -> None:
        self._chunks = iter(())


class _AsyncStream(httpx2.AsyncByteStream):
    def __init__(self, chunks: Iterator[Chunk], request: httpx2.Request) -> None:
        self._chunks = chunks
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            for chunk in self._chunks:
                await _pause(chunk.delay, self._request)
                yield chunk.data
        except ConnectionLost as lost:
            raise _unfinished(lost, self._request) from None

    async def aclose(self) -> None:
        self._chunks = iter(())


def _respond(emulator: Emulator, request: httpx2.Request, body: bytes) -> Response:
    return emulator.respond(request.method, request.url.raw_path.decode(), request.headers, body)


def _sleep(delay: float, request: httpx2.Request) -> None:
    if delay:
        time.sleep(_patience(delay, request))
        _check(delay, request)


async def _pause(delay: float, request: httpx2.Request) -> None:
    await asyncio.sleep(_patience(delay, request))
    _check(delay, request)


def _patience(delay: float, request: httpx2.Request) -> float:
    """Return how long the client waits for something that takes `delay`: no longer than its read timeout."""
    limit: float | None = request.extensions.get("timeout", {}).get("read")
    return delay if limit is None else min(delay, limit)


def _check(delay: float, request: httpx2.Request) -> None:
    if _patience(delay, request) < delay:
        raise httpx2.ReadTimeout("The read operation timed out", request=request)


def _unanswered(lost: ConnectionLost, request: httpx2.Request) -> httpx2.TransportError:
    if lost.is_reset:
        return httpx2.ReadError("[Errno 104] Connection reset by peer", request=request)
    return httpx2.RemoteProtocolError("Server disconnected without sending a response.", request=request)


def _unfinished(lost: ConnectionLost, request: httpx2.Request) -> httpx2.TransportError:
    if lost.is_reset:
        return httpx2.ReadError("[Errno 104] Connection reset by peer", request=request)
    return httpx2.RemoteProtocolError("peer closed connection without sending complete message body", request=request)
